// Mosquitto 2.0 queues what a plugin publishes at the start of its next loop round, and ends without that round when
// SIGTERM or SIGINT comes first: deliveries of messages that were acknowledged already would be lost. The hold keeps
// these two signals waiting until the round has come. They wait from the broker's first round on: one that comes while
// the broker waits for packets would end it after the packets it woke up to, whatever is delivered of them.
#pragma once

namespace reseal::broker {

class ShutdownHold {
  public:
    ShutdownHold() = default;
    ~ShutdownHold() { release(); }
    ShutdownHold(const ShutdownHold&) = delete;
    ShutdownHold& operator=(const ShutdownHold&) = delete;

    // A delivery was handed to the broker.
    void published() { fresh_ = true; }

    // Something was handed over in this round, which the broker has not queued yet.
    [[nodiscard]] bool waiting() const { return fresh_; }

    // The broker's loop round ends. A signal that waits gets through if nothing was published in it.
    void tick();

    // Is a signal waiting while deliveries go on? Then no new message should be taken: not acknowledged, it is sent
    // again.
    [[nodiscard]] bool closing() const { return closing_ > 0; }

  private:
    void hold();
    void release();
    [[nodiscard]] bool is_time_to_ask();

    bool held_ = false;
    bool fresh_ = false;  // something was published in this round
    int unasked_ = 0;     // rounds since it was asked for a signal
    int closing_ = 0;     // rounds since a signal was seen waiting
};

}  // namespace reseal::broker
