// The registry: an SQLite file of principals, their certificates and their sealed keys. Written by the provisioning
// program, read by the plugin, at the same time.
#pragma once

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

class Registry {
  public:
    // Makes a new, empty registry, mode 0600. A file that exists is a Fault.
    static Checked<Registry> create(const std::string& path);
    // Opens one. Faults: missing, wider than 0600, not SQLite, of another version, not readable.
    static Checked<Registry> open(const std::string& path);

    Registry(Registry&&) noexcept;
    Registry& operator=(Registry&&) noexcept;
    ~Registry();

    // Cheap (no statement is run against a table): has another connection committed since the last call?
    Checked<bool> changed();

    // Principals added or changed after `since`; with 0, all. Sets `since` to the newest change that was read.
    Checked<std::vector<Principal>> changes(std::int64_t& since);

    Checked<std::vector<Principal>> all();
    Checked<std::optional<Principal>> find(std::string_view id);

    // Each of these is one transaction, durable when it returns.
    Checked<Done> add(const Principal& principal);  // Fault if the name, a key id or a certificate is taken
    Checked<Done> revoke(std::string_view id,
                         std::string_view reason);  // principal, its certificates and keys; Fault if unknown

  private:
    struct Closer {
        void operator()(sqlite3* db) const;
    };
    Registry(std::string path, std::unique_ptr<sqlite3, Closer> db);

    std::string path_;
    std::unique_ptr<sqlite3, Closer> db_;
    std::int64_t data_version_ = 0;
};

}  // namespace reseal::keyring
