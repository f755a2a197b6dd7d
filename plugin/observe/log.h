// SPDX-License-Identifier: Apache-2.0
// What the plugin tells the operator: one line an event, never a payload, never a key.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "audit/record.h"
#include "base/refusal.h"
#include "observe/alert.h"

namespace reseal::observe {

inline constexpr std::size_t shown_most = 256;  // bytes of one text from outside in a line

enum class Level : std::uint8_t { info, notice, warning, error };

// Takes one finished line without its newline. Called by every thread that logs.
using Sink = std::function<void(Level, const std::string&)>;

// What was refused, and for whom. Everything in it may come from an attacker.
struct Refused {
    std::string_view action;  // "connect", "session", "publish", "bridge", "subscribe", "deliver"
    std::string_view principal;
    std::string_view client_id;
    std::string_view topic;  // topic or filter; empty for connect
    Refusal reason = Refusal::internal;
    std::string_view address = {};                   // of the client; for connect
    std::span<const std::uint8_t> certificate = {};  // SHA-256 of the client's certificate, 32 bytes; empty: none
    std::string_view rule = {};                      // FILE:LINE: KEY of the rule that decided; empty: none did
    bool proven = true;                              // false: a stranger says that it is this principal

    // Whom it counts against: nobody may fill the log in another one's name.
    [[nodiscard]] std::string_view who() const { return proven && !principal.empty() ? principal : address; }
};

// What happened else. Empty is what is not known.
struct Happened {
    audit::Event event = audit::Event::started;
    std::string_view principal = {};
    std::string_view client_id = {};
    std::string_view address = {};
    std::span<const std::uint8_t> certificate = {};
    std::string_view detail = {};
};

// Takes notice of what is logged. Called by every thread that logs.
class Observer {
  public:
    Observer() = default;
    virtual ~Observer() = default;
    Observer(const Observer&) = delete;
    Observer& operator=(const Observer&) = delete;

    // Whether the log is to have a line about this one.
    virtual bool refused(const Refused& event) = 0;
    virtual void happened(const Happened& event) = 0;
    virtual void alert(Alert alert, std::string_view principal, std::string_view detail) = 0;
};

class Log {
  public:
    // `observer` may be null, and must outlive this otherwise.
    explicit Log(Sink sink, Observer* observer = nullptr) : sink_(std::move(sink)), observer_(observer) {}

    // refused publish: reason=denied principal="…" client="…" topic="…" rule="…" (sentence)
    void refused(const Refused& event) const;
    // For the observer alone.
    void happened(const Happened& event) const;
    // alert tampering: detail principal="…"; `detail` is a sentence of the plugin's own. The observer may hold back one
    // that was raised a moment ago.
    void alert(Alert alert, std::string_view principal, std::string_view detail) const;
    void note(Level level, std::string_view text) const;

  private:
    Sink sink_;
    Observer* observer_;
};

// The line of a refusal; `more` tells that it stands for so many further ones.
std::string refusal_line(const Refused& event, std::uint64_t more = 0);
std::string alert_line(Alert alert, std::string_view principal, std::string_view detail);

}  // namespace reseal::observe
