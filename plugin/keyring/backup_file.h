// SPDX-License-Identifier: Apache-2.0
// A backup holds the registry's tables, and how far the replay windows and the broker's own epochs had come. It is an
// SQLite file that Registry::open refuses, so only restore brings it back.
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
    EpochNumber broker_epoch = 0;  // the broker used no epoch above it
    std::vector<KeyEpoch> key_epochs;
};

struct CloseDatabase {
    void operator()(sqlite3* db) const;
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;

// A backup being written. It has three steps, because the file's folder and the registry may need different rights:
// fill() opens nothing but the registry.
class NewBackup {
  public:
    // Makes a work file beside `file`, mode 0600.
    static Checked<NewBackup> make(const std::string& file);
    // Writes a consistent copy of the registry, which may be in use, and `state`.
    Checked<Done> fill(const std::string& registry, const BackupState& state);
    // Makes the file appear, or replaces it, as a whole.
    Checked<Done> put_in_place();

  private:
    NewBackup(std::string file, Database db) : file_(std::move(file)), db_(std::move(db)) {}

    std::string file_;
    Database db_;
};

// A backup to read. unpack() opens nothing but the copy.
class Backup {
  public:
    // Faults: missing, open to others, not a backup.
    static Checked<Backup> open(const std::string& file);
    // Makes or replaces `copy`: a registry with the content of the backup.
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
