// SPDX-License-Identifier: Apache-2.0
// Numbers of epochs, without the salt that makes a number a reseal_epoch.
#pragma once

#include <cstdint>

#include "base/key_id.h"

namespace reseal {

using EpochNumber = std::uint32_t;  // 0: none yet

// The highest epoch that was accepted under a key.
struct KeyEpoch {
    KeyId key{};
    EpochNumber epoch = 0;
};

}  // namespace reseal
