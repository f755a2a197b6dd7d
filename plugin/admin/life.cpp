// SPDX-License-Identifier: Apache-2.0
// revoke, decommission, transfer: they end a principal, or give it another owner.
#include <unistd.h>

#include <cerrno>
#include <ostream>

#include "admin/commands.h"
#include "admin/site.h"
#include "admin/text.h"
#include "admin/with_rights.h"
#include "base/fault.h"
#include "keyring/admin_registry.h"

namespace reseal::admin {
namespace {

constexpr std::size_t owner_longest = 200;

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
