#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <ostream>
#include <system_error>

#include "admin/certificate.h"
#include "admin/commands.h"
#include "admin/site.h"
#include "admin/text.h"
#include "base/private_file.h"
#include "keyring/registry.h"
#include "keyring/seal.h"
#include "policy/policy.h"
#include "policy/topic.h"

namespace reseal::admin {
namespace {

namespace fs = std::filesystem;

constexpr int days_max = 3650;

Checked<Done> check_request(const AddRequest& request) {
    if (auto name = check_principal_name("ID", request.id); !name) {
        return name;
    }
    for (const std::string& role : request.roles) {
        if (auto name = check_role_name("--role", role); !name) {
            return name;
        }
    }
    if (request.days < 1 || request.days > days_max) {
        return Fault{{}, 0, "--days", std::to_string(request.days) + " is out of range", "1 to 3650"};
    }
    return check_one_line("--owner", request.owner);
}

Checked<Done> check_free(keyring::Registry& registry, const std::string& path, const std::string& id) {
    auto found = registry.find(id);
    if (!found) {
        return found.error();
    }
    if (found->has_value()) {
        const char* state = (*found)->revoked ? " is registered, and revoked" : " is registered already";
        return file_fault(path, in_quotes(id) + state, "choose another name");
    }
    return Done{};
}

Checked<Issued> issue_certificate(const AddRequest& request) {
    auto authority = Authority::open(authority_certificate(request.folder), authority_key(request.folder));
    if (!authority) {
        return authority.error();
    }
    return authority->issue(
        {request.id, CertificateRequest::Usage::client, request.days, {}, "urn:reseal:principal:" + request.id});
}

// Certificate and key into principals/ID, which appears with both or not at all. What a killed run left there belongs
// to nobody, for the registry does not know the name.
Checked<Done> write_files(const AddRequest& request, const Issued& issued) {
    const std::string work = principals_folder(request.folder) + "/.new";
    const std::string place = principals_folder(request.folder).append("/").append(request.id);
    std::error_code error;
    fs::remove_all(work, error);
    fs::remove_all(place, error);
    if (::mkdir(work.c_str(), 0700) != 0) {
        return system_fault(work, "making it", "the folder above must be writable");
    }
    const std::string stem = work + "/" + request.id;
    if (auto made = create_file(stem + ".key", as_bytes(issued.key.expose())); !made) {
        return made;
    }
    if (auto made = create_file(stem + ".crt", as_bytes(issued.certificate)); !made) {
        return made;
    }
    if (::rename(work.c_str(), place.c_str()) != 0) {
        return system_fault(place, "making it", "move what is there out of the way");
    }
    return sync_folder_of(place);
}

// Files first, registry last: a run that is killed in between can be repeated.
Checked<keyring::Principal> add_to(const Site& site, const AddRequest& request, std::uint8_t algorithm) {
    auto master_key = keyring::read_master_key(site.config.master_key);
    if (!master_key) {
        return master_key.error();
    }
    auto registry = keyring::Registry::open(site.config.registry, keyring::writer_patience);
    if (!registry) {
        return registry.error();
    }
    if (auto free = check_free(*registry, site.config.registry, request.id); !free) {
        return free.error();
    }
    auto issued = issue_certificate(request);
    if (!issued) {
        return issued.error();
    }
    if (auto written = write_files(request, *issued); !written) {
        return written.error();
    }
    keyring::Principal principal;
    principal.id = request.id;
    principal.roles = sorted_once(request.roles);
    principal.owner = request.owner;
    principal.certificates = {{issued->fingerprint, false}};
    principal.keys = {keyring::make_key(*master_key, request.id, algorithm, 1)};
    auto added = registry->add(principal);
    return added ? Checked<keyring::Principal>(std::move(principal)) : added.error();
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
    auto site = open_site(request.folder);
    if (!site) {
        return site.error();
    }
    const auto lock = lock_site(request.folder);
    if (!lock) {
        return lock.error();
    }
    auto added = add_to(*site, request, *algorithm);
    if (!added) {
        return added.error();
    }
    warn_of_unknown_roles(*site, added->roles, terminal.warn);
    terminal.out << "added " << request.id << ", key " << hex(added->keys.front().id) << ", "
                 << algorithm_text(*algorithm) << "\n"
                 << "certificate: " << principal_certificate(request.folder, request.id) << "\n"
                 << "private key: " << principal_key(request.folder, request.id) << "\n";
    return Done{};
}

}  // namespace reseal::admin
