// SPDX-License-Identifier: Apache-2.0
// Which QoS each client was granted for which filter. The READ event of 2.0 tells only the message's QoS.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/name_hash.h"

namespace reseal::broker {

class Subscriptions {
  public:
    // How many clients that are gone are remembered, the latest ones: those whose sessions may last, and those whose
    // sessions have probably ended.
    struct Most {
        std::size_t lasting = 10000;
        std::size_t doubtful = 1000;
    };
    explicit Subscriptions(Most most) : most_(most) {}
    Subscriptions() : Subscriptions(Most{}) {}

    void add(std::string_view client_id, std::string_view filter, std::uint8_t qos);
    void remove(std::string_view client_id, std::string_view filter);
    void forget(std::string_view client_id);

    // left(): the client is gone. returned(): it is back with its session.
    enum class Session : std::uint8_t { lasting, doubtful };
    void left(std::string_view client_id, Session session);
    void returned(std::string_view client_id);

    // The QoS of the client's filter that the broker asks about first, for a message under `topic`. Nothing if no known
    // filter matches.
    [[nodiscard]] std::optional<std::uint8_t> qos(std::string_view client_id, std::string_view topic) const;
    // The QoS of each matching filter, in the order in which the broker asks.
    [[nodiscard]] std::vector<std::uint8_t> all_qos(std::string_view client_id, std::string_view topic) const;
    // The lowest QoS of all its filters. qos() is never lower. 2 if no filter is known.
    [[nodiscard]] std::uint8_t lowest_qos(std::string_view client_id) const;

    // How many filters it holds besides this one.
    [[nodiscard]] std::size_t besides(std::string_view client_id, std::string_view filter) const;

    // write() makes a text of all of them, for a broker that restores its sessions after a restart. read() takes it
    // back; then every client counts as gone. Lines from line() may follow. A last line that was cut is ignored. False
    // for any other text, of which nothing is taken.
    [[nodiscard]] std::string write() const;
    [[nodiscard]] static std::string line(std::string_view client_id, std::string_view filter, std::uint8_t qos);
    [[nodiscard]] bool read(std::string_view text);

  private:
    using Filters = std::map<std::string, std::uint8_t, std::less<>>;  // with the granted QoS
    using Filter = Filters::value_type;
    struct Held {
        Filters filters;
        std::uint64_t left = 0;  // its number among those that are gone; 0 while the client is here
        Session session = Session::lasting;
    };
    using Gone = std::map<std::uint64_t, std::string>;  // client ids, the oldest first
    // Calls `take` with each matching filter of the client.
    template <class Take>
    void for_each_match(std::string_view client_id, std::string_view topic, Take take) const;
    Gone& gone(Session session) { return session == Session::lasting ? lasting_ : doubtful_; }

    Most most_;
    std::uint64_t leavings_ = 0;
    std::unordered_map<std::string, Held, NameHash, std::equal_to<>> clients_;
    Gone lasting_;
    Gone doubtful_;
};

}  // namespace reseal::broker
