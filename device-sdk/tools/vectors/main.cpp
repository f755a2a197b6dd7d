// Checks this implementation against a file of test vectors, with each cryptographic library.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <stdexcept>

#include <CLI/CLI.hpp>

#include "binary_file.h"
#include "checks.h"

namespace {

enum ExitCode { kAllPassed = 0, kSomeFailed = 1, kUsage = 2 };

reseal::vectors::VectorFile read(const std::string& path) {
    std::ifstream stream(path);
    if (!stream) {
        throw std::invalid_argument("cannot be read");
    }
    return reseal::vectors::read_vectors(nlohmann::json::parse(stream));
}

int check(const reseal::vectors::VectorFile& file) {
    reseal::vectors::Outcome outcome;
    for (const reseal_crypto* crypto : {reseal_crypto_openssl(), reseal_crypto_mbedtls()}) {
        reseal::vectors::check_all(file, crypto, outcome);
    }
    for (const std::string& failure : outcome.failed) {
        std::cout << failure << '\n';
    }
    std::cout << outcome.passed << " passed, " << outcome.failed.size() << " failed\n";
    return outcome.failed.empty() ? kAllPassed : kSomeFailed;
}

int write(const reseal::vectors::VectorFile& file, const std::string& path) {
    std::ofstream stream(path, std::ios::binary);
    reseal::vectors::write_binary(file, stream);
    if (!stream.flush()) {
        throw std::invalid_argument("'" + path + "' cannot be written");
    }
    return kAllPassed;
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
        return kUsage;
    }
    try {
        const reseal::vectors::VectorFile file = read(path);
        return binary.empty() ? check(file) : write(file, binary);
    } catch (const std::exception& error) {
        std::cerr << path << ": " << error.what() << '\n';
        return kUsage;
    }
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        (void)std::fprintf(stderr, "reseal-vectors: %s\n", error.what());
        return kUsage;
    }
}
