// SPDX-License-Identifier: Apache-2.0
#include "keyring/principal_rows.h"

#include <algorithm>
#include <ctime>
#include <functional>

#include "base/fault.h"
#include "base/quote.h"
#include "keyring/statement.h"

namespace reseal::keyring {

namespace {

using Binder = std::function<void(Statement&)>;

// Every row of a SELECT belongs to a principal in `found`. Both are ordered by change.
struct Rows {
    sqlite3* db;
    const std::string& path;
    std::string where;  // selects principals `p`
    Binder bind;
    std::vector<ChangedPrincipal> found;

    // Calls `take` with every row, and with the principal whose change is in column 0. False if a row does not fit the
    // schema, or the read failed.
    bool each(const std::string& select, const std::string& order,
              const std::function<bool(Statement&, PrincipalRecord&)>& take) {
        std::string sql = select;
        sql.append(" WHERE ").append(where).append(" ORDER BY p.changed").append(order);
        Statement statement(db, sql);
        bind(statement);
        auto at = found.begin();
        while (statement.row()) {
            while (at != found.end() && at->change != statement.number(0)) {
                ++at;
            }
            if (at == found.end() || !take(statement, at->principal)) {
                return false;
            }
        }
        return statement.ok();
    }

    bool read_principals() {
        Statement statement(
            db,
            "SELECT p.changed, p.name, p.storage, p.revoked_at IS NOT NULL, p.owner, p.decommissioned FROM principal p "
            "WHERE " +
                where + " ORDER BY p.changed");
        bind(statement);
        while (statement.row()) {
            ChangedPrincipal row;
            row.change = statement.number(0);
            row.principal.id = statement.text(1);
            row.principal.storage = statement.number(2) != 0;
            row.principal.revoked = statement.number(3) != 0;
            row.principal.owner = statement.text(4);
            row.principal.decommissioned = statement.number(5) != 0;
            if (!readable(row.principal)) {
                return false;
            }
            found.push_back(std::move(row));
        }
        return statement.ok();
    }

    bool read_roles() {
        return each("SELECT p.changed, r.name FROM principal p JOIN role r ON r.principal = p.number", ", r.name",
                    [](Statement& row, PrincipalRecord& principal) {
                        principal.roles.push_back(row.text(1));
                        return !has_control_character(principal.roles.back());
                    });
    }

    bool read_certificates() {
        return each(
            "SELECT p.changed, c.fingerprint, c.revoked FROM principal p "
            "JOIN certificate c ON c.principal = p.number",
            ", c.fingerprint", [](Statement& row, PrincipalRecord& principal) {
                Certificate& certificate = principal.certificates.emplace_back();
                certificate.revoked = row.number(2) != 0;
                return row.bytes(1, certificate.fingerprint);
            });
    }

    bool read_keys() {
        const std::string columns = key_columns;
        return each("SELECT p.changed, " + columns + " FROM principal p JOIN key k ON k.principal = p.number",
                    ", k.generation DESC", [](Statement& row, PrincipalRecord& principal) {
                        return read_key(row, principal.keys.emplace_back());
                    });
    }

    Checked<std::vector<ChangedPrincipal>> read() {
        if (read_principals() && (found.empty() || (read_roles() && read_certificates() && read_keys()))) {
            return std::move(found);
        }
        return rows_fault(path, db);
    }
};

constexpr const char* add_key =
    "INSERT INTO key (id, principal, generation, algorithm, retired, secret, ends, overlap) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, nullif(?7, 0), nullif(?8, 0))";

bool run_add_key(Statement& statement, std::int64_t principal, const Key& key) {
    statement.again().bind(1, key.id).bind(2, principal).bind(3, static_cast<std::int64_t>(key.generation));
    statement.bind(4, static_cast<std::int64_t>(key.algorithm)).bind(5, static_cast<std::int64_t>(key.retired));
    return statement.bind(6, key.secret).bind(7, key.ends).bind(8, key.overlap).run();
}

}  // namespace

bool readable(const PrincipalRecord& principal) {
    return !has_control_character(principal.id) && !has_control_character(principal.owner) &&
           std::ranges::none_of(principal.roles, [](const std::string& role) { return has_control_character(role); });
}

Fault rows_fault(const std::string& path, sqlite3* db) {
    const int code = sqlite3_errcode(db);
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) {
        return file_fault(path, "is damaged: a row does not have the form that this program writes",
                          "restore it from a backup");
    }
    return sqlite_fault(path, db);
}

bool read_key(const Statement& row, Key& key) {
    key.generation = static_cast<std::uint32_t>(row.number(2));
    key.algorithm = static_cast<std::uint8_t>(row.number(3));
    key.retired = row.number(4) != 0;
    key.ends = row.number(6);
    key.overlap = row.number(7);
    return row.bytes(1, key.id) && row.bytes(5, key.secret);
}

