// What the plugin tells the operator: one line an event, never a payload, never a key.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "policy/refusal.h"

namespace reseal::observe {

enum class Level : std::uint8_t { info, notice, warning, error };

// Takes one finished line without its newline.
using Sink = std::function<void(Level, const std::string&)>;

// What was refused, and for whom. Everything in it may come from an attacker.
struct Refused {
    std::string_view action;  // "connect", "publish", "subscribe", "deliver"
    std::string_view principal;
    std::string_view client_id;
    std::string_view topic;  // topic or filter; empty for connect
    policy::Refusal reason = policy::Refusal::internal;
    std::string_view rule;  // "FILE:LINE: KEY" of the rule that decided; empty if none did
};

class Log {
  public:
    explicit Log(Sink sink) : sink_(std::move(sink)) {}

    // refused publish: reason=denied principal="…" client="…" topic="…" rule="…" (sentence)
    void refused(const Refused& event) const;
    void note(Level level, std::string_view text) const;

  private:
    Sink sink_;
};

// Text from outside, in double quotes: printable ASCII as it is, everything else as \xNN, cut after `most` bytes.
std::string quoted(std::string_view text, std::size_t most = 256);

}  // namespace reseal::observe
