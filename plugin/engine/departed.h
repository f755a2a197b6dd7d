// SPDX-License-Identifier: Apache-2.0
// What the engine remembers of departed clients until their session resumes: a will may be delayed, a queue may fill.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/will_slot.h"
#include "token/token.h"

namespace reseal::engine {

// What protects a message in transit besides its own seal.
enum class Channel : std::uint8_t {
    bare,       // nothing, on a sealed listener: whoever is on the path can change flags and properties
    uncertain,  // flags and properties: TLS-PSK, or perhaps not loopback. No payload in clear
    guarded,    // everything: TLS with a client certificate, or a named loopback listener
};

// Each principal's most recently departed clients. One with ever new client ids displaces only its own entries.
class Departed {
  public:
    static constexpr std::size_t most_of_one = 100;

    struct Client {
        WillSlot will;
        Channel channel = Channel::guarded;
        std::optional<token::Grant> token = {};
    };

    // `client` left. Keeps what its principal alone does not tell.
    void left(const std::string& principal, const std::string& client_id, Client client);

    // By default a client counts as having come over a guarded channel, without a will or a token. If older clients of
    // the principal were displaced, nothing is known of them and the channel counts as bare.
    [[nodiscard]] Client of(const std::string& principal, std::string_view client_id) const;

    void returned(const std::string& principal, std::string_view client_id);

    // A session of the principal has used this message as its will.
    void spent(const std::string& principal, const reseal_envelope& will);

    // No session of the principal will resume.
    void forget(const std::string& principal) { principals_.erase(principal); }

  private:
    struct Entry {
        std::string client_id;
        Client client;
    };
    struct Clients {
        std::deque<Entry> entries;  // the first to leave is in front
        bool crowded = false;       // an entry was displaced
    };
    std::unordered_map<std::string, Clients> principals_;
};

}  // namespace reseal::engine
