// What the gateway knows of one client.
#pragma once

#include <cstdint>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "base/cache.h"
#include "base/key_id.h"
#include "base/refusal.h"
#include "gateway/departed.h"
#include "gateway/sender.h"
#include "gateway/spending.h"
#include "gateway/undelivered.h"
#include "gateway/will_slot.h"
#include "keyring/keyring.h"
#include "policy/policy.h"
#include "token/token.h"

namespace reseal::gateway {

// The certificate of a TLS connection. The broker has already verified its chain.
struct PeerCertificate {
    keyring::Fingerprint fingerprint{};
    std::time_t not_before = 0;
    std::time_t not_after = 0;
    std::string common_name;                        // {cn} in rules
    Refusal refusal = Refusal::none;                // what is already known to be wrong: its chain, its name, revoked
    std::string principal;                          // the principal it names; empty: ask the registry
    std::string serial;                             // for CertificateStatus
    std::optional<keyring::Fingerprint> by_serial;  // set if the registry knows it by its serial number

    [[nodiscard]] const keyring::Fingerprint& registered() const { return by_serial ? *by_serial : fingerprint; }
};

// One client, from CONNECT until end().
struct alignas(cache_line) Session {
    std::string principal;
    std::string client_id;
    // The fields that every delivery reads come first: see fetch_session().
    policy::Rights rights;
    std::shared_ptr<Sender> sender;  // downlink; made at the first delivery
    reseal_buffer foreseen{};        // its copy of the current message, sealed; null if there is none
    std::uint64_t delivered = 0;     // the number of the last message delivered to it; see Foresight
    bool connected = false;          // neither gone nor resumed while its client is away
    Channel channel = Channel::bare;

    std::optional<PeerCertificate> certificate;
    std::shared_ptr<Spending> spending;  // the principal's; never null
    std::optional<token::Grant> token;   // its roles are added to the principal's
    WillSlot will;
    std::unique_ptr<Undelivered> in_flight;    // QoS 2 messages from its current connection; null if none
    std::unordered_set<std::string> reported;  // topics whose refused delivery was logged
    std::optional<std::uint8_t> key_qos;       // granted for its key topic; nothing: not subscribed
    std::uint32_t key_sent = 0;                // the generation sent there since
    std::optional<std::uint8_t> ack_qos;       // granted for its acknowledgement topic
    KeyId ack_key{};                           // the key under which its last message was accepted
};

// Prefetches what the next deliveries to a client will read: first the session and, once that is in the cache, its
// sender.
inline void fetch_session(const Session& session) {
    constexpr std::size_t lines = 3;
    fetch(&session, lines);
}

inline void fetch_sender(const Session& session) {
    constexpr std::size_t lines = 2;
    fetch(session.sender.get(), lines);
}

}  // namespace reseal::gateway
