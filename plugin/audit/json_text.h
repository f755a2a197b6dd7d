// Members of a JSON object, in printable ASCII: what comes from outside can neither end a line nor move a terminal's
// cursor.
#pragma once

#include <string>
#include <string_view>

namespace reseal::audit {

// Appends "FIELD":"TEXT", after a comma unless `out` ends with the object's '{'; nothing if `text` is empty. What is
// not UTF-8 becomes U+FFFD. `cut` adds an ellipsis.
void append_json(std::string& out, std::string_view field, std::string_view text, bool cut = false);

}  // namespace reseal::audit
