// SPDX-License-Identifier: Apache-2.0
// A JSON object of strings and whole numbers, read in place. A general JSON library keeps copies of what it reads in
// memory that it frees unwiped; here a secret is only ever in the caller's buffer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/result.h"

namespace reseal::tools {

// Borrows from the text that was read.
struct JsonMember {
    std::string_view key;
    std::string_view value;  // of a string: the text between the quotes
    bool is_string = false;
    int line = 0;  // from 1
};

// What is wrong with the text; never quotes it.
struct JsonError {
    int line = 0;
    std::string problem;
};

// The members in the order of the text. No nesting, and no escapes in strings.
Result<std::vector<JsonMember>, JsonError> read_flat_json(std::string_view text);

}  // namespace reseal::tools
