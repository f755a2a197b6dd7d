// Principals out of the registry's tables and into them. Called inside a transaction.
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

// Why rows could not be read: what SQLite failed with, or else a row that has not the schema's shape.
Fault rows_fault(const std::string& path, sqlite3* db);

// The columns of a key `k`, and a row of them behind a first column of another kind; false if it is not as the schema
// wants it.
inline constexpr const char* key_columns =
    "k.id, k.generation, k.algorithm, k.retired, k.secret, coalesce(k.ends, 0), coalesce(k.overlap, 0)";
bool read_key(const Statement& row, Key& key);

// Whether names and owner are such as this program writes: nothing in them commands a terminal.
bool readable(const PrincipalRecord& principal);

// At most `most` principals changed after `since`, oldest change first.
Checked<std::vector<ChangedPrincipal>> read_changed(sqlite3* db, const std::string& path, std::int64_t since,
                                                    std::size_t most);

// The principal called `id`: one or none.
Checked<std::vector<ChangedPrincipal>> read_named(sqlite3* db, const std::string& path, std::string_view id);

// Adds principals; for many of them, as each statement is prepared once.
class PrincipalWriter {
  public:
    // Both must outlive this.
    PrincipalWriter(sqlite3* db, const std::string& path);

    // Adds `principal` with its roles, certificates and keys; answers its number.
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

// Adds one key of the principal with that number; false if SQLite refuses.
bool insert_key(sqlite3* db, std::int64_t principal, const Key& key);

}  // namespace reseal::keyring
