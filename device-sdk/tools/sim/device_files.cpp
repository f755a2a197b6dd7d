// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/device_files.h"

#include <fnmatch.h>

#include <filesystem>
#include <map>
#include <optional>
#include <system_error>

namespace reseal::tools::sim {
namespace {

namespace fs = std::filesystem;

// By name, which is the file name without .json.
using Found = std::map<std::string, fs::path>;

Checked<Done> take(const fs::path& file, const std::string& pattern, Found& found) {
    const std::string name = file.stem().string();
    if (file.extension() != ".json" || fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) != 0) {
        return Done{};
    }
    const auto [first, is_new] = found.emplace(name, file);
    if (!is_new) {
        return Fault{first->second.string() + " and " + file.string(), "two devices with the same name"};
    }
    return Done{};
}

// A folder NAME stands for NAME/NAME.json, if it has one. An unreadable folder counts as empty.
std::optional<fs::path> file_at(const fs::directory_entry& entry) {
    std::error_code error;
    if (!entry.is_directory(error)) {
        return entry.path();
    }
    fs::path file = entry.path() / (entry.path().filename().string() + ".json");
    return fs::exists(file, error) ? std::optional(std::move(file)) : std::nullopt;
}

// DIR/ID.json and DIR/ID/ID.json.
Checked<Found> look_through(const SimOptions& options) {
    Found found;
    std::error_code error;
    for (fs::directory_iterator at(options.credentials_dir, error), end; !error && at != end; at.increment(error)) {
        const auto file = file_at(*at);
        if (const auto taken = file ? take(*file, options.only, found) : Done{}; !taken) {
            return taken.error();
        }
    }
    if (error) {
        return Fault{options.credentials_dir, "cannot be read: " + error.message()};
    }
    return found;
}

Checked<std::string> beside(const fs::path& credentials, const char* extension) {
    fs::path file = credentials;
    file.replace_extension(extension);
    if (std::error_code error; !fs::exists(file, error)) {
        return Fault{file.string(), "not found",
                     "with --cafile each device logs in with the certificate and the key next to its credentials"};
    }
    return file.string();
}

Checked<DeviceFiles> files_of(const fs::path& credentials, bool tls) {
    DeviceFiles files{credentials.string(), credentials.string() + ".epoch", {}, {}};
    if (!tls) {
        return files;
    }
    const auto cert = beside(credentials, ".crt");
    if (!cert) {
        return cert.error();
    }
    const auto key = beside(credentials, ".key");
    if (!key) {
        return key.error();
    }
    files.cert = *cert;
    files.key = *key;
    return files;
}

Checked<std::vector<DeviceFiles>> files_of_all(const Found& found, const SimOptions& options) {
    std::vector<DeviceFiles> devices;
    for (const auto& [name, file] : found) {
        if (options.devices > 0 && devices.size() == options.devices) {
            break;
        }
        const auto files = files_of(file, !options.common.connection.cafile.empty());
        if (!files) {
            return files.error();
        }
        devices.push_back(*files);
    }
    return devices;
}

}  // namespace

Checked<std::vector<DeviceFiles>> find_devices(const SimOptions& options) {
    const CommonOptions& common = options.common;
    if (options.credentials_dir.empty()) {
        return std::vector<DeviceFiles>{
            {common.credentials, common.state, common.connection.cert, common.connection.key}};
    }
    const auto found = look_through(options);
    if (!found) {
        return found.error();
    }
    if (found->empty() || found->size() < options.devices) {
        return Fault{options.credentials_dir,
                     std::to_string(found->size()) + " credentials files named " + options.only +
                         ".json in it and in the folders in it",
                     "export them with scripts/provision export ID --format json"};
    }
    return files_of_all(*found, options);
}

}  // namespace reseal::tools::sim
