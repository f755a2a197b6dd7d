// What must be known of clients that are gone, when their session goes on: a will may be delayed, a queue may fill.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gateway/will_slot.h"
#include "token/token.h"

namespace reseal::gateway {

// What protects a message on its way besides its own seal.
enum class Channel : std::uint8_t {
    bare,       // nothing, on a sealed listener: whoever is on the path can change flags and properties
    uncertain,  // flags and properties: TLS-PSK, or what is not certainly loopback. Nothing may travel in clear
    guarded,    // all: TLS with the client's certificate, or a named loopback listener
};

// Of each principal the clients that left last: one that comes with ever more client ids crowds out only its own.
class Departed {
  public:
    static constexpr std::size_t most_of_one = 100;

    struct Client {
        WillSlot will;
        Channel channel = Channel::guarded;
        std::optional<token::Grant> token = {};
    };

    // `client` left; what cannot be known from its principal alone is kept.
    void left(const std::string& principal, const std::string& client_id, Client client);

    // A client that left nothing came over a guarded channel, without a will or a token. Of a principal whose older
    // clients were crowded out, nothing is known: its channel counts as bare.
    [[nodiscard]] Client of(const std::string& principal, std::string_view client_id) const;

    void returned(const std::string& principal, std::string_view client_id);

    // A session of the principal has used this message as its will.
    void spent(const std::string& principal, const reseal_envelope& will);

    // No session of the principal goes on.
    void forget(const std::string& principal) { principals_.erase(principal); }

  private:
    struct Entry {
        std::string client_id;
        Client client;
    };
    struct Clients {
        std::deque<Entry> entries;  // who left first is in front
        bool crowded = false;       // one was left out
    };
    std::unordered_map<std::string, Clients> principals_;
};

}  // namespace reseal::gateway
