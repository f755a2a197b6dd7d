// SPDX-License-Identifier: Apache-2.0
// One line of the audit trail before it is written. It has a fixed size, so a queue of records is allocated once.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "audit/digest.h"

namespace reseal::audit {

enum class Event : std::uint8_t {
    started,
    stopped,
    connected,
    reauthenticated,  // with another token
    disconnected,     // by the plugin
    refused,
    revoked,        // a revocation in the registry was applied
    rotated,        // a new key generation was applied
    reloaded,       // other settings or rights were applied
    reload_failed,  // they were not; everything stayed as it was
    alert,
    dropped,  // `count` records did not fit into the queue
    removed,  // the lines up to `through` were removed, as `keep` says
    omitted,  // `count` events of one principal, or of strangers, have no line: they exceed their budget
};

inline constexpr std::size_t event_count = static_cast<std::size_t>(Event::omitted) + 1;

std::string_view name_of(Event event);

// Text of at most Size bytes. Longer text is cut.
template <std::size_t Size>
class Text {
  public:
    Text& operator=(std::string_view text) {
        size_ = std::min(text.size(), Size);
        cut_ = text.size() > Size;
        std::copy_n(text.begin(), size_, bytes_.begin());
        return *this;
    }
    [[nodiscard]] std::string_view view() const { return {bytes_.data(), size_}; }
    [[nodiscard]] bool cut() const { return cut_; }

  private:
    std::array<char, Size> bytes_{};
    std::size_t size_ = 0;
    bool cut_ = false;
};

// Empty members are left out of the line. It never holds a payload or a key.
struct Record {
    Event event = Event::started;
    std::int64_t time = 0;    // milliseconds since 1970, UTC
    std::uint64_t count = 1;  // how many equal events this line stands for
    std::uint64_t through = 0;
    bool proven = true;  // false: a stranger claims to be `principal`; the line then has the name under "claims"
    bool has_certificate = false;
    Digest certificate{};  // SHA-256 of the client's certificate
    Text<16> action;
    Text<64> principal;
    Text<48> address;
    Text<256> client;
    Text<256> topic;  // or filter
    Text<160> rule;   // FILE:LINE of the rule that decided
    Text<32> reason;
    Text<256> detail;
};

}  // namespace reseal::audit
