// Who is delivered what under which topic: the next message will most likely go to those who got the last one. Where
// the broker asks for one delivery after the other, their copies can be sealed together all the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/name_hash.h"

namespace reseal::gateway {

struct Session;

class Recipients {
  public:
    static constexpr std::size_t most = std::size_t{16} << 20U;  // bytes, roughly; beyond, it begins anew

    // A message begins its way under `topic`.
    void begin(std::string_view topic);
    // The next of those who got the last one there, `count` at most, in the order in which they got it. Borrowed until
    // the next begin() or forget(); nobody after end().
    [[nodiscard]] std::span<Session* const> next(std::size_t count);

    // `session` gets the message that began. Once for each session and message; after end(), it is not remembered.
    void add(Session& session);
    void end();

    // Forgets everybody: a session has ended.
    void forget();

  private:
    struct List {
        std::vector<Session*> last;
        std::vector<Session*> now;
    };

    std::unordered_map<std::string, List, NameHash, std::equal_to<>> lists_;
    List* under_way_ = nullptr;
    std::span<Session* const> ahead_;  // of its `last`
    std::size_t size_ = 0;             // bytes
};

}  // namespace reseal::gateway
