#include "keyring/principal_rows.h"

#include <algorithm>
#include <ctime>
#include <functional>

#include "base/private_file.h"
#include "keyring/statement.h"

namespace reseal::keyring {

namespace {

using Binder = std::function<void(Statement&)>;

// All of one SELECT's rows belong to the principals in `found`, both ordered by change.
struct Rows {
    sqlite3* db;
    const std::string& path;
    std::string where;  // selects principals `p`
    Binder bind;
    std::vector<ChangedPrincipal> found;

    // Calls `take` with every row, and with the principal whose change is in column 0. False if a row is not as the
    // schema wants it, or the read failed.
    bool each(const std::string& select, const std::string& order,
              const std::function<bool(Statement&, Principal&)>& take) {
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
            found.push_back(std::move(row));
        }
        return statement.ok();
    }

    bool read_roles() {
        return each("SELECT p.changed, r.name FROM principal p JOIN role r ON r.principal = p.number", ", r.name",
                    [](Statement& row, Principal& principal) {
                        principal.roles.push_back(row.text(1));
                        return true;
                    });
    }

    bool read_certificates() {
        return each(
            "SELECT p.changed, c.fingerprint, c.revoked FROM principal p "
            "JOIN certificate c ON c.principal = p.number",
            ", c.fingerprint", [](Statement& row, Principal& principal) {
                Certificate& certificate = principal.certificates.emplace_back();
                certificate.revoked = row.number(2) != 0;
                return row.bytes(1, certificate.fingerprint);
            });
    }

    bool read_keys() {
        return each(
            "SELECT p.changed, k.id, k.generation, k.algorithm, k.retired, k.secret, coalesce(k.ends, 0) FROM "
            "principal p "
            "JOIN key k ON k.principal = p.number",
            ", k.generation DESC", [](Statement& row, Principal& principal) {
                Key& key = principal.keys.emplace_back();
                key.generation = static_cast<std::uint32_t>(row.number(2));
                key.algorithm = static_cast<std::uint8_t>(row.number(3));
                key.retired = row.number(4) != 0;
                key.ends = row.number(6);
                return row.bytes(1, key.id) && row.bytes(5, key.secret);
            });
    }

    Checked<std::vector<ChangedPrincipal>> read() {
        if (read_principals() && (found.empty() || (read_roles() && read_certificates() && read_keys()))) {
            return std::move(found);
        }
        const int code = sqlite3_errcode(db);
        if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) {
            return file_fault(path, "is damaged: a row has another shape than this program writes",
                              "restore it from a backup");
        }
        return sqlite_fault(path, db);
    }
};

Fault taken(const std::string& path, sqlite3* db, const std::string& what) {
    const bool constraint = (sqlite3_errcode(db) & 0xff) == SQLITE_CONSTRAINT;
    return constraint ? file_fault(path, what, "nothing was added") : sqlite_fault(path, db);
}

Checked<Done> check_free(sqlite3* db, const std::string& path, const Principal& principal) {
    Statement same_name(db, "SELECT 1 FROM principal WHERE name = ?1");
    if (same_name.bind(1, principal.id).row()) {
        return file_fault(path, std::string("the name ") + in_quotes(principal.id) + " is taken",
                          "choose another name");
    }
    Statement storage(db, "SELECT name FROM principal WHERE storage = 1 AND ?1 = 1");
    if (storage.bind(1, static_cast<std::int64_t>(principal.storage)).row()) {
        return file_fault(path, in_quotes(storage.text(0)) + " holds the storage key already", "there can be one only");
    }
    return same_name.ok() && storage.ok() ? Checked<Done>(Done{}) : sqlite_fault(path, db);
}

bool insert_roles(sqlite3* db, std::int64_t number, const Principal& principal) {
    for (const std::string& role : principal.roles) {
        Statement statement(db, "INSERT INTO role (principal, name) VALUES (?1, ?2)");
        if (!statement.bind(1, number).bind(2, role).run()) {
            return false;
        }
    }
    return true;
}

bool insert_certificates(sqlite3* db, std::int64_t number, const Principal& principal) {
    for (const Certificate& certificate : principal.certificates) {
        Statement statement(db, "INSERT INTO certificate (fingerprint, principal, revoked) VALUES (?1, ?2, ?3)");
        statement.bind(1, certificate.fingerprint).bind(2, number);
        if (!statement.bind(3, static_cast<std::int64_t>(certificate.revoked)).run()) {
            return false;
        }
    }
    return true;
}

bool insert_keys(sqlite3* db, std::int64_t number, const Principal& principal) {
    return std::all_of(principal.keys.begin(), principal.keys.end(),
                       [=](const Key& key) { return insert_key(db, number, key); });
}

}  // namespace

bool insert_key(sqlite3* db, std::int64_t principal, const Key& key) {
    Statement statement(db,
                        "INSERT INTO key (id, principal, generation, algorithm, retired, secret, ends) "
                        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, nullif(?7, 0))");
    statement.bind(1, key.id).bind(2, principal).bind(3, static_cast<std::int64_t>(key.generation));
    statement.bind(4, static_cast<std::int64_t>(key.algorithm)).bind(5, static_cast<std::int64_t>(key.retired));
    return statement.bind(6, key.secret).bind(7, key.ends).run();
}

Checked<std::vector<ChangedPrincipal>> read_changed(sqlite3* db, const std::string& path, std::int64_t since) {
    return Rows{db, path, "p.changed > ?1", [since](Statement& statement) { statement.bind(1, since); }, {}}.read();
}

Checked<std::vector<ChangedPrincipal>> read_named(sqlite3* db, const std::string& path, std::string_view id) {
    return Rows{db, path, "p.name = ?1", [id](Statement& statement) { statement.bind(1, id); }, {}}.read();
}

Checked<std::int64_t> insert(sqlite3* db, const std::string& path, const Principal& principal) {
    if (auto free = check_free(db, path, principal); !free) {
        return free.error();
    }
    Statement row(db,
                  "INSERT INTO principal (name, storage, changed, revoked_at, owner) "
                  "VALUES (?1, ?2, (SELECT coalesce(max(changed), 0) + 1 FROM principal), iif(?3, ?4, NULL), ?5)");
    row.bind(1, principal.id).bind(2, static_cast<std::int64_t>(principal.storage));
    row.bind(3, static_cast<std::int64_t>(principal.revoked)).bind(4, static_cast<std::int64_t>(std::time(nullptr)));
    if (!row.bind(5, principal.owner).run()) {
        return taken(path, db, in_quotes(principal.id) + " is no name of a principal: 1 to 64 of A-Z a-z 0-9 . _ -");
    }
    const std::int64_t number = sqlite3_last_insert_rowid(db);
    if (!insert_roles(db, number, principal)) {
        return taken(path, db, in_quotes(principal.id) + " has a role twice");
    }
    if (!insert_certificates(db, number, principal)) {
        return taken(path, db, std::string("a certificate of ") + in_quotes(principal.id) + " is registered already");
    }
    if (!insert_keys(db, number, principal)) {
        return taken(
            path, db,
            std::string("a key of ") + in_quotes(principal.id) + " has an id that is taken or an unknown algorithm");
    }
    return number;
}

}  // namespace reseal::keyring
