// SPDX-License-Identifier: Apache-2.0
// The key `budgets` of reseal.yaml. Pure.
#pragma once

#include "budget/limits.h"
#include "config/reader.h"

namespace reseal::config {

// `none` in place of the map, or of a number, means no limit. A missing number has its default. 0 is refused, because
// it could mean either nothing or no limit. Faults go to `reader`.
budget::Limits read_budgets(Reader& reader, const Place& place);

}  // namespace reseal::config
