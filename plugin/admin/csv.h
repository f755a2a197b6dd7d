// SPDX-License-Identifier: Apache-2.0
// Tables in the format of RFC 4180: fields between commas, in quotes if they hold commas, quotes or line ends.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/fault.h"

namespace reseal::admin {

struct CsvRecord {
    int line = 0;  // where it begins, from 1
    std::vector<std::string> fields;
};

// All records, including the first. Lines end with LF or CR LF. Empty lines are left out. Faults, with the line: a
// quote that is not closed or is inside a field, or a record with another number of fields than the first.
Checked<std::vector<CsvRecord>> parse_csv(std::string_view text, const std::string& path);

}  // namespace reseal::admin
