// SPDX-License-Identifier: Apache-2.0
// Checks this implementation against a file of test vectors, with each cryptographic library.
#include <cstdio>
#include <fstream>
#include <iostream>

#include <CLI/CLI.hpp>

#include "tools/file.h"
#include "tools/vectors/binary_file.h"
#include "tools/vectors/checks.h"

namespace reseal::vectors {
namespace {

using tools::Checked;
using tools::Fault;

constexpr int all_passed = 0;
constexpr int some_failed = 1;
constexpr int misused = 2;

Checked<VectorFile> read(const std::string& path) {
    const auto text = tools::read_whole_file(path);
    if (!text) {
        return Fault{path, "cannot be read"};
    }
    auto file = read_vectors(*text);
    return file ? std::move(file) : Fault{path, file.error().text()};
}

int check(const VectorFile& file) {
    Outcome outcome;
    for (const reseal_crypto* crypto : {reseal_crypto_openssl(), reseal_crypto_mbedtls(), reseal_crypto_psa()}) {
        check_all(file, crypto, outcome);
    }
    for (const std::string& failure : outcome.failed) {
        std::cout << failure << '\n';
    }
    std::cout << outcome.passed << " passed, " << outcome.failed.size() << " failed\n";
    return outcome.failed.empty() ? all_passed : some_failed;
}

Checked<int> write(const VectorFile& file, const std::string& path) {
    std::ofstream stream(path, std::ios::binary);
    write_binary(file, stream);
    if (!stream.flush()) {
        return Fault{path, "cannot be written"};
    }
    return all_passed;
}

// `binary`: where to write the vectors instead of checking them; empty: nowhere.
Checked<int> work(const std::string& path, const std::string& binary) {
    const auto file = read(path);
    if (!file) {
        return file.error();
    }
    return binary.empty() ? check(*file) : write(*file, binary);
}

int run(int argc, char** argv) {
    CLI::App app{"Checks the SDK against test vectors: seals, opens and refuses each with OpenSSL and with mbedTLS.",
                 "reseal-vectors"};
    std::string path;
    std::string binary;
    app.add_option("FILE.json", path, "the vectors, such as tests/vectors/reseal-v2.json")->required();
    app.add_option("--binary", binary, "checks nothing; writes the vectors to this file, for a device to read");
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& success) {
        return app.exit(success);
    } catch (const CLI::ParseError& error) {
        std::cerr << error.what() << '\n' << app.help();
        return misused;
    }
    const auto status = work(path, binary);
    if (!status) {
        std::cerr << status.error().text() << '\n';
        return misused;
    }
    return *status;
}

}  // namespace
}  // namespace reseal::vectors

int main(int argc, char** argv) {
    try {
        return reseal::vectors::run(argc, argv);
    } catch (const std::exception& error) {  // of a library, for example for lack of memory
        (void)std::fprintf(stderr, "reseal-vectors: %s\n", error.what());
        return reseal::vectors::misused;
    }
}
