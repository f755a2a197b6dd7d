// SPDX-License-Identifier: Apache-2.0
// What somebody who mistyped a word probably meant. Pure.
#pragma once

#include <span>
#include <string_view>

namespace reseal {

// The word of `known` that `word` was probably meant to be. Empty if none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

}  // namespace reseal
