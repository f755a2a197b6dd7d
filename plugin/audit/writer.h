// Takes records from the broker's thread and has them written by a process of its own: nothing here waits for a disk,
// what was taken is written though the broker crashes, and the broker stays a process of one thread, for which the C
// library need not lock where it allocates.
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

    // All memory is taken here, and the process begun, which is a fork: what the broker learns afterwards it does not
    // know. It takes no signal and holds no descriptor but its own. `capacity` is a power of two. Throws
    // std::system_error if the machine has no memory or no process left.
    explicit Writer(Trail trail, std::size_t capacity = default_capacity);
    // Has what is queued written, unless the disk refuses it, and waits for the end of the process.
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // Neither waits nor allocates: a record that finds the queue full is dropped, and counted; the number is written to
    // the trail as soon as there is room.
    void put(const Record& record);

    [[nodiscard]] std::uint64_t written() const { return queue_.written(); }  // lines
    [[nodiscard]] std::uint64_t dropped() const { return queue_.dropped(); }  // records
    // The disk refuses lines, which is tried again every second; or the process has been ended, and only a restart of
    // the broker helps.
    [[nodiscard]] bool failing();
    // Why it is failing.
    [[nodiscard]] std::string fault() const;

    // What was found to be tampered with while it is written, once.
    [[nodiscard]] std::optional<std::string> take_finding() { return queue_.take_finding(); }

    // How many hours the trail reaches back, each time that `keep` has removed what is younger than keep_days.
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
