// SPDX-License-Identifier: Apache-2.0
// Which names principals may have, and realms, roles and attributes as well.
#pragma once

#include <string_view>

namespace reseal {

// 1 to 64 of A-Z a-z 0-9 . _ -
bool valid_principal(std::string_view id);

}  // namespace reseal
