// What becomes of a principal after it was added: one transaction each, with a line of history.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "base/private_file.h"
#include "base/regular_file.h"
#include "keyring/principal_rows.h"
#include "keyring/registry.h"
#include "keyring/statement.h"

namespace reseal::keyring {
namespace {

constexpr const char* history_line = "INSERT INTO history (principal, at, what, who, why) VALUES (?1, ?2, ?3, ?4, ?5)";

std::int64_t now() {
    return static_cast<std::int64_t>(std::time(nullptr));
}

bool write_zeros(int file, off_t size) {
    constexpr std::array<char, 4096> zeros{};
    for (off_t at = 0; at < size;) {
        const auto part = std::min<std::size_t>(zeros.size(), static_cast<std::size_t>(size - at));
        const ssize_t written = ::pwrite(file, zeros.data(), part, at);
        if (written <= 0) {
            return false;
        }
        at += written;
    }
    return ::fsync(file) == 0;
}

// Zeros over all of a file, down to the disk. A missing file has nothing to hide.
Checked<Done> overwrite(const std::string& path) {
    const auto file = open_own_if_there(path, O_WRONLY);
    struct stat status {};
    if (!file) {
        return file.error();
    }
    if (*file && (::fstat(file->get(), &status) != 0 || !write_zeros(file->get(), status.st_size))) {
        return system_fault(path, "overwriting it", "delete it once no process uses the registry");
    }
    return Done{};
}

}  // namespace

Checked<Registry::Row> Registry::row_of(std::string_view id) {
    Statement wanted(db_.get(),
                     "SELECT number, storage, revoked_at IS NOT NULL, decommissioned FROM principal WHERE name = ?1");
    if (!wanted.bind(1, id).row()) {
        return wanted.ok() ? file_fault(path_, std::string("no principal is called ") + in_quotes(id), "see 'list'")
                           : sqlite_fault(path_, db_.get());
    }
    return Row{wanted.number(0), wanted.number(1) != 0, wanted.number(2) != 0, wanted.number(3) != 0};
}

// The row of a principal that may be changed: neither the storage principal nor a revoked one.
Checked<Registry::Row> Registry::changeable(std::string_view id) {
    auto row = row_of(id);
    if (!row) {
        return row;
    }
    if (row->storage) {
        return file_fault(path_, in_quotes(id) + " holds the broker's storage key",
                          "it cannot be revoked: what the broker has stored would be lost");
    }
    if (row->revoked) {
        return file_fault(path_, in_quotes(id) + " is revoked already", "see 'show'");
    }
    return row;
}

bool Registry::write_history(std::int64_t principal, std::string_view what, const Reason& reason) {
    Statement row(db_.get(), history_line);
    return row.bind(1, principal).bind(2, now()).bind(3, what).bind(4, reason.who).bind(5, reason.why).run();
}

// Readers that ask for changes see this principal again.
bool Registry::touch(std::int64_t principal) {
    Statement row(db_.get(),
                  "UPDATE principal SET changed = (SELECT max(changed) + 1 FROM principal) WHERE number = ?1");
    return row.bind(1, principal).run();
}

bool Registry::write_revocation(std::int64_t principal) {
    sqlite3* db = db_.get();
    Statement row(db, "UPDATE principal SET revoked_at = ?2 WHERE number = ?1");
    row.bind(1, principal).bind(2, now());
    Statement certificates(db, "UPDATE certificate SET revoked = 1 WHERE principal = ?1");
    Statement keys(db, "UPDATE key SET retired = 1 WHERE principal = ?1");
    return row.run() && certificates.bind(1, principal).run() && keys.bind(1, principal).run() && touch(principal);
}

Checked<Done> Registry::change(std::string_view id, std::string_view what, const Reason& reason,
                               const std::function<bool(std::int64_t)>& work) {
    sqlite3* db = db_.get();
    Transaction transaction(db, Transaction::Kind::write);
    if (!transaction.begun()) {
        return sqlite_fault(path_, db);
    }
    const auto row = changeable(id);
    if (!row) {
        return row.error();
    }
    const bool done = work(row->number) && write_history(row->number, what, reason);
    return done && transaction.commit() ? Checked<Done>(Done{}) : sqlite_fault(path_, db);
}

// Nothing is written to the file before the commit (cache_spill), so that readers are kept out for a moment only.
Checked<Done> Registry::add_all(std::span<const PrincipalRecord> principals, std::string_view what,
                                const Reason& reason) {
    sqlite3* db = db_.get();
    Transaction transaction(db, Transaction::Kind::write);
    if (!transaction.begun() || !Statement(db, "PRAGMA cache_spill = OFF").run()) {
        return sqlite_fault(path_, db);
    }
    PrincipalWriter writer(db, path_);
    Statement history(db, history_line);
    for (const PrincipalRecord& principal : principals) {
        auto number = writer.add(principal);
        if (!number) {
            return number.error();
        }
        history.again().bind(1, *number).bind(2, now()).bind(3, what).bind(4, reason.who).bind(5, reason.why).run();
    }
    return history.ok() && transaction.commit() ? Checked<Done>(Done{}) : sqlite_fault(path_, db);
}

Checked<Done> Registry::revoke(std::string_view id, const Reason& reason) {
    return change(id, "revoked", reason, [this](std::int64_t number) { return write_revocation(number); });
}

Checked<Done> Registry::transfer(std::string_view id, std::string_view owner, const Reason& reason) {
    return change(id, std::string("transferred to ").append(owner), reason, [&](std::int64_t number) {
        Statement row(db_.get(), "UPDATE principal SET owner = ?2 WHERE number = ?1");
        return row.bind(1, number).bind(2, owner).run() && touch(number);
    });
}

Checked<Done> Registry::add_certificate(std::string_view id, const Fingerprint& fingerprint, const Reason& reason) {
    return change(id, "certificate renewed", reason, [&](std::int64_t number) {
        Statement row(db_.get(), "INSERT INTO certificate (fingerprint, principal, revoked) VALUES (?1, ?2, 0)");
        return row.bind(1, fingerprint).bind(2, number).run() && touch(number);
    });
}

Checked<Done> Registry::rotate(std::string_view id, const Key& key, std::int64_t overlap_ends, const Reason& reason) {
    const std::string what = "rotated to generation " + std::to_string(key.generation);
    return change(id, what, reason, [&](std::int64_t number) {
        Statement older(db_.get(), overlap_ends == 0 ? "UPDATE key SET retired = 1 WHERE principal = ?1 AND ?2 = 0"
                                                     : "UPDATE key SET ends = min(coalesce(ends, ?2), ?2) "
                                                       "WHERE principal = ?1 AND retired = 0");
        older.bind(1, number).bind(2, overlap_ends);
        return older.run() && insert_key(db_.get(), number, key) && touch(number);
    });
}

Checked<Done> Registry::rotate_over_the_air(std::string_view id, const Key& key, const Reason& reason) {
    const std::string what = "rotated to generation " + std::to_string(key.generation) + ", over the air";
    return change(id, what, reason,
                  [&](std::int64_t number) { return insert_key(db_.get(), number, key) && touch(number); });
}

Checked<Done> Registry::begin_overlaps(std::span<const Overlap> overlaps) {
    Transaction transaction(db_.get(), Transaction::Kind::write);
    bool done = transaction.begun();
    for (const Overlap& each : overlaps) {
        const auto row = row_of(each.id);
        if (!done || !row || row->revoked) {
            continue;
        }
        Statement older(db_.get(),
                        "UPDATE key SET ends = min(coalesce(ends, ?3), ?3) "
                        "WHERE principal = ?1 AND generation < ?2 AND retired = 0");
        older.bind(1, row->number).bind(2, std::int64_t{each.generation}).bind(3, each.ends);
        const std::string what = "generation " + std::to_string(each.generation) + " used for the first time";
        done = older.run() && touch(row->number) && write_history(row->number, what, {});
    }
    return done && transaction.commit() ? Checked<Done>(Done{}) : sqlite_fault(path_, db_.get());
}

Checked<Done> Registry::end_overlap(std::string_view id, const Reason& reason) {
    return destroy([&]() -> Checked<Done> {
        const auto row = changeable(id);
        if (!row) {
            return row.error();
        }
        Statement keys(db_.get(), "DELETE FROM key WHERE principal = ?1 AND ends IS NOT NULL");
        if (!keys.bind(1, row->number).run()) {
            return sqlite_fault(path_, db_.get());
        }
        if (sqlite3_changes(db_.get()) == 0) {
            return file_fault(path_, in_quotes(id) + " has no generation whose overlap still runs",
                              "see 'show'; one over the air begins with the first use of the new key");
        }
        const bool done = touch(row->number) && write_history(row->number, "overlap ended, older keys wiped", reason);
        return done ? Checked<Done>(Done{}) : sqlite_fault(path_, db_.get());
    });
}

Checked<std::size_t> Registry::wipe_ended(std::int64_t now) {
    std::vector<std::int64_t> holders;
    auto wiped = destroy([&]() -> Checked<Done> {
        Statement found(db_.get(), "SELECT DISTINCT principal FROM key WHERE ends <= ?1");
        for (found.bind(1, now); found.row();) {
            holders.push_back(found.number(0));
        }
        Statement keys(db_.get(), "DELETE FROM key WHERE ends <= ?1");
        bool done = found.ok() && keys.bind(1, now).run();
        for (const std::int64_t holder : holders) {
            done = done && touch(holder) && write_history(holder, "overlap over, older keys wiped", {});
        }
        return done ? Checked<Done>(Done{}) : sqlite_fault(path_, db_.get());
    });
    return wiped ? Checked<std::size_t>(holders.size()) : wiped.error();
}

Checked<Done> Registry::decommission(std::string_view id, const Reason& reason) {
    return destroy([&]() -> Checked<Done> {
        const auto row = row_of(id);
        if (!row) {
            return row.error();
        }
        if (row->storage) {
            return changeable(id).error();
        }
        if (row->decommissioned) {
            return file_fault(path_, in_quotes(id) + " is decommissioned already", "see 'show'");
        }
        Statement keys(db_.get(), "DELETE FROM key WHERE principal = ?1");
        Statement mark(db_.get(), "UPDATE principal SET decommissioned = 1 WHERE number = ?1");
        const bool done = (row->revoked ? touch(row->number) : write_revocation(row->number)) &&
                          keys.bind(1, row->number).run() && mark.bind(1, row->number).run() &&
                          write_history(row->number, "decommissioned, keys destroyed", reason);
        return done ? Checked<Done>(Done{}) : sqlite_fault(path_, db_.get());
    });
}

// SQLite overwrites what is deleted (secure_delete). The pages as they were stand in the journal, which a commit would
// only cut off: here it is kept, and overwritten while nobody else can begin a journal of his own.
Checked<Done> Registry::destroy(const std::function<Checked<Done>()>& change) {
    sqlite3* db = db_.get();
    const auto run = [db](const char* sql) { return Statement(db, sql).run(); };
    Checked<Done> out = Done{};
    if (run("PRAGMA locking_mode = EXCLUSIVE") && run("PRAGMA journal_mode = PERSIST")) {
        Transaction transaction(db, Transaction::Kind::write);
        out = transaction.begun() ? change() : sqlite_fault(path_, db);
        if (out && !transaction.commit()) {
            out = sqlite_fault(path_, db);
        }
    } else {
        out = sqlite_fault(path_, db);
    }
    if (out) {
        out = overwrite(path_ + "-journal");
    }
    const bool back = run("PRAGMA journal_mode = TRUNCATE") && run("PRAGMA locking_mode = NORMAL") &&
                      run("SELECT 1 FROM principal LIMIT 1");
    return !out || back ? out : sqlite_fault(path_, db);
}

Checked<Done> Registry::remember(std::string_view id, std::string_view what, const Reason& reason) {
    sqlite3* db = db_.get();
    Transaction transaction(db, Transaction::Kind::write);
    if (!transaction.begun()) {
        return sqlite_fault(path_, db);
    }
    const auto row = row_of(id);
    if (!row) {
        return row.error();
    }
    const bool done = write_history(row->number, what, reason) && transaction.commit();
    return done ? Checked<Done>(Done{}) : sqlite_fault(path_, db);
}

Checked<std::vector<HistoryEntry>> Registry::history(std::string_view id) {
    Statement rows(db_.get(),
                   "SELECT h.at, h.what, h.why, h.who FROM history h JOIN principal p ON p.number = h.principal "
                   "WHERE p.name = ?1 ORDER BY h.number");
    std::vector<HistoryEntry> out;
    for (rows.bind(1, id); rows.row();) {
        out.push_back({rows.number(0), rows.text(1), {rows.text(2), rows.text(3)}});
    }
    return rows.ok() ? Checked<std::vector<HistoryEntry>>(std::move(out)) : sqlite_fault(path_, db_.get());
}

}  // namespace reseal::keyring
