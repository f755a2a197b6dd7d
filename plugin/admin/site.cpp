// SPDX-License-Identifier: Apache-2.0
#include "admin/site.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ostream>

#include "admin/with_rights.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/nearest.h"
#include "base/principal_name.h"
#include "base/quote.h"

namespace reseal::admin {
namespace {

constexpr const char* name_remedy = "1 to 64 of A-Z a-z 0-9 . _ -, without a leading dot";

Checked<Descriptor> lock_site(const std::string& folder) {
    const WithRights owner(Whose::owner);
    Descriptor handle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));  // NOLINT(*-vararg)
    int code = handle ? ::flock(handle.get(), LOCK_EX) : -1;
    while (handle && code != 0 && errno == EINTR) {
        code = ::flock(handle.get(), LOCK_EX);
    }
    if (code != 0) {
        return system_fault(folder, "locking it", "it must be the folder that 'provision init' made");
    }
    return handle;
}

}  // namespace

std::string config_path(const std::string& folder) {
    return folder + "/reseal.yaml";
}
std::string authority_certificate(const std::string& folder) {
    return folder + "/ca/ca.crt";
}
std::string authority_key(const std::string& folder) {
    return folder + "/ca/ca.key";
}
std::string broker_certificate(const std::string& folder) {
    return folder + "/broker/broker.crt";
}
std::string broker_key(const std::string& folder) {
    return folder + "/broker/broker.key";
}
std::string principals_folder(const std::string& folder) {
    return folder + "/principals";
}

std::string principal_certificate(const std::string& folder, const std::string& id) {
    return principals_folder(folder).append("/").append(id).append("/").append(id).append(".crt");
}

std::string principal_key(const std::string& folder, const std::string& id) {
    return principals_folder(folder).append("/").append(id).append("/").append(id).append(".key");
}

Checked<config::Config> read_config(const std::string& path) {
    auto text = read_file(path, config::config_most);
    return text ? config::parse_config(*text, path) : text.error();
}

Checked<policy::Acl> read_acl(const std::string& path) {
    auto text = read_file(path, config::acl_most);
    return text ? config::parse_acl(*text, path) : text.error();
}

Checked<Site> open_site(const std::string& folder) {
    work_as_owner_of(folder);
    const std::string path = config_path(folder);
    auto config = read_config(path);
    if (!config) {
        Fault fault = config.error();
        if (::access(path.c_str(), F_OK) != 0) {
            fault.remedy = "name the site's folder, as in --dir /etc/reseal";
        }
        return fault;
    }
    work_as_broker(*config);
    return Site{folder, std::move(*config)};
}

Checked<HeldSite> hold_site(const std::string& folder) {
    auto site = open_site(folder);
    auto lock = site ? lock_site(folder) : site.error();
    return lock ? Checked<HeldSite>(HeldSite{std::move(*site), std::move(*lock)}) : lock.error();
}

Checked<keyring::AdminRegistry> open_registry(const Site& site) {
    return keyring::AdminRegistry::open(site.config.registry, keyring::writer_patience);
}

Checked<keyring::AdminRegistry> open_registry(const std::string& folder) {
    const auto site = open_site(folder);
    return site ? open_registry(*site) : site.error();
}

Checked<Done> check_principal_name(const std::string& option, const std::string& id) {
    // It is also a folder's name: not '.' or '..', and not hidden.
    if (!valid_principal(id) || id.front() == '.') {
        return Fault{{}, 0, option, quote(id) + " is not a valid principal name", name_remedy};
    }
    return Done{};
}

Checked<Done> check_role_name(const std::string& option, const std::string& role) {
    if (!valid_principal(role)) {
        return Fault{{}, 0, option, quote(role) + " is not a valid role name", name_remedy};
    }
    return Done{};
}

Checked<Done> check_roles(const Site& site, const std::vector<std::string>& roles, std::ostream& warn) {
    const auto acl = read_acl(site.config.acl);
    if (!acl) {
        return acl.error();
    }
    std::string known;
    std::vector<std::string_view> names;
    for (const auto& [name, grants] : acl->roles) {
        known.append(known.empty() ? "" : ", ").append(name);
        names.push_back(name);
    }
    for (const std::string& role : roles) {
        if (acl->roles.contains(role)) {
            continue;
        }
        if (const std::string_view meant = nearest(role, names); !meant.empty()) {
            return file_fault(
                site.config.acl, "there is no role " + quote(role),
                "did you mean " + quote(meant) + "? Its roles: " + known + "; or write the role there first");
        }
        warn << "warning: " << site.config.acl << " has no role '" << role
             << "', so that role grants nothing; its roles: " << (known.empty() ? "none" : known) << "\n";
    }
    return Done{};
}

std::vector<std::string> sorted_once(std::vector<std::string> names) {
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

}  // namespace reseal::admin
