// A replay window of one size as one of another.
#pragma once

#include <cstdint>

#include "state/replay_record.h"

namespace reseal::state {

// Writes the record of `old` to `to`, zeroed and of the stride of `window`. A counter whose mark is not known, because
// it is left of the old window, counts as accepted.
void convert_record(std::uint32_t window, const ReplayRecord& old, std::uint8_t* to);

}  // namespace reseal::state
