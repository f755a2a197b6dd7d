// SPDX-License-Identifier: Apache-2.0
#include "admin/broker_files.h"

#include <strings.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include "base/file.h"

namespace reseal::admin {
namespace {

namespace fs = std::filesystem;
using config::BrokerLine;

constexpr std::size_t largest_file = std::size_t{1} << 20U;

Checked<std::vector<BrokerLine>> lines_of(const std::string& path) {
    const auto text = read_file(path, largest_file);
    return text ? Checked<std::vector<BrokerLine>>(config::broker_lines(*text, path)) : text.error();
}

// Mosquitto takes the names that end in .conf, in the order of their letters without regard to case.
Checked<std::vector<std::string>> included_files(const BrokerLine& at) {
    std::error_code failed;
    std::vector<std::string> files;
    for (const fs::directory_entry& entry : fs::directory_iterator(at.value, failed)) {
        if (entry.path().extension() == ".conf") {
            files.push_back(entry.path());
        }
    }
    if (failed) {
        return Fault{at.file, at.line, at.key, "the folder cannot be read: " + failed.message(),
                     "name a folder that is there"};
    }
    std::ranges::sort(
        files, [](const std::string& a, const std::string& b) { return ::strcasecmp(a.c_str(), b.c_str()) < 0; });
    return files;
}

}  // namespace

Checked<std::vector<BrokerLine>> read_broker_files(const std::string& path) {
    auto lines = lines_of(path);
    if (!lines) {
        return lines.error();
    }
    std::vector<BrokerLine> all;
    for (BrokerLine& line : *lines) {
        if (line.key != "include_dir") {
            all.push_back(std::move(line));
            continue;
        }
        const auto files = included_files(line);
        if (!files) {
            return files.error();
        }
        for (const std::string& file : *files) {
            auto more = lines_of(file);
            if (!more) {
                return more.error();
            }
            std::ranges::move(*more, std::back_inserter(all));
        }
    }
    return all;
}

}  // namespace reseal::admin
