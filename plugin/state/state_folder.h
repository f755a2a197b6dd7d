// SPDX-License-Identifier: Apache-2.0
// The state folder of a broker, with its replay windows and its epochs, checked against the registry.
//
// The registry has a row for each state folder: the id of its replay file, that file's generation, which rises with
// every start and every orderly end, and how far its epoch file has come. The file is written first and the row second,
// so after a crash in between the file may be one generation ahead. A file that is missing, older or another broker's
// stops the start. It is never made again without an order.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/epoch.h"
#include "base/fault.h"
#include "keyring/registry.h"
#include "state/epoch_store.h"
#include "state/replay_store.h"

namespace reseal::state {

struct StateFolder {
    ReplayStore replay;
    EpochStore epochs;

    // Opens both and writes the row. The very first start of a site makes the files. Files of an older program are
    // taken over while the registry has no row at all. Any other difference from the registry is a Fault. So is
    // whatever ReplayStore::open and EpochStore::open refuse.
    static Checked<StateFolder> open(const std::string& folder, std::uint32_t window, const StateKey& key,
                                     keyring::Registry& registry);
};

// An orderly end of what open() answered, written to the disk and to the row. Fault: the next start has more to check.
Checked<Done> end(ReplayStore& replay, const EpochStore& epochs, keyring::Registry& registry);

// All that would stop a start, and damage that it would not find at once. Changes nothing. A broker may be using it.
std::vector<Fault> inspect(const std::string& folder, const StateKey& key, keyring::Registry& registry);

// For a registry that was copied from another broker, and has no row for this folder or an older one: accepts the files
// as they are. Faults: they are older than a row says, missing, damaged, or in use.
Checked<Done> adopt(const std::string& folder, std::uint32_t window, const StateKey& key, keyring::Registry& registry);

// The folder after a new beginning under distrust. Hold it until its row is in the registry: then the broker may start.
struct BegunAnew {
    FolderLock folder;
    keyring::StateRecord row;
};
// See ReplayStore::begin_anew() and EpochStore::raise().
Checked<BegunAnew> begin_anew(const std::string& folder, std::uint32_t window, const StateKey& key,
                              std::span<const KeyEpoch> known, EpochNumber used_epoch);
// Only the epochs. The replay file must be the one that `registry` knows.
Checked<BegunAnew> raise_epochs(const std::string& folder, const StateKey& key, keyring::Registry& registry);

// The highest epoch of all rows.
EpochNumber highest_epoch(std::span<const keyring::StateRecord> rows);

}  // namespace reseal::state
