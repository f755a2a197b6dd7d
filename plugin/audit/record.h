// One line of the audit trail before it is written: of fixed size, so that a queue of them is made once.
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
    revoked,        // a revocation in the registry was taken over
    rotated,        // a new key generation was taken over
    reloaded,       // other settings or rights were taken over
    reload_failed,  // they were not, and everything stayed as it was
    alert,
    dropped,  // `count` records did not fit into the queue
    removed,  // the lines up to `through` were removed, as `keep` says
    omitted,  // `count` events of one principal, or of strangers, have no line: more than their budget
};

inline constexpr std::size_t event_count = static_cast<std::size_t>(Event::omitted) + 1;

std::string_view name_of(Event event);

// Text of at most Size bytes; what is longer is cut.
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

// What is empty is left out of the line. Never a payload, never a key.
struct Record {
    Event event = Event::started;
    std::int64_t time = 0;    // milliseconds since 1970, UTC
    std::uint64_t count = 1;  // how many equal events this line stands for
    std::uint64_t through = 0;
    bool proven = true;  // false: a stranger says that it is `principal`; the line then has it under "claims"
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