bool insert_key(sqlite3* db, std::int64_t principal, const Key& key) {
    Statement statement(db, add_key);
    return run_add_key(statement, principal, key);
}

Checked<std::vector<ChangedPrincipal>> read_changed(sqlite3* db, const std::string& path, std::int64_t since,
                                                    std::size_t most) {
    const auto bind = [=](Statement& statement) { statement.bind(1, since).bind(2, static_cast<std::int64_t>(most)); };
    return Rows{
        db, path, "p.number IN (SELECT number FROM principal WHERE changed > ?1 ORDER BY changed LIMIT ?2)", bind, {}}
        .read();
}

Checked<std::vector<ChangedPrincipal>> read_named(sqlite3* db, const std::string& path, std::string_view id) {
    return Rows{db, path, "p.name = ?1", [id](Statement& statement) { statement.bind(1, id); }, {}}.read();
}

PrincipalWriter::PrincipalWriter(sqlite3* db, const std::string& path)
    : db_(db),
      path_(&path),
      same_name_(db, "SELECT 1 FROM principal WHERE name = ?1"),
      storage_(db, "SELECT name FROM principal WHERE storage = 1 AND ?1 = 1"),
      row_(db,
           "INSERT INTO principal (name, storage, changed, revoked_at, owner) "
           "VALUES (?1, ?2, (SELECT coalesce(max(changed), 0) + 1 FROM principal), iif(?3, ?4, NULL), ?5)"),
      role_(db, "INSERT INTO role (principal, name) VALUES (?1, ?2)"),
      certificate_(db, "INSERT INTO certificate (fingerprint, principal, revoked) VALUES (?1, ?2, ?3)"),
      key_(db, add_key) {}

Fault PrincipalWriter::taken(const std::string& what) const {
    const bool constraint = (sqlite3_errcode(db_) & 0xff) == SQLITE_CONSTRAINT;
    return constraint ? file_fault(*path_, what, "nothing was added") : sqlite_fault(*path_, db_);
}

Checked<Done> PrincipalWriter::check_free(const PrincipalRecord& principal) {
    if (same_name_.again().bind(1, principal.id).row()) {
        return file_fault(*path_, std::string("the name ") + quote(principal.id) + " is taken", "choose another name");
    }
    if (storage_.again().bind(1, static_cast<std::int64_t>(principal.storage)).row()) {
        return file_fault(*path_, quote(storage_.text(0)) + " already holds the storage key", "there can be only one");
    }
    return same_name_.ok() && storage_.ok() ? Checked<Done>(Done{}) : sqlite_fault(*path_, db_);
}

bool PrincipalWriter::add_row(const PrincipalRecord& principal) {
    row_.again().bind(1, principal.id).bind(2, static_cast<std::int64_t>(principal.storage));
    row_.bind(3, static_cast<std::int64_t>(principal.revoked)).bind(4, static_cast<std::int64_t>(std::time(nullptr)));
    return row_.bind(5, principal.owner).run();
}

bool PrincipalWriter::add_roles(std::int64_t number, const PrincipalRecord& principal) {
    return std::ranges::all_of(
        principal.roles, [&](const std::string& role) { return role_.again().bind(1, number).bind(2, role).run(); });
}

bool PrincipalWriter::add_certificates(std::int64_t number, const PrincipalRecord& principal) {
    return std::ranges::all_of(principal.certificates, [&](const Certificate& certificate) {
        certificate_.again().bind(1, certificate.fingerprint).bind(2, number);
        return certificate_.bind(3, static_cast<std::int64_t>(certificate.revoked)).run();
    });
}

bool PrincipalWriter::add_keys(std::int64_t number, const PrincipalRecord& principal) {
    return std::ranges::all_of(principal.keys, [&](const Key& key) { return run_add_key(key_, number, key); });
}

Checked<std::int64_t> PrincipalWriter::add(const PrincipalRecord& principal) {
    if (auto free = check_free(principal); !free) {
        return free.error();
    }
    const std::string name = quote(principal.id);
    if (!add_row(principal)) {
        return taken(name + " is not a valid principal name: 1 to 64 of A-Z a-z 0-9 . _ -");
    }
    const std::int64_t number = sqlite3_last_insert_rowid(db_);
    if (!add_roles(number, principal)) {
        return taken(name + " has a role twice");
    }
    if (!add_certificates(number, principal)) {
        return taken("a certificate of " + name + " is already registered");
    }
    if (!add_keys(number, principal)) {
        return taken("a key of " + name + " has an id that is taken, or an unknown algorithm");
    }
    return number;
}

}  // namespace reseal::keyring
