// SPDX-License-Identifier: Apache-2.0
// Reads the whole registry into memory: each table from its beginning to its end.
#include <algorithm>

#include "keyring/keyring.h"
#include "keyring/principal_rows.h"
#include "keyring/registry.h"
#include "keyring/statement.h"

namespace reseal::keyring {
namespace {

class Reader {
  public:
    Reader(sqlite3* db, Keyring& keyring) : db_(db), keyring_(keyring) {}

    // False if a row does not fit the schema, or the read failed.
    [[nodiscard]] bool read() { return expect() && principals() && certificates() && keys(); }

    [[nodiscard]] std::int64_t newest() const { return newest_; }

  private:
    bool expect() {
        Statement counted(db_, "SELECT count(*), coalesce(max(changed), 0) FROM principal");
        if (!counted.row()) {
            return false;
        }
        numbers_.reserve(static_cast<std::size_t>(counted.number(0)));
        keyring_.expect(numbers_.capacity());
        newest_ = counted.number(1);
        return counted.run();
    }

    bool principals() {
        Statement rows(db_,
                       "SELECT number, name, storage, revoked_at IS NOT NULL, decommissioned FROM principal "
                       "ORDER BY number");
        Statement roles(db_, "SELECT principal, name FROM role ORDER BY principal, name");
        bool more_roles = roles.row();
        PrincipalRecord principal;
        while (rows.row()) {
            const std::int64_t number = rows.number(0);
            principal.id = rows.text(1);
            principal.storage = rows.number(2) != 0;
            principal.revoked = rows.number(3) != 0;
            principal.decommissioned = rows.number(4) != 0;
            principal.roles.clear();
            for (; more_roles && roles.number(0) == number; more_roles = roles.row()) {
                principal.roles.push_back(roles.text(1));
            }
            if (!readable(principal)) {
                return false;
            }
            numbers_.push_back(number);
            dense_ = dense_ && static_cast<std::size_t>(number) == numbers_.size();
            keyring_.begin(principal);
        }
        return rows.ok() && roles.ok() && !more_roles;
    }

    bool certificates() {
        Statement rows(db_, "SELECT principal, fingerprint, revoked FROM certificate");
        Certificate certificate;
        while (rows.row()) {
            const auto holder = place_of(rows.number(0));
            if (!holder || !rows.bytes(1, certificate.fingerprint)) {
                return false;
            }
            certificate.revoked = rows.number(2) != 0;
            keyring_.add(*holder, certificate);
        }
        return rows.ok();
    }

    bool keys() {
        Statement rows(db_, std::string("SELECT k.principal, ") + key_columns + " FROM key k");
        while (rows.row()) {
            const auto holder = place_of(rows.number(0));
            Key key;
            if (!holder || !read_key(rows, key)) {
                return false;
            }
            keyring_.add(*holder, key);
        }
        return rows.ok();
    }

    // Which one of the principals has this number, from 0.
    [[nodiscard]] std::optional<std::size_t> place_of(std::int64_t number) const {
        if (dense_) {
            const auto place = static_cast<std::size_t>(number - 1);
            return place < numbers_.size() ? std::optional(place) : std::nullopt;
        }
        const auto found = std::ranges::lower_bound(numbers_, number);
        return found != numbers_.end() && *found == number
                   ? std::optional(static_cast<std::size_t>(found - numbers_.begin()))
                   : std::nullopt;
    }

    sqlite3* db_;
    Keyring& keyring_;
    std::vector<std::int64_t> numbers_;  // of the principals, in the registry
    bool dense_ = true;                  // they are 1, 2, 3 …, because none is ever deleted
    std::int64_t newest_ = 0;
};

}  // namespace

Checked<std::int64_t> Registry::read_all(Keyring& keyring) {
    // Reading everything once needs no large cache, and the cache would never be released.
    if (!Statement(db_.get(), "PRAGMA cache_size = -256").run()) {
        return sqlite_fault(path_, db_.get());
    }
    const Transaction transaction(db_.get(), Transaction::Kind::read);  // all SELECTs see one state
    Reader reader(db_.get(), keyring);
    return transaction.begun() && reader.read() ? Checked<std::int64_t>(reader.newest())
                                                : Checked<std::int64_t>(rows_fault(path_, db_.get()));
}

}  // namespace reseal::keyring
