// SPDX-License-Identifier: Apache-2.0
// Who connects to the broker, with which files, and with what CONNECT.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/options.h"
#include "bench/publisher.h"
#include "bench/subscriber.h"
#include "tools/sender.h"

namespace bench {

// Client `number` (from 0) under `pattern`: its principal, and its client id.
struct Name {
    std::string principal;
    std::string client_id;
};
Name name_of(const std::string& pattern, std::size_t number);

class Clients {
  public:
    // Throws Failure.
    explicit Clients(const Options& options);
    Clients(const Clients&) = delete;
    Clients& operator=(const Clients&) = delete;

    // Not connected yet. Call each once.
    std::unique_ptr<Publisher> publisher(std::size_t number);
    std::unique_ptr<Subscriber> subscriber(std::size_t number, const TakeDelivery& take);

    [[nodiscard]] const std::vector<std::string>& topics() const { return topics_; }
    // The next `messages` of the publishers, prepared. Send them before preparing the next supply. Throws Failure.
    [[nodiscard]] std::unique_ptr<Supply> supply(const Load& load, std::uint64_t messages) const;

  private:
    struct Prepared {
        Name name;
        mqtt::Connect connect;
    };

    void prepare_publishers();
    void prepare_subscribers();
    [[nodiscard]] std::unique_ptr<reseal::tools::Sender> sender_for(const std::string& principal) const;
    [[nodiscard]] mqtt::Connect connect_for(const Name& name, reseal::tools::Sender* sender) const;
    [[nodiscard]] Link link_for(const Name& name) const;
    // NAME.EXTENSION among the principal's files.
    [[nodiscard]] std::string file_of(const std::string& principal, const std::string& extension) const;

    const Options& options_;
    std::optional<Address> address_;
    std::optional<TlsContext> tls_;
    std::vector<Prepared> publishers_;
    std::vector<Prepared> subscribers_;
    std::vector<std::string> topics_;                              // of each publisher
    std::vector<std::unique_ptr<reseal::tools::Sender>> senders_;  // of each, null if it needs none
};

}  // namespace bench
