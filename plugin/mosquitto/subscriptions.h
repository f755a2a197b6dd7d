// Which QoS each client was granted for which filter: the 2.0 READ event tells the message's QoS only.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace reseal::broker {

class Subscriptions {
  public:
    // Of clients that are gone the latest are remembered: so many whose sessions last, and so many whose sessions
    // probably ended.
    explicit Subscriptions(std::size_t most_lasting = 10000, std::size_t most_doubtful = 500)
        : lasting_{.most = most_lasting}, doubtful_{.most = most_doubtful} {}

    void add(std::string_view client_id, std::string_view filter, std::uint8_t qos);
    void remove(std::string_view client_id, std::string_view filter);
    void forget(std::string_view client_id);

    // The client is gone, and its session lasts or probably ended; and it is back with its session.
    void left(std::string_view client_id, bool lasts = true);
    void returned(std::string_view client_id);

    // The QoS of the client's filter that the broker delivers by when it asks for the `nth` time, from 0 on, about one
    // message under `topic`; nothing if no filter is known that matches.
    [[nodiscard]] std::optional<std::uint8_t> qos(std::string_view client_id, std::string_view topic,
                                                  std::size_t nth = 0) const;

    // All of them as text, for a broker that restores its sessions after a restart, and back; there everybody counts as
    // gone. False for a text that write() cannot have made: nothing is taken over then.
    [[nodiscard]] std::string write() const;
    [[nodiscard]] bool read(std::string_view text);

  private:
    struct Gone {
        std::size_t most;
        std::map<std::uint64_t, std::string> clients{};  // by the number of their leaving, the oldest first
    };
    struct Held {
        std::map<std::string, std::uint8_t, std::less<>> filters;
        bool lasts = true;       // among which of the two it is, once it is gone
        std::uint64_t left = 0;  // its number there; 0 while the client is here
    };
    Gone& gone(const Held& held) { return held.lasts ? lasting_ : doubtful_; }

    std::uint64_t leavings_ = 0;
    std::unordered_map<std::string, Held> clients_;
    Gone lasting_;
    Gone doubtful_;
};

}  // namespace reseal::broker
