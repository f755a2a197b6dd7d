// Tables as RFC 4180 writes them: fields between commas, in quotes if they hold commas, quotes or line ends.
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

// All records, the first one among them; lines end with LF or CR LF, empty ones are left out. Fault: a quote that is
// not closed or stands inside a field, or a record with another number of fields than the first; names the line.
Checked<std::vector<CsvRecord>> parse_csv(std::string_view text, const std::string& path);

}  // namespace reseal::admin
