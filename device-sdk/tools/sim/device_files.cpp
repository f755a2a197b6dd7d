#include "tools/sim/device_files.h"

#include <fnmatch.h>

#include <filesystem>
#include <map>
#include <system_error>

#include "tools/failure.h"

namespace reseal::tools::sim {
namespace {

namespace fs = std::filesystem;

// By name, which is the file name without .json.
using Found = std::map<std::string, fs::path>;

void take(const fs::path& file, const std::string& pattern, Found& found) {
    const std::string name = file.stem().string();
    if (file.extension() != ".json" || fnmatch(pattern.c_str(), name.c_str(), FNM_PERIOD) != 0) {
        return;
    }
    const auto [first, is_new] = found.emplace(name, file);
    if (!is_new) {
        throw Failure(first->second.string() + " and " + file.string() + ": two devices of one name");
    }
}

// DIR/ID.json and DIR/ID/ID.json. An unreadable folder counts as empty.
Found look_through(const SimOptions& options) {
    Found found;
    for (const fs::directory_entry& entry : fs::directory_iterator(options.credentials_dir)) {
        if (entry.is_directory()) {
            const fs::path file = entry.path() / (entry.path().filename().string() + ".json");
            if (std::error_code error; fs::exists(file, error)) {
                take(file, options.only, found);
            }
        } else {
            take(entry.path(), options.only, found);
        }
    }
    return found;
}

std::string beside(const fs::path& credentials, const char* extension) {
    fs::path file = credentials;
    file.replace_extension(extension);
    if (!fs::exists(file)) {
        throw Failure(file.string() +
                      ": not found; with --cafile each device logs in with the certificate and the key " +
                      "beside its credentials");
    }
    return file.string();
}

DeviceFiles files_of(const fs::path& credentials, bool tls) {
    DeviceFiles files{credentials.string(), credentials.string() + ".epoch", {}, {}};
    if (tls) {
        files.cert = beside(credentials, ".crt");
        files.key = beside(credentials, ".key");
    }
    return files;
}

}  // namespace

std::vector<DeviceFiles> find_devices(const SimOptions& options) {
    const CommonOptions& common = options.common;
    if (options.credentials_dir.empty()) {
        return {{common.credentials, common.state, common.connection.cert, common.connection.key}};
    }
    const Found found = look_through(options);
    if (found.empty() || found.size() < options.devices) {
        throw Failure(options.credentials_dir + ": " + std::to_string(found.size()) + " credentials files named " +
                      options.only + ".json in it and in the folders in it; export them with " +
                      "scripts/provision export ID --format json");
    }
    std::vector<DeviceFiles> devices;
    for (const auto& [name, file] : found) {
        if (options.devices == 0 || devices.size() < options.devices) {
            devices.push_back(files_of(file, !common.connection.cafile.empty()));
        }
    }
    return devices;
}

}  // namespace reseal::tools::sim
