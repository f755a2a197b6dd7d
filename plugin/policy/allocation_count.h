// SPDX-License-Identifier: Apache-2.0
// For tests: how often this program has asked for memory by operator new.
#pragma once

#include <cstddef>

namespace reseal::policy {

std::size_t allocation_count();

}  // namespace reseal::policy
