// SPDX-License-Identifier: Apache-2.0
#include "keyring/backup_file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>

#include "base/private_file.h"
#include "keyring/careful_vfs.h"
#include "keyring/registry.h"
#include "keyring/statement.h"

namespace reseal::keyring {
namespace {

constexpr std::int64_t backup_id = 0x52736c62;  // "Rslb": PRAGMA application_id of a backup

constexpr const char* backup_tables = R"(
CREATE TABLE backup (
    made          INTEGER NOT NULL,
    broker_epoch  INTEGER NOT NULL
) STRICT;
CREATE TABLE backup_epoch (
    key           BLOB    NOT NULL PRIMARY KEY CHECK (length(key) = 7),
    epoch         INTEGER NOT NULL CHECK (epoch BETWEEN 1 AND 4294967295)
) STRICT, WITHOUT ROWID;
)";

struct FinishBackup {
    void operator()(sqlite3_backup* backup) const { sqlite3_backup_finish(backup); }
};

Checked<Database> open(const std::string& path, int flags) {
    sqlite3* handle = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, careful_vfs());
    Database db(handle);
    if (code != SQLITE_OK) {
        return sqlite_fault(path, handle);
    }
    sqlite3_busy_timeout(handle, static_cast<int>(writer_patience.count()));
    return db;
}

// A new file of our own, which nobody else knows yet. It needs no journal.
Checked<Database> open_new(const std::string& path) {
    (void)::unlink(path.c_str());  // left behind by a process that was killed
    if (auto made = create_file(path, {}); !made) {
        return made.error();
    }
    auto db = open(path, SQLITE_OPEN_READWRITE);
    if (db && sqlite3_exec(db->get(), "PRAGMA journal_mode = OFF; PRAGMA synchronous = FULL", nullptr, nullptr,
                           nullptr) != SQLITE_OK) {
        return sqlite_fault(path, db->get());
    }
    return db;
}

Checked<Done> copy(sqlite3* from, sqlite3* to, const std::string& path) {
    const std::unique_ptr<sqlite3_backup, FinishBackup> backup(sqlite3_backup_init(to, "main", from, "main"));
    if (!backup) {
        return sqlite_fault(path, to);
    }
    const int code = sqlite3_backup_step(backup.get(), -1);
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
        return file_fault(path, "is locked by another process that is changing it", "try again");
    }
    return code == SQLITE_DONE ? Checked<Done>(Done{})
                               : file_fault(path, std::string("cannot be copied: ") + sqlite3_errstr(code),
                                            "there must be free space, and the file must be whole");
}

// The file that a backup is written to until it is whole.
std::string work_name(const std::string& file) {
    return file + ".new";
}

bool write_state(sqlite3* db, const BackupState& state) {
    if (!run_script(db, std::string("BEGIN IMMEDIATE; PRAGMA application_id = ") + std::to_string(backup_id) + ";" +
                            backup_tables)) {
        return false;
    }
    Statement header(db, "INSERT INTO backup (made, broker_epoch) VALUES (?1, ?2)");
    bool done = header.bind(1, state.made).bind(2, std::int64_t{state.broker_epoch}).run();
    Statement row(db, "INSERT INTO backup_epoch (key, epoch) VALUES (?1, ?2)");
    for (const KeyEpoch& each : state.key_epochs) {
        row.again().bind(1, each.key).bind(2, std::int64_t{each.epoch}).run();
    }
    done = done && row.ok();
    return done && run_script(db, "COMMIT");
}

Checked<BackupState> read_state(sqlite3* db, const std::string& file) {
    Statement id(db, "PRAGMA application_id");
    if (!id.row() || id.number(0) != backup_id) {
        return id.ok() ? file_fault(file, "is an SQLite file, but not a backup of a registry",
                                    "name a file that 'provision backup' wrote")
                       : sqlite_fault(file, db);
    }
    BackupState out;
    Statement header(db, "SELECT made, broker_epoch FROM backup");
    Statement row(db, "SELECT key, epoch FROM backup_epoch");
    bool whole = header.row();
    if (whole) {
        out.made = header.number(0);
        out.broker_epoch = static_cast<EpochNumber>(header.number(1));
    }
    while (whole && row.row()) {
        KeyEpoch& each = out.key_epochs.emplace_back();
        each.epoch = static_cast<EpochNumber>(row.number(1));
        whole = row.bytes(0, each.key);
    }
    return whole && row.ok() ? Checked<BackupState>(std::move(out))
                             : file_fault(file, "is damaged", "restore from another backup");
}

bool whole(sqlite3* db) {
    Statement check(db, "PRAGMA quick_check(1)");
    return check.row() && check.text(0) == "ok";
}

bool unpack(sqlite3* db) {
    return whole(db) &&
           run_script(db, std::string("DROP TABLE backup; DROP TABLE backup_epoch; PRAGMA application_id = ") +
                              std::to_string(application_id) + ";");
}

}  // namespace

void CloseDatabase::operator()(sqlite3* db) const {
    sqlite3_close_v2(db);
}

Checked<NewBackup> NewBackup::make(const std::string& file) {
    auto db = open_new(work_name(file));
    if (!db) {
        Fault fault = db.error();
        fault.file = file;  // what the caller named
        return fault;
    }
    return NewBackup(file, std::move(*db));
}

Checked<Done> NewBackup::fill(const std::string& registry, const BackupState& state) {
    if (auto checked = Registry::open(registry, writer_patience); !checked) {
        return checked.error();  // a better description of what is wrong
    }
    auto from = open(registry, SQLITE_OPEN_READWRITE);
    if (!from) {
        return from.error();
    }
    if (auto copied = copy(from->get(), db_.get(), registry); !copied) {
        return copied;
    }
    return write_state(db_.get(), state) ? Checked<Done>(Done{}) : sqlite_fault(work_name(file_), db_.get());
}

Checked<Done> NewBackup::put_in_place() {
    db_.reset();
    const std::string work = work_name(file_);
    if (std::rename(work.c_str(), file_.c_str()) != 0) {
        Fault fault = system_fault(file_, "replacing it", "it must be a file in a writable folder");
        (void)::unlink(work.c_str());
        return fault;
    }
    return sync_folder_of(file_);
}

Checked<Backup> Backup::open(const std::string& file) {
    if (auto checked = check_private(file); !checked) {
        return checked.error();
    }
    auto db = keyring::open(file, SQLITE_OPEN_READONLY);
    if (!db) {
        return db.error();
    }
    auto state = read_state(db->get(), file);
    return state ? Checked<Backup>(Backup(file, std::move(*db), std::move(*state))) : state.error();
}

Checked<BackupState> Backup::unpack(const std::string& copy_path) {
    auto to = open_new(copy_path);
    if (!to) {
        return to.error();
    }
    if (auto copied = copy(db_.get(), to->get(), file_); !copied) {
        return copied.error();
    }
    return keyring::unpack(to->get()) ? Checked<BackupState>(state_)
                                      : file_fault(file_, "is damaged", "restore from another backup");
}

// Written like any change of SQLite: if the process is killed in between, the journal undoes it.
Checked<Done> replace_content(const std::string& registry, const std::string& copy_path) {
    auto from = open(copy_path, SQLITE_OPEN_READWRITE);
    auto to = open(registry, SQLITE_OPEN_READWRITE);
    if (!from || !to) {
        return from ? to.error() : from.error();
    }
    if (!run_script(to->get(),
                    "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON")) {
        return sqlite_fault(registry, to->get());
    }
    return copy(from->get(), to->get(), registry);
}

}  // namespace reseal::keyring
