// SPDX-License-Identifier: Apache-2.0
// Copies of the message under way that one thread has sealed before their deliveries were asked for. Whether their
// recipients may read them is decided when they are asked for: until then nobody has them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/bytes.h"
#include "engine/recipients.h"
#include "engine/values.h"

namespace reseal::engine {

class Foresight {
  public:
    // The message with this number is delivered next. What was sealed from another one is dropped. `begins`: it is
    // fanned out, so that its recipients can be foreseen.
    void turn_to(std::uint64_t number, bool begins, std::string_view topic);

    // Who most likely comes next, at most `count`.
    [[nodiscard]] std::span<const SessionId> next(std::size_t count) { return recipients_.next(count); }
    // Answers where it lies.
    [[nodiscard]] std::size_t add(Bytes copy);
    // The copy that lies there; null if it was dropped.
    [[nodiscard]] Bytes take(std::size_t place);
    // `session` gets the message, once for each message.
    void delivered(SessionId session) { recipients_.add(session); }
    void drop() { copies_.clear(); }

  private:
    Recipients recipients_;
    std::uint64_t number_ = 0;
    std::vector<Bytes> copies_;
};

}  // namespace reseal::engine
