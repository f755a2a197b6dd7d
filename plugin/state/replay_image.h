// The bytes of a whole file of replay windows, all its records in the order of their key ids.
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

    // The next record; its key id is higher than that of the one before. If `replay` has another window than the file:
    // a counter whose mark is not known, because it is left of the old window, counts as accepted.
    void add(const KeyId& key_id, const reseal_replay& replay, Trust trust);

    // With all records added, or fewer.
    [[nodiscard]] std::vector<std::uint8_t> finish();

  private:
    ReplayMac mac_;
    Header header_;
    std::vector<std::uint8_t> bytes_;
    std::vector<std::uint32_t> words_;
};

}  // namespace reseal::state
