// What an operator orders of the registry. For the provisioning program: the plugin must not be able to.
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

    // Fault if the name, a key id, a certificate or the one place of the storage principal is taken.
    Checked<Done> add(const PrincipalRecord& principal);
    // All of them or none, each with a line of history.
    Checked<Done> add_all(std::span<const PrincipalRecord> principals, std::string_view what, const Reason& reason);
    // The principal, its certificates and keys. Fault if it is unknown, revoked already or the storage principal.
    Checked<Done> revoke(std::string_view id, const Reason& reason);

    // Revokes it, if it is not yet, and destroys its keys: their bytes are overwritten in the file and in its journal.
    // Fault if the principal is unknown, decommissioned already or the storage principal.
    Checked<Done> decommission(std::string_view id, const Reason& reason);

    // `key` becomes the newest generation. The older ones are accepted until `overlap_ends` (seconds since 1970) and
    // then wiped; with 0 they are accepted no more, and what was sealed under them can still be opened. A generation
    // that ends earlier already does so. Fault if the principal is unknown, revoked or the storage principal.
    Checked<Done> rotate(std::string_view id, const Key& key, std::int64_t overlap_ends, const Reason& reason);
    // The same, over the air: `key`, whose overlap says when they will, ends no older generation before it is used.
    Checked<Done> rotate_over_the_air(std::string_view id, const Key& key, const Reason& reason);
    // Wipes what an overlap still lets in: the newest generation alone is left. Fault as above, or if there is none.
    Checked<Done> end_overlap(std::string_view id, const Reason& reason);

    // Another certificate, besides those there are. Fault if it is registered already, or as with transfer.
    Checked<Done> add_certificate(std::string_view id, const Fingerprint& fingerprint, const Reason& reason);

    // Fault if the principal is unknown, revoked or the storage principal.
    Checked<Done> transfer(std::string_view id, std::string_view owner, const Reason& reason);

    // Adds a line to the history of `id` and changes nothing else. Fault if the principal is unknown.
    Checked<Done> remember(std::string_view id, std::string_view what, const Reason& reason);

    // put_state(), and forgets all other state folders.
    Checked<Done> put_only_state(const StateRecord& state);

    // What became of `id`, oldest first; empty for an unknown one.
    Checked<std::vector<HistoryEntry>> history(std::string_view id);

  private:
    explicit AdminRegistry(Registry registry) : Registry(std::move(registry)) {}

    // The row of a principal that may be changed: neither the storage principal nor a revoked one.
    Checked<Row> changeable(std::string_view id);
    // One changeable principal: `work` gets its number.
    Checked<Done> change(std::string_view id, std::string_view what, const Reason& reason,
                         const std::function<bool(std::int64_t)>& work);
    bool write_revocation(std::int64_t principal);
};

}  // namespace reseal::keyring
