// SPDX-License-Identifier: Apache-2.0
// The bytes of a whole file of replay windows, with all its records in the order of their key ids.
#pragma once

#include <cstdint>
#include <vector>

#include "base/key_id.h"
#include "state/replay_header.h"
#include "state/replay_record.h"

namespace reseal::state {

class ReplayImage {
  public:
    // A file of this id and generation, for `records` records.
    ReplayImage(const StateKey& key, const ReplayFileId& id, std::uint64_t generation, std::uint32_t window,
                std::uint32_t records);

    // Adds a record. Its key id must be higher than that of the previous one. If `replay` has another window size than
    // the file, a counter older than the old window counts as accepted, because its mark is not known.
    void add(const KeyId& key_id, const reseal_replay& replay, Trust trust);

    // Fewer records than announced may have been added.
    [[nodiscard]] std::vector<std::uint8_t> finish();

  private:
    ReplayMac mac_;
    Header header_;
    std::vector<std::uint8_t> bytes_;
    std::vector<std::uint32_t> words_;
};

}  // namespace reseal::state
