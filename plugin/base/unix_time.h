// SPDX-License-Identifier: Apache-2.0
// The wall clock's time, as files, certificates and tokens write it.
#pragma once

#include <cstdint>

namespace reseal {

using UnixTime = std::int64_t;  // seconds since 1970 began, in UTC

}  // namespace reseal
