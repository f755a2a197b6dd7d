// Under whose pre-shared key a client speaks TLS. The broker asks for the key in the handshake, long before CONNECT.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

struct mosquitto;

namespace reseal::broker {

class ChannelKeys {
  public:
    static constexpr std::size_t most = 10000;

    // `identity`: "principal/key id", as reseal/psk.h has it.
    void asked(const mosquitto* client, std::string_view identity) {
        if (identities_.size() >= most) {
            identities_.clear();  // handshakes that nobody ended; who is in one now counts as having no key
        }
        identities_.insert_or_assign(client, identity);
    }

    [[nodiscard]] bool is_of(std::string_view principal, const mosquitto* client) const {
        const auto known = identities_.find(client);
        return known != identities_.end() && known->second.starts_with(std::string(principal).append("/"));
    }

    void gone(const mosquitto* client) { identities_.erase(client); }

  private:
    std::unordered_map<const mosquitto*, std::string> identities_;
};

}  // namespace reseal::broker
