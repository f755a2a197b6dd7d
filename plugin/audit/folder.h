// SPDX-License-Identifier: Apache-2.0
// The folder of an audit trail holds files audit-NUMBER-TIME.jsonl. NUMBER is that of the first line, so names sort by
// time whatever the clock did. The mark is a file elsewhere that says how far the trail has come.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/line.h"
#include "base/descriptor.h"
#include "base/fault.h"
#include "base/file_id.h"

namespace reseal::audit {

// The name of the file that begins with line `number` at `time`.
std::string file_name(std::uint64_t number, std::int64_t time);

// The number in such a name. Nothing for another name.
std::optional<std::uint64_t> first_number(std::string_view name);

// The time in such a name, in milliseconds since 1970: when the first line was written. Nothing for another name.
std::optional<std::int64_t> first_time(std::string_view name);

// The paths of the trail's files, the oldest first. Fault: the folder cannot be read.
Checked<std::vector<std::string>> trail_files(const std::string& folder);

// How a file ends.
struct Tail {
    std::string line;        // the last complete line, without its line break; empty if there is none
    bool half_line = false;  // more bytes follow that line
    std::uint64_t size = 0;  // of the file, in bytes
};
Checked<Tail> read_tail(const std::string& path);

// Where a broker with this state folder keeps the mark of its trail.
std::string mark_path(const std::string& state);

// The mark of a trail: the position of a line that is on the disk.
class Mark {
  public:
    // Opens or makes it, mode 0600, and locks it. Faults: it cannot be opened; another process holds it for seconds.
    static Checked<Mark> open(const std::string& path);

    // Nothing if it was just made. Fault: it does not hold a position.
    [[nodiscard]] Checked<std::optional<Position>> read() const;
    [[nodiscard]] bool write(const Position& position) const;
    // Does its path still name it?
    [[nodiscard]] bool in_place() const { return file_id(path_) == file_id(file_.get()); }

    // The lock lasts as long as a copy of the descriptor is open.
    [[nodiscard]] int descriptor() const { return file_.get(); }

  private:
    Mark(std::string path, Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}

    std::string path_;
    Descriptor file_;
};

// Reads the mark's position without locking it. Nothing if there is no such file.
Checked<std::optional<Position>> read_mark(const std::string& path);

}  // namespace reseal::audit
