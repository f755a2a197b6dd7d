// SPDX-License-Identifier: Apache-2.0
// Serial numbers of certificates.
#pragma once

#include <cstddef>

namespace reseal {

inline constexpr std::size_t serial_number_most = 20;  // bytes: RFC 5280, section 4.1.2.2

}  // namespace reseal
