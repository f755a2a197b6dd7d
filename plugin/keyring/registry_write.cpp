// SPDX-License-Identifier: Apache-2.0
// The broker's writes, and those that AdminRegistry shares with it: rows, history, changes that leave no trace.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/fault.h"
#include "base/quote.h"
#include "base/regular_file.h"
#include "keyring/history_writer.h"
#include "keyring/registry.h"
#include "keyring/statement.h"

namespace reseal::keyring {
namespace {

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

// Overwrites a whole file with zeros, down to the disk. A missing file has nothing to hide.
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
        return wanted.ok() ? file_fault(path_, std::string("no principal is called ") + quote(id), "see 'list'")
                           : sqlite_fault(path_, db_.get());
    }
    return Row{wanted.number(0), wanted.number(1) != 0, wanted.number(2) != 0, wanted.number(3) != 0};
}

bool Registry::write_history(std::int64_t principal, std::string_view what, const Reason& reason) {
    return HistoryWriter(db_.get()).write(principal, what, reason);
}

bool Registry::touch(std::int64_t principal) {
    Statement row(db_.get(),
                  "UPDATE principal SET changed = (SELECT max(changed) + 1 FROM principal) WHERE number = ?1");
    return row.bind(1, principal).run();
}

// SQLite overwrites deleted content (secure_delete). But the journal holds the pages as they were, and a commit would
// only truncate it. So it is kept here, and overwritten while nobody else can begin another journal.
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

}  // namespace reseal::keyring
