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
    const Key* key = nullptr;        // null: MACs are not looked at
    bool from_beginning = false;  // lines are missing at the front, too, unless the trail says that `keep` removed them
    std::optional<Position> mark;  // how far the broker says that it has written
    // Milliseconds since 1970: where `keep` has removed lines, the first one left must not be later. Nothing: any.
    std::optional<std::int64_t> keep_from;
};

struct Answer {
    std::vector<std::string> problems;  // "FILE:LINE: what is wrong"; empty: the trail is as it was written
    std::vector<std::string> notes;     // what is no problem, but worth knowing
    std::uint64_t lines = 0;
    std::uint64_t first = 0;  // number of the first line
    Position last;
};

// Finds each line that was changed, removed, inserted or moved, and missing files. Without a mark, a trail whose end
// was cut off at a line's end looks like one that ends there. Fault: a file cannot be read.
Checked<Answer> verify(const Question& question);

}  // namespace reseal::audit
