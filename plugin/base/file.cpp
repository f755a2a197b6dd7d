// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <unistd.h>

#include <filesystem>
#include <optional>
#include <system_error>

#include "base/fault.h"
#include "base/regular_file.h"

namespace reseal {

namespace {

// How many bytes were read; nothing if that failed.
std::optional<std::size_t> append_some(int file, std::string& out) {
    constexpr std::size_t chunk = std::size_t{1} << 16U;
    const std::size_t before = out.size();
    out.resize(before + chunk);
    const ssize_t size = ::read(file, &out[before], chunk);
    out.resize(before + (size > 0 ? static_cast<std::size_t>(size) : 0));
    return size < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(size));
}

Checked<std::string> read_all(const std::string& path, const Checked<Descriptor>& file, std::size_t most) {
    if (!file) {
        return file.error();
    }
    std::string out;
    for (std::size_t size = 1; size > 0 && out.size() <= most;) {
        const auto read = append_some(file->get(), out);
        if (!read) {
            return system_fault(path, "reading it", "check the disk");
        }
        size = *read;
    }
    if (out.size() > most) {
        return file_fault(path, "is larger than " + std::to_string(most) + " bytes", "check that it is the right file");
    }
    return out;
}

}  // namespace

Checked<std::string> read_file(const std::string& path, std::size_t most) {
    return read_all(path, open_named(path), most);
}

Checked<std::string> read_own_file(const std::string& path, std::size_t most) {
    return read_all(path, open_own(path, O_RDONLY), most);
}

Checked<std::vector<std::string>> list_folder(const std::string& path) {
    std::error_code failed;
    std::vector<std::string> out;
    for (std::filesystem::directory_iterator entry(path, failed); !failed && entry != std::filesystem::end(entry);
         entry.increment(failed)) {
        out.push_back(entry->path());
    }
    if (failed) {
        return file_fault(path, "the folder cannot be read: " + failed.message(), "name a folder that is there");
    }
    return out;
}

}  // namespace reseal
