// SPDX-License-Identifier: Apache-2.0
// The key `tokens` of reseal.yaml. Pure.
#pragma once

#include "config/config.h"
#include "config/reader.h"

namespace reseal::config {

// Faults go to `reader`.
Tokens read_tokens(Reader& reader, const Place& place);

}  // namespace reseal::config
