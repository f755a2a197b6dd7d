// What a backup holds besides the registry's tables: how far the replay windows and the broker's own epochs had come.
// A backup is an SQLite file that Registry::open refuses, so that it comes back through restore only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fault.h"
#include "keyring/types.h"

namespace reseal::keyring {

// The highest epoch that was accepted under a key.
struct KeyEpoch {
    KeyId key{};
    std::uint32_t epoch = 0;
};

struct BackupState {
    std::int64_t made = 0;           // seconds since 1970, UTC
    std::uint32_t broker_epoch = 0;  // no epoch of the broker's above it was used
    std::vector<KeyEpoch> key_epochs;
};

// Writes a consistent copy of the registry, which may be in use, and `state` to `file`: mode 0600, replaced whole.
Checked<Done> write_backup(const std::string& registry, const std::string& file, const BackupState& state);

// Makes `copy`, or replaces it: a registry with the content of the backup `file`. Faults: missing, open to others, no
// backup.
Checked<BackupState> unpack_backup(const std::string& file, const std::string& copy);

// Replaces the content of `registry` by that of `copy`, in one transaction. No broker may use it.
Checked<Done> replace_content(const std::string& registry, const std::string& copy);

}  // namespace reseal::keyring
