// SPDX-License-Identifier: Apache-2.0
// Mosquitto 2.0 queues what a plugin publishes at the start of its next loop round. If SIGTERM or SIGINT comes first,
// it ends without that round, and deliveries of acknowledged messages would be lost. From the first round on, the hold
// takes the place of the broker's handlers of these two signals. It passes a signal on to them once the round has come.
#pragma once

#include <array>
#include <csignal>

namespace reseal::broker {

class ShutdownHold {
  public:
    ShutdownHold() = default;
    ~ShutdownHold() { release(); }
    ShutdownHold(const ShutdownHold&) = delete;
    ShutdownHold& operator=(const ShutdownHold&) = delete;

    // A delivery was handed to the broker.
    void published() { fresh_ = true; }

    // Was something handed over in this round that the broker has not queued yet?
    [[nodiscard]] bool waiting() const { return fresh_; }

    // The broker's loop round ends. A signal that came is passed on if nothing was published in it.
    void tick();

    // Did a signal come in an earlier round? Then no new message should be taken: unacknowledged, it is sent again.
    [[nodiscard]] bool closing() const { return closing_ > 0; }

  private:
    struct Handler {
        int signal;
        struct sigaction brokers {};
        bool taken = false;  // our handler is in its place
    };

    void hold();
    void release();

    std::array<Handler, 2> handlers_{Handler{.signal = SIGTERM}, Handler{.signal = SIGINT}};
    bool held_ = false;
    bool fresh_ = false;  // something was published in this round
    int closing_ = 0;     // rounds since a signal was seen
};

}  // namespace reseal::broker
