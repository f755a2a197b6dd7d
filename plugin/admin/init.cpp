// SPDX-License-Identifier: Apache-2.0
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <system_error>

#include "admin/certificate.h"
#include "admin/commands.h"
#include "admin/site.h"
#include "base/file.h"
#include "base/principal_name.h"
#include "base/private_file.h"
#include "base/quote.h"
#include "keyring/admin_registry.h"
#include "keyring/seal.h"

namespace reseal::admin {
namespace {

namespace fs = std::filesystem;

constexpr int authority_days = 3650;
constexpr int broker_days = 825;
constexpr auto readable = fs::perms(0644);

struct Owner {
    uid_t user = 0;
    gid_t group = 0;
};

Checked<Owner> find_user(const std::string& name) {
    const passwd* entry = ::getpwnam(name.c_str());  // NOLINT(concurrency-mt-unsafe): one thread
    if (entry == nullptr) {
        return Fault{{}, 0, "--user", quote(name) + " is not a user of this host", "see /etc/passwd"};
    }
    return Owner{entry->pw_uid, entry->pw_gid};
}

Checked<Done> make_folder(const std::string& path, mode_t mode) {
    if (::mkdir(path.c_str(), mode) != 0 || ::chmod(path.c_str(), mode) != 0) {
        return system_fault(path, "making it", "the folder above must be writable");
    }
    return Done{};
}

// The folder that becomes `folder` in the end. It lies beside it, so that one rename is enough.
Checked<std::string> make_workplace(const std::string& folder) {
    std::string pattern = folder + ".XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr || ::chmod(pattern.c_str(), 0755) != 0) {
        return system_fault(folder, "making it", "the folder above must exist and be writable");
    }
    return pattern;
}

Checked<Done> check_target(const std::string& folder) {
    std::error_code error;
    if (fs::exists(config_path(folder), error) || fs::exists(folder + "/registry.db", error)) {
        return file_fault(folder, "already holds a registry", "name another folder");
    }
    if (fs::exists(folder, error) && !fs::is_empty(folder, error)) {
        return file_fault(folder, "is not an empty folder", "name a new one");
    }
    return Done{};
}

bool inside(const std::string& folder, const std::string& path) {
    const fs::path relative = fs::path(path).lexically_normal().lexically_relative(fs::path(folder).lexically_normal());
    return !relative.empty() && *relative.begin() != ".." && *relative.begin() != ".";
}

// reseal.yaml with `realm` in place of its own.
std::string with_realm(std::string yaml, const std::string& realm) {
    constexpr std::string_view key = "\nrealm:";
    const std::size_t at = yaml.find(key);
    if (!realm.empty() && at != std::string::npos) {
        const std::size_t begin = at + key.size();
        yaml.replace(begin, yaml.find('\n', begin) - begin, " " + realm);
    }
    return yaml;
}

Checked<Done> check_realm(const std::string& realm) {
    if (!realm.empty() && !valid_principal(realm)) {
        return Fault{
            {}, 0, "--realm", quote(realm) + " is not a valid realm name", "a name has 1 to 64 of A-Z a-z 0-9 . _ -"};
    }
    return Done{};
}

// Copies reseal.yaml and acl.yaml. Reads from the copy where everything else goes.
Checked<Site> copy_config(const std::string& work, const std::string& from, const std::string& realm) {
    for (const char* name : {"/reseal.yaml", "/acl.yaml"}) {
        auto text = read_file(from + name, config::acl_most);
        if (!text) {
            return text.error();
        }
        if (auto made = create_file(work + name, as_bytes(with_realm(*text, realm)), readable); !made) {
            return made.error();
        }
    }
    auto site = open_site(work);
    if (!site) {
        return site;
    }
    std::vector<std::string> paths{site->config.registry, site->config.master_key, site->config.state};
    if (site->config.audit) {
        paths.push_back(site->config.audit->folder);
    }
    for (const std::string& path : paths) {
        if (!inside(work, path)) {
            return file_fault(from + "/reseal.yaml", "names " + path + ", which is not below its own folder",
                              "begin with relative paths; they can be changed afterwards");
        }
    }
    if (auto acl = read_acl(site->config.acl); !acl) {
        return acl.error();
    }
    return site;
}

Checked<Done> write_issued(const Issued& issued, const std::string& certificate, const std::string& key) {
    if (auto made = create_file(key, as_bytes(issued.key.expose())); !made) {
        return made;
    }
    return create_file(certificate, as_bytes(issued.certificate), readable);
}

Checked<Done> make_certificates(const std::string& work, const std::vector<std::string>& hosts) {
    auto authority = Authority::create(authority_days);
    if (!authority) {
        return authority.error();
    }
    if (auto done = write_issued(*authority, authority_certificate(work), authority_key(work)); !done) {
        return done;
    }
    auto opened = Authority::open(authority_certificate(work), authority_key(work));
    if (!opened) {
        return opened.error();
    }
    CertificateRequest request{"broker", CertificateRequest::Usage::server, broker_days, {}, {}};
    request.hosts = {"localhost", "127.0.0.1", "::1"};
    request.hosts.insert(request.hosts.end(), hosts.begin(), hosts.end());
    auto broker = opened->issue(request);
    return broker ? write_issued(*broker, broker_certificate(work), broker_key(work)) : broker.error();
}

// Makes the registry with its first principal, the holder of the broker's own storage key.
Checked<Done> make_registry(const Site& site) {
    if (auto made = keyring::create_master_key(site.config.master_key); !made) {
        return made;
    }
    auto master_key = keyring::read_master_key(site.config.master_key);
    if (!master_key) {
        return master_key.error();
    }
    auto registry = keyring::AdminRegistry::create(site.config.registry);
    if (!registry) {
        return registry.error();
    }
    keyring::PrincipalRecord broker;
    broker.id = storage_principal;
    broker.storage = true;
    broker.keys = {keyring::make_key(*master_key, broker.id, RESEAL_AES_CCM_16_128_256, 1)};
    return registry->add(broker);
}

Checked<Done> fill(const std::string& work, const InitRequest& request) {
    auto site = copy_config(work, request.config_from, request.realm);
    if (!site) {
        return site.error();
    }
    std::vector<std::pair<std::string, mode_t>> folders{
        {work + "/ca", 0755}, {work + "/broker", 0755}, {principals_folder(work), 0700}, {site->config.state, 0700}};
    if (site->config.audit) {
        folders.emplace_back(site->config.audit->folder, 0700);
    }
    for (const auto& [path, mode] : folders) {
        if (auto made = make_folder(path, mode); !made) {
            return made;
        }
    }
    if (auto made = make_certificates(work, request.hosts); !made) {
        return made;
    }
    return make_registry(*site);
}

// Gives the broker's user the files that the broker must read and write, but not the authority or the devices' keys.
Checked<Done> give_to(const std::string& work, const std::string& user) {
    auto owner = find_user(user);
    auto config = read_config(config_path(work));
    if (!owner || !config) {
        return owner ? config.error() : owner.error();
    }
    std::vector<std::string> paths{config->registry, config->registry + "-journal", config->master_key, config->state,
                                   broker_key(work), broker_certificate(work)};
    if (config->audit) {
        paths.push_back(config->audit->folder);
    }
    for (const std::string& path : paths) {
        if (::lchown(path.c_str(), owner->user, owner->group) != 0) {
            return system_fault(path, "giving it to " + user, "run this as root");
        }
    }
    return Done{};
}

Checked<Done> make_all(const std::string& work, const InitRequest& request) {
    if (auto filled = fill(work, request); !filled) {
        return filled;
    }
    if (request.user.empty()) {
        return Done{};
    }
    return give_to(work, request.user);
}

Checked<Done> move_into_place(const std::string& work, const std::string& folder) {
    if (::rename(work.c_str(), folder.c_str()) != 0) {
        return system_fault(folder, "making it", "it must be a new or an empty folder");
    }
    return sync_folder_of(folder);
}

std::string without_slashes(std::string folder) {
    while (folder.size() > 1 && folder.back() == '/') {
        folder.pop_back();
    }
    return folder;
}

}  // namespace

Checked<Done> init(const InitRequest& request, Terminal terminal) {
    const std::string folder = without_slashes(request.folder);
    if (auto named = check_realm(request.realm); !named) {
        return named;
    }
    if (auto free = check_target(folder); !free) {
        return free;
    }
    auto work = make_workplace(folder);
    if (!work) {
        return work.error();
    }
    auto made = make_all(*work, request);
    made = made ? move_into_place(*work, folder) : made;
    if (!made) {
        std::error_code ignored;
        fs::remove_all(*work, ignored);
        return made;
    }
    terminal.out << "made " << folder << ": certificate authority, broker certificate, master key, registry\n"
                 << "next: write your roles into " << folder << "/acl.yaml, then add principals, e.g.\n"
                 << "  provision --dir " << folder << " add NAME --role ROLE\n";
    return Done{};
}

}  // namespace reseal::admin
