// SPDX-License-Identifier: Apache-2.0
// Writes the records of the queue, in a process that does nothing else.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "audit/queue.h"
#include "audit/trail.h"
#include "base/descriptor.h"

namespace reseal::audit {

class Scribe {
  public:
    // `broker` is a socket. Each byte on it says that there is a record. Its end says that the broker has ended, in
    // order or not. `queue` must outlive this.
    Scribe(Trail trail, Queue& queue, Descriptor broker)
        : trail_(std::move(trail)), queue_(&queue), broker_(std::move(broker)) {}

    // Runs until the broker has ended and everything is written, or the disk refuses it. While the broker runs, refused
    // records are tried again every second.
    void run();

  private:
    static constexpr std::chrono::milliseconds period{1000};  // between two tries, and between two writes to the disk

    void look();
    [[nodiscard]] bool drain();
    [[nodiscard]] bool append(const Record& record);
    [[nodiscard]] bool say_dropped();
    void note(const Checked<Done>& result);
    void wait();
    [[nodiscard]] bool broker_ended();

    Trail trail_;
    Queue* queue_;
    Descriptor broker_;
    std::uint64_t dropped_said_ = 0;
    std::optional<std::string> finding_;  // not yet told to the broker
};

}  // namespace reseal::audit
