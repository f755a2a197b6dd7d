// SPDX-License-Identifier: Apache-2.0
// Takes records from the broker's thread and has a separate process write them. So nothing here waits for a disk, and
// the records are written even if the broker crashes. The broker keeps its single thread, so the C library need not
// lock when it allocates.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "audit/queue.h"
#include "audit/record.h"
#include "audit/trail.h"
#include "base/descriptor.h"

namespace reseal::audit {

class Writer {
  public:
    static constexpr std::size_t default_capacity = 2048;  // records

    // Allocates all memory and forks the process. The process does not know what the broker learns afterwards. It takes
    // no signal and keeps no descriptor but its own. `capacity` must be a power of two. Throws std::system_error if the
    // machine has no memory or no process left.
    explicit Writer(Trail trail, std::size_t capacity = default_capacity);
    // Has the queued records written, unless the disk refuses them, and waits for the end of the process.
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // Neither waits nor allocates. If the queue is full, the record is dropped and counted. The number is written to
    // the trail as soon as there is room.
    void put(const Record& record);

    [[nodiscard]] std::uint64_t written() const { return queue_.written(); }  // lines
    [[nodiscard]] std::uint64_t dropped() const { return queue_.dropped(); }  // records
    // The disk refuses lines, which is tried again every second. Or the process was ended, and only a restart of the
    // broker helps.
    [[nodiscard]] bool failing();
    // Why it is failing.
    [[nodiscard]] std::string fault() const;

    // A sign of tampering found since the start, told once.
    [[nodiscard]] std::optional<std::string> take_finding() { return queue_.take_finding(); }

    // How many hours the trail reaches back, each time that `keep` removed lines younger than keep_days.
    [[nodiscard]] std::optional<std::uint32_t> take_shortage() { return queue_.take_shortage(); }

    [[nodiscard]] pid_t process() const { return process_; }

  private:
    [[noreturn]] void write(Trail trail, Descriptor broker);

    Queue queue_;
    Descriptor wake_;  // a socket to the process
    pid_t process_ = -1;
    bool ended_ = false;  // by somebody else
};

}  // namespace reseal::audit
