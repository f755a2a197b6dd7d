// SPDX-License-Identifier: Apache-2.0
// Who was delivered the last message of each topic: the next one will most likely go to the same sessions. So their
// copies can be sealed together even if the broker asks for one delivery after the other.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/name_hash.h"
#include "engine/values.h"

namespace reseal::engine {

class Recipients {
  public:
    static constexpr std::size_t most = std::size_t{16}
                                        << 20U;  // approximate, in bytes; beyond it, it starts again from empty

    // A message under `topic` begins its fan-out.
    void begin(std::string_view topic);
    // The next recipients of the previous message there, at most `count`, in the order in which they got it. Some may
    // have ended since. Borrowed until the next begin(). Empty after end().
    [[nodiscard]] std::span<const SessionId> next(std::size_t count);

    // `session` gets the current message. Call it once for each session and message. After end() it is not remembered.
    void add(SessionId session);
    void end();

  private:
    struct List {
        std::vector<SessionId> last;
        std::vector<SessionId> now;
    };

    std::unordered_map<std::string, List, NameHash, std::equal_to<>> lists_;
    List* under_way_ = nullptr;
    std::span<const SessionId> ahead_;  // of its `last`
    std::size_t size_ = 0;              // bytes
};

}  // namespace reseal::engine
