// The state folder of a broker, its replay windows and its epochs, and whether it is the one that the registry knows.
//
// The registry has a row for each state folder: the id of its replay file, that file's generation, which rises with
// every start and every orderly end, and how far its epoch file has come. The file is written first and the row then,
// so that a file may be one generation ahead, after a crash in between. So what is missing, older or another broker's
// stops the start; it is never begun anew by itself.
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

    // Opens both and writes the row. The very first start of a site makes the files; files of an older program are
    // taken over while the registry has no row at all. Any other difference from the registry is a Fault, as is what
    // ReplayStore::open and EpochStore::open refuse.
    static Checked<StateFolder> open(const std::string& folder, std::uint32_t window, const StateKey& key,
                                     keyring::Registry& registry);
};

// An orderly end of what open() answered: on the disk and in the row. Fault: the next start has more to look at.
Checked<Done> end(ReplayStore& replay, const EpochStore& epochs, keyring::Registry& registry);

// All that would stop a start, and damage that it would not find at once. Changes nothing; a broker may be using it.
std::vector<Fault> inspect(const std::string& folder, const StateKey& key, keyring::Registry& registry);

// The registry was copied from another broker and has no row of this folder, or an older one: takes the files for what
// they are. Faults: they are older than a row says, missing, damaged, or in use.
Checked<Done> adopt(const std::string& folder, std::uint32_t window, const StateKey& key, keyring::Registry& registry);

// What was begun anew under distrust, held until its row is in the registry; then the broker may start again.
struct BegunAnew {
    FolderLock folder;
    keyring::StateRecord row;
};
// See ReplayStore::begin_anew() and EpochStore::raise().
Checked<BegunAnew> begin_anew(const std::string& folder, std::uint32_t window, const StateKey& key,
                              std::span<const KeyEpoch> known, EpochNumber used_epoch);
// The epochs alone; the replay file must be the one that `registry` knows.
Checked<BegunAnew> raise_epochs(const std::string& folder, const StateKey& key, keyring::Registry& registry);

// The highest epoch of all rows.
EpochNumber highest_epoch(std::span<const keyring::StateRecord> rows);

}  // namespace reseal::state
