// SPDX-License-Identifier: Apache-2.0
// One broker, its publishers and its subscribers, in one thread.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "load/faults/publisher.h"
#include "load/faults/side.h"
#include "load/faults/subscriber.h"
#include "load/faults/tally.h"

namespace faults {

// How the broker ends.
enum class End : std::uint8_t { sigterm, sigkill };

class Trial {
  public:
    // Starts the broker and connects everybody.
    Trial(Hospital& hospital, const Terms& terms, const std::vector<Manner>& publishers,
          const std::vector<Manner>& subscribers);

    [[nodiscard]] Side& side() { return side_; }
    [[nodiscard]] std::vector<std::unique_ptr<Publisher>>& publishers() { return publishers_; }
    [[nodiscard]] const Tally& tally() const { return tally_; }
    // Deliveries that the SDK's receiver did not open.
    [[nodiscard]] std::size_t unopened() const;
    // How often the broker came up only without its persistence file.
    [[nodiscard]] std::size_t broken_files() const { return broken_files_; }

    // All clients send and receive for that long; each publisher keeps `window` messages in flight.
    void work(std::chrono::microseconds time, std::size_t window);
    // Returns when the broker has delivered everything to the subscribers and has been idle since.
    void settle();
    // Ends the broker; every client reads to the end of its connection.
    void end(End how);
    void start() { broken_files_ += side_.start() ? 0 : 1; }
    // Reconnects every client whose connection is gone, subscribers first.
    void reconnect();
    // Completes everything in flight.
    void finish();

  private:
    bool take_all();
    void read_on();
    void read_until_gone();

    Side side_;
    Tally tally_;
    std::vector<std::unique_ptr<Subscriber>> subscribers_;
    std::vector<std::unique_ptr<Publisher>> publishers_;
    std::size_t broken_files_ = 0;
};

}  // namespace faults
