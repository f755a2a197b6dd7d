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
    void add(std::string_view client_id, std::string_view filter, std::uint8_t qos);
    void remove(std::string_view client_id, std::string_view filter);
    void forget(std::string_view client_id);

    // The highest QoS among the client's filters that match `topic`; nothing if none is known, as after a restart.
    [[nodiscard]] std::optional<std::uint8_t> qos(std::string_view client_id, std::string_view topic) const;

  private:
    using Filters = std::map<std::string, std::uint8_t, std::less<>>;
    std::unordered_map<std::string, Filters> clients_;
};

}  // namespace reseal::broker
