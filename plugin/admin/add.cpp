// SPDX-License-Identifier: Apache-2.0
#include <cstdio>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <ostream>
#include <system_error>

#include "admin/commands.h"
#include "admin/principal_files.h"
#include "admin/site.h"
#include "admin/text.h"
#include "admin/with_rights.h"
#include "base/hex.h"
#include "base/private_file.h"
#include "base/quote.h"
#include "keyring/admin_registry.h"
#include "keyring/seal.h"
#include "policy/policy.h"
#include "policy/topic.h"

namespace reseal::admin {
namespace {

namespace fs = std::filesystem;

Checked<Done> check_request(const AddRequest& request) {
    if (auto name = check_principal_name("ID", request.id); !name) {
        return name;
    }
    for (const std::string& role : request.roles) {
        if (auto name = check_role_name("--role", role); !name) {
            return name;
        }
    }
    return check_one_line("--owner", request.owner);
}

Checked<Done> check_free(keyring::Registry& registry, const std::string& path, const std::string& id) {
    auto found = registry.find(id);
    if (!found) {
        return found.error();
    }
    if (found->has_value()) {
        const char* state = (*found)->revoked ? " is registered, but revoked" : " is already registered";
        return file_fault(path, quote(id) + state, "choose another name");
    }
    return Done{};
}

// Files that a killed run left in principals/ID belong to nobody, because the registry does not know the name.
Checked<Done> write_files(const AddRequest& request, const Issued& issued) {
    const WithRights owner(Whose::owner);
    const std::string place = principals_folder(request.folder).append("/").append(request.id);
    std::error_code error;
    fs::remove_all(place, error);
    auto work = write_new_principal(request.folder, request.id, issued);
    if (!work) {
        return work.error();
    }
    if (::rename(work->c_str(), place.c_str()) != 0) {
        return system_fault(place, "making it", "move whatever is there out of the way");
    }
    return sync_folder_of(place);
}

// Files first, registry last, so that a run killed in between can be repeated.
Checked<keyring::PrincipalRecord> add_to(const Site& site, const AddRequest& request, std::uint8_t algorithm) {
    auto master_key = keyring::read_master_key(site.config.master_key);
    if (!master_key) {
        return master_key.error();
    }
    auto registry = open_registry(site);
    if (!registry) {
        return registry.error();
    }
    if (auto free = check_free(*registry, site.config.registry, request.id); !free) {
        return free.error();
    }
    auto issued = issue_client(request.folder, request.id, request.certificate);
    if (!issued) {
        return issued.error();
    }
    auto certificate = registered_as(site.config, *issued);
    if (!certificate) {
        return certificate.error();
    }
    if (auto written = write_files(request, *issued); !written) {
        return written.error();
    }
    keyring::PrincipalRecord principal;
    principal.id = request.id;
    principal.roles = sorted_once(request.roles);
    principal.owner = request.owner;
    principal.certificates = {*certificate};
    principal.keys = {keyring::make_key(*master_key, request.id, algorithm, 1)};
    auto added = registry->add_all({&principal, 1}, "added", {{}, name_of_user(request.who)});
    return added ? Checked<keyring::PrincipalRecord>(std::move(principal)) : added.error();
}

}  // namespace

Checked<Done> add(const AddRequest& request, Terminal terminal) {
    if (auto checked = check_request(request); !checked) {
        return checked;
    }
    const auto algorithm = parse_algorithm(request.algorithm);
    if (!algorithm) {
        return algorithm.error();
    }
    const auto site = hold_site(request.folder);
    if (!site) {
        return site.error();
    }
    if (auto checked = check_roles(*site, request.roles, terminal.warn); !checked) {
        return checked;
    }
    auto added = add_to(*site, request, *algorithm);
    if (!added) {
        return added.error();
    }
    terminal.out << "added " << request.id << ", key " << hex(added->keys.front().id) << ", "
                 << algorithm_text(*algorithm) << "\n"
                 << "certificate: " << principal_certificate(request.folder, request.id) << "\n"
                 << "private key: " << place_of_key(request.folder, request.id, request.certificate) << "\n";
    return Done{};
}

}  // namespace reseal::admin
