// SPDX-License-Identifier: Apache-2.0
// Something that the operator must be told.
#pragma once

#include <cstdint>
#include <string>

namespace reseal::identity {

struct Notice {
    enum class Kind : std::uint8_t { well, stale, unreadable };
    Kind kind = Kind::well;
    std::string text;
};

}  // namespace reseal::identity
