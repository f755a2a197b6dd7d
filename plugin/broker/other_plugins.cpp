// SPDX-License-Identifier: Apache-2.0
#include "broker/other_plugins.h"

#include <dlfcn.h>
#include <link.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string_view>

namespace reseal::broker {
namespace {

// What Mosquitto looks up in a plugin of version 5, and of versions 2 to 4.
constexpr std::array entry_points = {"mosquitto_plugin_init", "mosquitto_auth_plugin_init"};

int append_name(dl_phdr_info* object, std::size_t /*size*/, void* names) {
    static_cast<std::vector<std::string>*>(names)->emplace_back(object->dlpi_name);
    return 0;
}

// In the order in which they were loaded. The first one is the program, which has no name.
std::vector<std::string> loaded_objects() {
    std::vector<std::string> names;
    (void)::dl_iterate_phdr(append_name, &names);
    return names;
}

bool is_plugin(const std::string& path) {
    const auto close = [](void* handle) { (void)::dlclose(handle); };
    const std::unique_ptr<void, decltype(close)> handle(::dlopen(path.c_str(), RTLD_LAZY | RTLD_NOLOAD), close);
    return handle && std::ranges::any_of(entry_points, [&](const char* name) {
               const void* const found = ::dlsym(handle.get(), name);  // also looks into what it is linked with
               return found != nullptr && file_of(found) == path;
           });
}

}  // namespace

std::string file_of(const void* address) {
    Dl_info found{};
    return ::dladdr(address, &found) != 0 && found.dli_fname != nullptr ? found.dli_fname : "";
}

std::vector<std::string> plugins_before(const void* own) {
    const std::string own_file = file_of(own);
    std::vector<std::string> before;
    for (const std::string& path : loaded_objects()) {
        if (path == own_file) {
            break;
        }
        if (!path.empty() && is_plugin(path)) {
            before.push_back(path);
        }
    }
    return before;
}

std::vector<std::string> not_allowed(const std::vector<std::string>& loaded, const std::vector<std::string>& allowed) {
    std::vector<std::string> out;
    std::ranges::copy_if(loaded, std::back_inserter(out), [&](const std::string& path) {
        return std::ranges::find(allowed, std::filesystem::path(path).filename().string()) == allowed.end();
    });
    return out;
}

}  // namespace reseal::broker
