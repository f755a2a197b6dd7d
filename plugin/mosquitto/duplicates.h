// Copies of messages that were accepted already. A retransmission whose acknowledgement was lost must be acknowledged
// with success, so the broker is let take it, and it is held back when it would be delivered.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <unordered_map>

namespace reseal::broker {

class Duplicates {
  public:
    // `payload` is a copy. False if too many are held already.
    [[nodiscard]] bool hold(std::span<const std::uint8_t> payload);
    // A new message lies at this address now.
    void release(std::span<const std::uint8_t> payload) { held_.erase(payload.data()); }
    // Is this the copy at this address, and not another message that the broker put there since?
    [[nodiscard]] bool holds(std::span<const std::uint8_t> payload) const;

  private:
    using Tag = std::array<std::uint8_t, 16>;
    static Tag tag(std::span<const std::uint8_t> payload);

    std::unordered_map<const std::uint8_t*, Tag> held_;
};

}  // namespace reseal::broker
