// SPDX-License-Identifier: Apache-2.0
// Bytes that are almost right.
#pragma once

#include "fuzz/attacker/dice.h"

namespace attacker {

// One to four changes of `bytes`: bits, lengths, parts that are omitted, repeated, or taken from `other`.
[[nodiscard]] mqtt::Bytes mutated(Dice& dice, mqtt::Bytes bytes, const mqtt::Bytes& other);

}  // namespace attacker
