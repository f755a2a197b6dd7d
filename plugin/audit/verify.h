// SPDX-License-Identifier: Apache-2.0
// Reads an audit trail and finds what was done to it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "audit/line.h"
#include "base/fault.h"

namespace reseal::audit {

struct Question {
    std::vector<std::string> files;  // in the order of their lines
    const Key* key = nullptr;        // null: MACs are not checked
    bool from_beginning = false;     // report missing first lines, unless the trail says that `keep` removed them
    std::optional<Position> mark;    // how far the broker says that it has written
    // Milliseconds since 1970: if `keep` removed lines, the first one left must not be later. Nothing: any time.
    std::optional<std::int64_t> keep_from;
};

struct Answer {
    std::vector<std::string> problems;  // "FILE:LINE: what is wrong"; empty: the trail is as it was written
    std::vector<std::string> notes;     // not problems, but worth knowing
    std::uint64_t lines = 0;
    std::uint64_t first = 0;  // number of the first line
    Position last;
};

// Finds each line that was changed, removed, inserted or moved, and missing files. Without a mark, it cannot see that
// the end of a trail was cut off at a line break. Fault: a file cannot be read.
Checked<Answer> verify(const Question& question);

}  // namespace reseal::audit
