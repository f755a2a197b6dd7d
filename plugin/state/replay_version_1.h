// SPDX-License-Identifier: Apache-2.0
// Reads the file of replay windows as programs wrote it before the registry knew of it. It has no MAC.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/fault.h"
#include "base/key_id.h"
#include "state/replay_record.h"

namespace reseal::state {

struct OldRecord {
    KeyId key{};
    reseal_epoch epoch{};
    std::uint32_t top = 0;
    std::vector<std::uint32_t> words;
    Trust trust = Trust::full;
};

struct OldFile {
    std::uint32_t window = 0;
    std::vector<OldRecord> records;  // in the order of their key ids
};

// Faults: missing, not readable, not of version 1, visibly damaged.
Checked<OldFile> read_version_1(const std::string& path);

}  // namespace reseal::state
