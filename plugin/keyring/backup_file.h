// What a backup holds besides the registry's tables: how far the replay windows and the broker's own epochs had come.
// A backup is an SQLite file that Registry::open refuses, so that it comes back through restore only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/epoch.h"
#include "base/fault.h"

struct sqlite3;

namespace reseal::keyring {

struct BackupState {
    std::int64_t made = 0;         // seconds since 1970, UTC
    EpochNumber broker_epoch = 0;  // no epoch of the broker's above it was used
    std::vector<KeyEpoch> key_epochs;
};

struct CloseDatabase {
    void operator()(sqlite3* db) const;
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

// A backup that is being written. Three steps, as the folder of the file and the registry may take different rights: in
// fill() nothing but the registry is opened.
class NewBackup {
  public:
    // Beside `file`, mode 0600.
    static Checked<NewBackup> make(const std::string& file);
    // A consistent copy of the registry, which may be in use, and `state`.
    Checked<Done> fill(const std::string& registry, const BackupState& state);
    // The file appears, or is replaced, whole.
    Checked<Done> put_in_place();

  private:
    NewBackup(std::string file, Database db) : file_(std::move(file)), db_(std::move(db)) {}

    std::string file_;
    Database db_;
};

// A backup to read. In unpack() nothing but the copy is opened.
class Backup {
  public:
    // Faults: missing, open to others, not a backup.
    static Checked<Backup> open(const std::string& file);
    // Makes `copy`, or replaces it: a registry with the content of the backup.
    Checked<BackupState> unpack(const std::string& copy);

  private:
    Backup(std::string file, Database db, BackupState state)
        : file_(std::move(file)), db_(std::move(db)), state_(std::move(state)) {}

    std::string file_;
    Database db_;
    BackupState state_;
};

// Replaces the content of `registry` by that of `copy`, in one transaction. No broker may use it.
Checked<Done> replace_content(const std::string& registry, const std::string& copy);

}  // namespace reseal::keyring
