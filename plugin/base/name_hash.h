// SPDX-License-Identifier: Apache-2.0
// Hash tables whose keys are strings, searched without making one.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

namespace reseal {

struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
};

}  // namespace reseal
