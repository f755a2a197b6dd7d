// The registry: an SQLite file of principals, their certificates and their sealed keys. Written by the provisioning
// program, read by the plugin, at the same time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fault.h"
#include "keyring/types.h"

struct sqlite3;

namespace reseal::keyring {

inline constexpr int registry_version = 1;  // PRAGMA user_version

// How long a call waits for another process that holds the file. The broker is one thread: it must not wait long.
inline constexpr std::chrono::milliseconds reader_patience{50};
inline constexpr std::chrono::milliseconds writer_patience{5000};

struct Revocation {
    std::int64_t when = 0;  // seconds since 1970, UTC
    std::string reason;
};

// For one thread.
class Registry {
  public:
    // Makes a new, empty registry, mode 0600. A file that exists is a Fault.
    static Checked<Registry> create(const std::string& path);
    // Opens one. Faults: missing, wider than 0600, a symbolic link, not SQLite, of another version, not readable. The
    // user must be allowed to write to it: a change that another process left half-made is taken back here.
    // A call that found the file held for longer than `patience` is a Fault, too; the caller may try it again.
    static Checked<Registry> open(const std::string& path, std::chrono::milliseconds patience);

    Registry(Registry&&) noexcept;
    Registry& operator=(Registry&&) noexcept;
    ~Registry();

    // Cheap (no statement is run against a table): has another connection committed since the last call? Stays true
    // after changes() failed.
    Checked<bool> changed();

    // Principals added or changed after `since`, oldest change first; with 0, all. Sets `since` to the newest change
    // that was read; unless it succeeds, `since` stays as it is.
    Checked<std::vector<Principal>> changes(std::int64_t& since);

    Checked<std::vector<Principal>> all();
    Checked<std::optional<Principal>> find(std::string_view id);

    // Each of these is one transaction, durable when it returns.
    // Fault if the name, a key id, a certificate or the one place of the storage principal is taken.
    Checked<Done> add(const Principal& principal);
    // The principal, its certificates and keys. Fault if it is unknown, revoked already or the storage principal.
    Checked<Done> revoke(std::string_view id, std::string_view reason);

    // `key` becomes the newest generation, and the older ones are accepted no more; what was sealed under them can
    // still be opened. Fault if the principal is unknown, revoked or the storage principal.
    Checked<Done> rotate(std::string_view id, const Key& key);

    // When and why `id` was revoked; nothing if it was not.
    Checked<std::optional<Revocation>> revocation(std::string_view id);

  private:
    Checked<std::int64_t> changeable(std::string_view id);

    struct Closer {
        void operator()(sqlite3* db) const;
    };
    Registry(std::string path, std::unique_ptr<sqlite3, Closer> db);
    static Checked<Registry> connect(const std::string& path, std::chrono::milliseconds patience);
    Checked<Done> check_version();
    Checked<std::int64_t> data_version();

    std::string path_;
    std::unique_ptr<sqlite3, Closer> db_;
    std::int64_t data_version_ = 0;
};

}  // namespace reseal::keyring
