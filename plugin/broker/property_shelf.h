// SPDX-License-Identifier: Apache-2.0
// Keeps the properties of accepted messages until delivery. Mosquitto 2.0 shows them when a message arrives, but not
// when it asks whether the message may be delivered.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "broker/properties.h"

namespace reseal::broker {

class PropertyShelf {
  public:
    // How long the properties of a message may be needed.
    enum class Until : std::uint8_t {
        next_message,  // it is delivered at once
        delivery,      // QoS 2: it is delivered when its PUBREL comes
        replaced,      // retained: it is delivered to later subscribers, until its topic holds another message or none
    };

    // Limits for the lists that wait: the latest are kept, so many and so many bytes together. A packet may have 256 MB
    // of properties.
    struct Most {
        std::size_t lists = 16384;
        std::size_t memory = std::size_t{16} << 20U;
    };
    explicit PropertyShelf(Most most) : most_(most) {}
    PropertyShelf() : PropertyShelf(Most{}) {}

    // `payload`: the message as stored, sealed. Its tag tells it from all others. An empty message clears its topic.
    // `memory`: the bytes that `list` takes.
    void put(std::string_view topic, std::span<const std::uint8_t> payload, Properties list, Until until,
             std::size_t memory);
    // Null if there are none. Otherwise valid until the next call of another function.
    [[nodiscard]] const mosquitto_property* find(std::span<const std::uint8_t> payload);
    // The fan-out of the message that find() last found is over.
    void delivered();

  private:
    using Tag = std::array<std::uint8_t, 16>;
    struct Entry {
        Properties list;
        Until until;
        std::uint64_t number;  // in waiting_; 0 if it does not wait
        std::string topic;     // of a retained message
        std::size_t memory;    // bytes that it takes while it waits
    };
    void drop(const Tag& tag);
    // The retained message of `topic` is gone.
    void drop_retained(std::string_view topic);

    Most most_;
    std::size_t memory_ = 0;  // of those that wait
    std::map<Tag, Entry> entries_;
    std::uint64_t last_number_ = 0;
    std::map<std::uint64_t, Tag> waiting_;           // the oldest first
    std::unordered_map<std::string, Tag> retained_;  // by topic
    std::optional<Tag> passing_;
    std::optional<Tag> found_;
};

}  // namespace reseal::broker
