// The key `budgets` of reseal.yaml. Pure.
#pragma once

#include "budget/limits.h"
#include "config/reader.h"

namespace reseal::config {

// `none` instead of the map, or of a number: no limit. What is left out has its default; 0 is refused, as it could mean
// either nothing or no limit. What is wrong is kept in `reader`.
budget::Limits read_budgets(Reader& reader, const Place& place);

}  // namespace reseal::config
