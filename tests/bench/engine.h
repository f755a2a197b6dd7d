// SPDX-License-Identifier: Apache-2.0
// All clients of a run, driven by one thread.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "bench/clients.h"
#include "bench/matcher.h"
#include "bench/pacer.h"
#include "tools/file.h"

namespace bench {

// The result of a phase.
struct Phase {
    Matcher matcher{1, 1, 0};
    double seconds = 0;        // from the first message to the last delivery or acknowledgement
    double broker_cpu = 0;     // seconds in that time; 0 if the broker is not watched
    double generator_cpu = 0;  // the same of this process
    bool acknowledged = true;  // all messages were, at QoS 1 and 2
};

class Engine {
  public:
    // Raises the limit of open files. Throws Failure.
    Engine(const Options& options, Clients& clients);

    // Runs until all publishers may send and all subscribers are subscribed. Throws Failure, which names the client.
    void connect();

    // Sends `count` messages of `supply` with the QoS and rate of `load`, and waits for their deliveries and
    // acknowledgements. Ends early if nothing happens for the options' patience. Throws Failure if a client is refused
    // or its connection ends.
    Phase run(const Supply& supply, const Load& load, std::uint64_t count);

  private:
    struct Watched {
        Session* session;
        bool write;
    };

    void wait_until_ready();
    void watch(Session& session);
    void update(Watched& watched) const;
    void send_due(const Supply& supply, int qos, std::uint64_t count, const Pacer& pacer);
    // Serves whatever is ready, waiting until `until`. False if nothing was.
    bool wait(Clock::time_point until);
    void take(const Delivery& delivery);
    [[nodiscard]] Publisher& next_publisher() const;
    [[nodiscard]] bool settled(std::uint64_t count) const;
    [[nodiscard]] bool acknowledged() const;
    // When the run ends with what it has if nothing happens.
    [[nodiscard]] Clock::time_point give_up_at(std::uint64_t count, const Pacer& pacer) const;

    const Options& options_;
    Clients& clients_;
    reseal::tools::Descriptor poll_;
    std::vector<std::unique_ptr<Publisher>> publishers_;
    std::vector<std::unique_ptr<Subscriber>> subscribers_;
    std::vector<Watched> watched_;
    std::unordered_map<std::string_view, std::size_t> publisher_of_;  // by topic, which the clients own
    Matcher* matcher_ = nullptr;                                      // of the phase that runs
    Clock::time_point last_event_;
};

}  // namespace bench
