// SPDX-License-Identifier: Apache-2.0
// revoke, reinstate, decommission, transfer, roles: they end a principal, bring it back, or change what it is.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <optional>
#include <ostream>
#include <vector>

#include "admin/commands.h"
#include "admin/site.h"
#include "admin/text.h"
#include "admin/with_rights.h"
#include "base/fault.h"
#include "base/quote.h"
#include "keyring/admin_registry.h"

namespace reseal::admin {
namespace {

constexpr std::size_t owner_longest = 200;
constexpr std::int64_t reinstated_within = std::int64_t{24} * 3600;  // seconds

Checked<keyring::Reason> reason_of(const LifeRequest& request, const char* option) {
    auto why = check_one_line(option, request.why);
    auto who = check_one_line("--by", request.who);
    if (!why || !who) {
        return why ? who.error() : why.error();
    }
    return keyring::Reason{request.why, name_of_user(request.who)};
}

// Deletes the private key, if it is still here. It has no more use, though whoever found it would be refused anyway.
Checked<Done> delete_private_key(const std::string& path) {
    const WithRights owner(Whose::owner);
    if (::unlink(path.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR) {
        return system_fault(path, "deleting it", "delete it by hand; the registry's keys are already destroyed");
    }
    return Done{};
}

// Its roles after the change; in the registry's order.
Checked<std::vector<std::string>> changed_roles(const keyring::PrincipalRecord& principal, const RoleChange& change) {
    if (change.add.empty() && change.remove.empty()) {
        return Fault{{}, 0, "--add", "neither --add nor --remove is there", "name at least one role"};
    }
    std::vector<std::string> out = principal.roles;
    for (const std::string& role : change.remove) {
        if (std::erase(out, role) == 0) {
            return Fault{
                {}, 0, "--remove", quote(principal.id) + " does not have the role " + quote(role), "see 'show'"};
        }
    }
    out.insert(out.end(), change.add.begin(), change.add.end());
    if (out.empty()) {
        return Fault{{}, 0, "--remove", "it would have no role left", "revoke it, or add another role"};
    }
    return sorted_once(std::move(out));
}

}  // namespace

Checked<Done> revoke(const LifeRequest& request, Terminal terminal) {
    const auto reason = reason_of(request, "--reason");
    if (!reason) {
        return reason.error();
    }
    auto registry = open_registry(request.folder);
    if (!registry) {
        return registry.error();
    }
    auto revoked = registry->revoke(request.id, *reason);
    if (revoked) {
        terminal.out << "revoked " << request.id << ", its certificates and its keys\n";
    }
    return revoked;
}

Checked<Done> revoke_certificate(const LifeRequest& request, const std::string& certificate, Terminal terminal) {
    const auto reason = reason_of(request, "--reason");
    if (!reason) {
        return reason.error();
    }
    const auto sha256 = parse_sha256(certificate);
    const auto id = sha256 ? sha256 : parse_serial(certificate);
    if (!id) {
        return Fault{{},
                     0,
                     "--certificate",
                     quote(certificate) + " is not a SHA-256 or a serial number in hex",
                     "copy it from 'show'"};
    }
    auto registry = open_registry(request.folder);
    if (!registry) {
        return registry.error();
    }
    auto revoked = registry->revoke_certificate(request.id, *id, *reason);
    if (!revoked) {
        return revoked;
    }
    terminal.out << "revoked a certificate of " << request.id << "\n";
    const auto left = registry->find(request.id);
    if (left && *left && std::ranges::all_of((*left)->certificates, &keyring::Certificate::revoked)) {
        terminal.out << "it has no other certificate: 'renew " << request.id << "' makes one\n";
    }
    return revoked;
}

Checked<Done> reinstate(const LifeRequest& request, Terminal terminal) {
    const auto reason = reason_of(request, "--why");
    if (!reason) {
        return reason.error();
    }
    auto registry = open_registry(request.folder);
    if (!registry) {
        return registry.error();
    }
    auto reinstated = registry->reinstate(request.id, std::time(nullptr) - reinstated_within, *reason);
    if (reinstated) {
        terminal.out << "reinstated " << request.id << ", with the certificates and keys that were revoked with it\n"
                     << "what the broker had queued for it is gone\n";
    }
    return reinstated;
}

Checked<Done> change_roles(const LifeRequest& request, const RoleChange& change, Terminal terminal) {
    const auto reason = reason_of(request, "--why");
    if (!reason) {
        return reason.error();
    }
    const auto site = hold_site(request.folder);
    if (!site) {
        return site.error();
    }
    if (auto checked = check_roles(*site, change.add, terminal.warn); !checked) {
        return checked;
    }
    auto registry = open_registry(*site);
    if (!registry) {
        return registry.error();
    }
    const auto principal = registry->find(request.id);
    if (!principal) {
        return principal.error();
    }
    if (!*principal) {
        return Fault{{}, 0, "ID", "no principal is called " + quote(request.id), "see 'list'"};
    }
    const auto roles = changed_roles(**principal, change);
    if (!roles) {
        return roles.error();
    }
    auto changed = registry->change_roles(request.id, *roles, *reason);
    if (changed) {
        terminal.out << "roles of " << request.id << ":";
        for (const std::string& role : *roles) {
            terminal.out << " " << role;
        }
        terminal.out << "\n";
    }
    return changed;
}

Checked<Done> decommission(const LifeRequest& request, Terminal terminal) {
    const auto reason = reason_of(request, "--why");
    if (!reason) {
        return reason.error();
    }
    if (reason->why.empty()) {
        return Fault{{}, 0, "--why", "it is empty", "say why, in one line: it is kept in the registry"};
    }
    auto registry = open_registry(request.folder);
    if (!registry) {
        return registry.error();
    }
    if (auto done = registry->decommission(request.id, *reason); !done) {
        return done;
    }
    if (auto deleted = delete_private_key(principal_key(request.folder, request.id)); !deleted) {
        return deleted;
    }
    terminal.out << "decommissioned " << request.id << " (" << reason->who << ": " << reason->why << ")\n"
                 << "its keys are destroyed: what is stored under them can never be opened again\n"
                 << "backups made before this still hold them, sealed under the master key: destroy those too\n";
    return Done{};
}

Checked<Done> transfer(const LifeRequest& request, const std::string& owner, Terminal terminal) {
    const auto reason = reason_of(request, "--why");
    if (!reason) {
        return reason.error();
    }
    if (auto checked = check_one_line("--owner", owner); !checked) {
        return checked;
    }
    if (owner.empty() || owner.size() > owner_longest) {
        return Fault{{}, 0, "--owner", "it has " + std::to_string(owner.size()) + " bytes", "1 to 200"};
    }
    auto registry = open_registry(request.folder);
    if (!registry) {
        return registry.error();
    }
    auto transferred = registry->transfer(request.id, owner, *reason);
    if (transferred) {
        terminal.out << "transferred " << request.id << " to " << owner << "\n";
    }
    return transferred;
}

}  // namespace reseal::admin
