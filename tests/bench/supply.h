// SPDX-License-Identifier: Apache-2.0
// The PUBLISH packets of a run, made before it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "mqtt/packet.h"
#include "tools/sender.h"

namespace bench {

// What all messages of a run share.
struct Kind {
    int version = mqtt::v5;
    int qos = 1;
    std::size_t payload = 256;        // bytes before sealing
    std::vector<std::string> topics;  // one per publisher; message n is from publisher n % topics.size()
};

// A payload in clear begins with the message's number in this many bytes, big-endian.
inline constexpr std::size_t number_size = 8;
// That number; 0 if the payload is too short.
std::uint64_t number_in(std::span<const std::uint8_t> payload);

class Supply {
  public:
    virtual ~Supply() = default;
    Supply() = default;
    Supply(const Supply&) = delete;
    Supply& operator=(const Supply&) = delete;

    // Appends the packet of message `number`. At QoS 1 and 2 its packet id counts the messages of its publisher.
    virtual void append(std::uint64_t number, mqtt::Bytes& to) const = 0;
};

// In clear: one packet per publisher, numbered as it is sent.
std::unique_ptr<Supply> clear_supply(const Kind& kind);

// Sealed: all `messages`, by the publishers' senders. Throws Failure.
std::unique_ptr<Supply> sealed_supply(const Kind& kind, std::uint64_t messages,
                                      const std::vector<reseal::tools::Sender*>& senders);

}  // namespace bench
