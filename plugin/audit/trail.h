// SPDX-License-Identifier: Apache-2.0
// Writes an audit trail: records in, lines on the disk out. Not for the broker's thread, because it does file I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "audit/folder.h"
#include "audit/line.h"
#include "audit/record.h"
#include "base/descriptor.h"
#include "base/fault.h"

namespace reseal::audit {

struct Settings {
    std::string folder;
    std::string mark;                                  // path of the file that says how far the trail has come
    std::uint64_t max_file = std::uint64_t{1} << 24U;  // bytes after which a new file begins
    std::uint32_t keep = 100;                          // files, including the one being written
    std::uint32_t keep_days = 90;                      // how far the trail should reach back
};

class Trail {
  public:
    // Makes the folder (0700) if it is missing, and goes on after the last line. After a crash, or after tampering,
    // told by crashed() and findings(), the trail goes on in a new file.
    static Checked<Trail> open(Settings settings, Key key);

    // Signs of tampering that open() found: sentences for people.
    [[nodiscard]] const std::vector<std::string>& findings() const { return findings_; }
    // The last file ended within a line: the broker or its machine crashed.
    [[nodiscard]] bool crashed() const { return crashed_; }

    // Appends `record` as the next line. On a Fault (a full disk) the trail is as it was before: call it again.
    [[nodiscard]] Checked<Done> append(const Record& record);

    // Writes the appended lines to the disk, and their end to the mark. Cheap if nothing was appended.
    [[nodiscard]] Checked<Done> sync();

    // A sentence for people if the file or the mark was removed, replaced or cut while in use. The trail goes on in a
    // new file, or with a new mark. Costs a few system calls.
    [[nodiscard]] std::optional<std::string> look();

    // If `keep` removed lines younger than keep_days: how many hours the trail now reaches back, told once.
    [[nodiscard]] std::optional<std::uint32_t> take_shortage() { return std::exchange(shortage_, std::nullopt); }

    [[nodiscard]] const Position& position() const { return position_; }

    // The descriptors that it holds now. It may close them and open others.
    [[nodiscard]] std::vector<int> descriptors() const;

  private:
    Trail(Settings settings, Key key, Mark mark)
        : settings_(std::move(settings)), key_(std::move(key)), mark_(std::move(mark)) {}

    [[nodiscard]] Checked<Done> find_end();
    void judge_end(const Tail& tail, const std::optional<Position>& mark);
    [[nodiscard]] Checked<Done> continue_file(const std::string& path);
    [[nodiscard]] Checked<Done> begin_file();
    [[nodiscard]] bool file_in_place() const;
    [[nodiscard]] Checked<Done> remove_old(std::int64_t time);
    void note_shortage(const std::string& first);
    [[nodiscard]] Checked<Done> write_line_of(const Record& record);

    Settings settings_;
    Key key_;
    Mark mark_;
    Position position_;
    Position synced_;
    Descriptor file_;  // none: the next line begins a new file
    std::string path_;
    std::uint64_t size_ = 0;  // of the file
    std::string line_;        // kept for its memory
    std::vector<std::string> findings_;
    bool crashed_ = false;
    std::optional<std::uint32_t> shortage_;
};

}  // namespace reseal::audit
