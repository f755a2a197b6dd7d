// SPDX-License-Identifier: Apache-2.0
// Operator actions on the registry. For the provisioning program only: the plugin must not be able to call them.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "keyring/registry.h"

namespace reseal::keyring {

struct HistoryEntry {
    std::int64_t when = 0;  // seconds since 1970, UTC
    std::string what;
    Reason reason;
};

// Each change is one transaction, durable when it returns.
class AdminRegistry : public Registry {
  public:
    // Makes a new, empty registry, mode 0600. A file that exists is a Fault.
    static Checked<AdminRegistry> create(const std::string& path);
    // As Registry::open.
    static Checked<AdminRegistry> open(const std::string& path, std::chrono::milliseconds patience);

    // Fault if the name, a key id or a certificate is taken, or if there is a storage principal already.
    Checked<Done> add(const PrincipalRecord& principal);
    // All of them or none, each with a line of history.
    Checked<Done> add_all(std::span<const PrincipalRecord> principals, std::string_view what, const Reason& reason);
    // The principal with its certificates and keys. Fault if it is unknown, already revoked or the storage principal.
    Checked<Done> revoke(std::string_view id, const Reason& reason);

    // Takes a revocation back: the principal, and those of its certificates and keys that fell with it. Fault if it is
    // unknown, not revoked, decommissioned, or was revoked before `earliest` (seconds since 1970).
    Checked<Done> reinstate(std::string_view id, std::int64_t earliest, const Reason& reason);
    // One of its certificates. Fault if it has none of that fingerprint, it is already revoked, or as for transfer.
    Checked<Done> revoke_certificate(std::string_view id, const Fingerprint& fingerprint, const Reason& reason);

    // Revokes it, if not done yet, and destroys its keys: their bytes are overwritten in the file and in its journal.
    // Fault if the principal is unknown, already decommissioned or the storage principal.
    Checked<Done> decommission(std::string_view id, const Reason& reason);

    // `key` becomes the newest generation. The older ones are accepted until `overlap_ends` (seconds since 1970) and
    // then wiped. With 0 they are no longer accepted, but messages sealed under them can still be opened. A generation
    // with an earlier end keeps it. Fault if the principal is unknown, revoked or the storage principal.
    Checked<Done> rotate(std::string_view id, const Key& key, std::int64_t overlap_ends, const Reason& reason);
    // The same, over the air. No older generation ends before `key` is used; its overlap says how long after that.
    Checked<Done> rotate_over_the_air(std::string_view id, const Key& key, const Reason& reason);
    // Wipes the generations that are accepted only until an overlap ends. Fault as above, or if there are none.
    Checked<Done> end_overlap(std::string_view id, const Reason& reason);

    // Adds a certificate to those there are. Fault if it is already registered, or as for transfer.
    Checked<Done> add_certificate(std::string_view id, const Fingerprint& fingerprint, const Reason& reason);

    // Gives it these roles in place of those it has. Fault as for transfer.
    Checked<Done> change_roles(std::string_view id, std::span<const std::string> roles, const Reason& reason);

    // Fault if the principal is unknown, revoked or the storage principal.
    Checked<Done> transfer(std::string_view id, std::string_view owner, const Reason& reason);

    // Adds a line to the history of `id` and changes nothing else. Fault if the principal is unknown.
    Checked<Done> remember(std::string_view id, std::string_view what, const Reason& reason);

    // As put_state(), and forgets all other state folders.
    Checked<Done> put_only_state(const StateRecord& state);

    // The history of `id`, oldest first; empty if it is unknown.
    Checked<std::vector<HistoryEntry>> history(std::string_view id);

  private:
    explicit AdminRegistry(Registry registry) : Registry(std::move(registry)) {}

    // The row of a principal that may be changed. Fault if it is unknown, revoked or the storage principal.
    Checked<Row> changeable(std::string_view id);
    // Changes one principal: `work` gets its number.
    Checked<Done> change(std::string_view id, std::string_view what, const Reason& reason,
                         const std::function<bool(std::int64_t)>& work);
    bool write_revocation(std::int64_t principal);
    Checked<Done> check_reinstatement(std::string_view id, const Row& row, std::int64_t earliest);
};

}  // namespace reseal::keyring
