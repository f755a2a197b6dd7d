// Principals out of the registry's tables and into them. Called inside a transaction.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/fault.h"
#include "keyring/types.h"

struct sqlite3;

namespace reseal::keyring {

struct ChangedPrincipal {
    std::int64_t change = 0;
    Principal principal;
};

// Principals changed after `since`, oldest change first.
Checked<std::vector<ChangedPrincipal>> read_changed(sqlite3* db, const std::string& path, std::int64_t since);

// The principal called `id`: one or none.
Checked<std::vector<ChangedPrincipal>> read_named(sqlite3* db, const std::string& path, std::string_view id);

// Adds `principal` with its roles, certificates and keys; answers its number.
Checked<std::int64_t> insert(sqlite3* db, const std::string& path, const Principal& principal);

// Adds one key of the principal with that number; false if SQLite refuses.
bool insert_key(sqlite3* db, std::int64_t principal, const Key& key);

}  // namespace reseal::keyring
