// SPDX-License-Identifier: Apache-2.0
// Members of a JSON object, in printable ASCII. So text from outside can neither end a line nor control a terminal.
#pragma once

#include <string>
#include <string_view>

namespace reseal::audit {

// Appends "FIELD":"TEXT", after a comma unless `out` ends with the object's '{'. Appends nothing if `text` is empty.
// Bytes that are not UTF-8 become U+FFFD. `cut` adds an ellipsis.
void append_json(std::string& out, std::string_view field, std::string_view text, bool cut = false);

}  // namespace reseal::audit
