// SPDX-License-Identifier: Apache-2.0
// Reads principals from the registry's tables and writes them there. Called inside a transaction.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/fault.h"
#include "keyring/statement.h"
#include "keyring/types.h"

namespace reseal::keyring {

struct ChangedPrincipal {
    std::int64_t change = 0;
    PrincipalRecord principal;
};

// Why rows could not be read: the error of SQLite, or else a row that does not have the schema's shape.
Fault rows_fault(const std::string& path, sqlite3* db);

// The columns of a key `k`. read_key() reads them from a row, behind a first column of another kind. False if they do
// not fit the schema.
inline constexpr const char* key_columns =
    "k.id, k.generation, k.algorithm, k.retired, k.secret, coalesce(k.ends, 0), coalesce(k.overlap, 0)";
bool read_key(const Statement& row, Key& key);

// Whether the names and the owner are of the kind that this program writes, without control codes for a terminal.
bool readable(const PrincipalRecord& principal);

// At most `most` principals changed after `since`, oldest change first.
Checked<std::vector<ChangedPrincipal>> read_changed(sqlite3* db, const std::string& path, std::int64_t since,
                                                    std::size_t most);

// The principal with the name `id`: one or none.
Checked<std::vector<ChangedPrincipal>> read_named(sqlite3* db, const std::string& path, std::string_view id);

// Adds principals. Each statement is prepared once, for many principals.
class PrincipalWriter {
  public:
    // Both must outlive this.
    PrincipalWriter(sqlite3* db, const std::string& path);

    // Adds `principal` with its roles, certificates and keys. Answers its number.
    Checked<std::int64_t> add(const PrincipalRecord& principal);

  private:
    Checked<Done> check_free(const PrincipalRecord& principal);
    [[nodiscard]] Fault taken(const std::string& what) const;
    bool add_row(const PrincipalRecord& principal);
    bool add_roles(std::int64_t number, const PrincipalRecord& principal);
    bool add_certificates(std::int64_t number, const PrincipalRecord& principal);
    bool add_keys(std::int64_t number, const PrincipalRecord& principal);

    sqlite3* db_;
    const std::string* path_;
    Statement same_name_;
    Statement storage_;
    Statement row_;
    Statement role_;
    Statement certificate_;
    Statement key_;
};

// Adds a key to the principal with that number. False if SQLite refuses.
bool insert_key(sqlite3* db, std::int64_t principal, const Key& key);

}  // namespace reseal::keyring
