// SPDX-License-Identifier: Apache-2.0
// What crosses the engine's face: plain values that could cross a process border.
#pragma once

#include <cstdint>
#include <ctime>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/refusal.h"
#include "budget/limits.h"
#include "engine/bytes.h"
#include "keyring/types.h"

namespace reseal::engine {

// The bytes of a PUBLISH, borrowed.
using Payload = std::span<const std::uint8_t>;

// One client, from connect() or resume() until end(). It is never used again for another session.
struct SessionId {
    std::uint64_t value = 0;  // 0: none

    explicit operator bool() const { return value != 0; }  // is there a session?
    bool operator==(const SessionId&) const = default;     // the same session
};

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

    // The fingerprint under which the registry knows it.
    [[nodiscard]] const keyring::Fingerprint& registered() const { return by_serial ? *by_serial : fingerprint; }
};

// Where a client without a certificate connected.
enum class Listener : std::uint8_t {
    other,            // one that the configuration does not name: no sealed CONNECT
    loopback,         // named under loopback_listeners
    loopback_unsure,  // the same, but the client's origin is uncertain: no payload in clear
    sealed,           // named under sealed_listeners: no payload in clear
    psk,     // named under psk_listeners: TLS, under some principal's key. It is uncertain whose: no payload in clear
    unsure,  // named or other: the broker does not tell
};

// One connection attempt.
struct Peer {
    std::string_view client_id;
    std::string_view username;
    std::string_view password;
    std::string_view address;  // for log and audit trail
    std::optional<PeerCertificate> certificate;
    std::optional<std::string_view> token;  // what it shows beside its certificate; `password` is then its proof
    // Both are meaningless with a certificate. Nothing: look_for_listener() tells, which is costly. It is called only
    // when the proof is right.
    std::optional<Listener> listener = Listener::other;
    std::function<Listener()> look_for_listener;
    budget::Time moment = 0;  // time of the attempt, from a clock that nobody sets
    // Set for a client that is already connected and about which the broker asks again, for example when its
    // configuration is reloaded. The password is then an old one. The proof or token now in force stays in force.
    SessionId session;
};

// The answer to a CONNECT.
struct Connected {
    SessionId session;      // none: refused
    std::string principal;  // who it is

    explicit operator bool() const { return static_cast<bool>(session); }  // was let in
};

// A message as it arrives.
struct Message {
    std::string_view topic;
    Payload payload;
    std::uint8_t qos = 0;
    bool retain = false;
    // Counts it against its principal's budget first, at this time of a clock that nobody sets. Nothing: admit() does.
    std::optional<budget::Time> moment = {};
};

// The answer to a message that has arrived: what to store, or why it is refused.
struct Published {
    Refusal refusal = Refusal::none;
    // Store this instead of the payload: a message that came in clear, sealed under the storage key. Null if the
    // payload is stored as it came.
    Bytes replacement{};
    bool empty_plaintext = false;  // a sealed message with an empty plaintext: with the retain flag it clears the topic
    // Store it without the retain flag. Either a newer message is retained under its topic, or, for QoS 2, a live
    // connection has brought it too, and each copy would be retained when it is released.
    bool copy = false;
    // Nothing protected its flags and properties in transit. Store it without the properties, and without the retain
    // flag unless acl.yaml grants that.
    bool bare = false;
};

// Why a delivery is asked for.
enum class Occasion : std::uint8_t {
    fan_out,   // first delivery of a message: it must have been accepted
    retained,  // the broker kept it as retained
    stored,    // the broker queued it at an earlier fan-out
};

// A message that the broker holds.
struct Stored {
    std::string_view topic;
    Payload payload;
    Occasion occasion = Occasion::fan_out;
    // Tells apart the copies of one message that the broker holds. The same in all calls of one fan-out: the address of
    // its payload there, for instance.
    std::uintptr_t copy = 0;
};

// The answer to a delivery: what the subscriber is handed.
struct Delivered {
    // `as_it_is`: the stored payload; `sealed` and `clear`: the payload below instead.
    enum class Form : std::uint8_t { refused, as_it_is, sealed, clear };
    Form form = Form::refused;
    Refusal refusal = Refusal::none;
    Bytes payload{};  // if sealed or clear
};

// When a delivery is sealed.
enum class Sealing : std::uint8_t {
    at_once,
    // With others, by complete(): until then the bytes have their size and may be moved, but neither read nor freed,
    // also where they cannot be handed on. Until then this worker may hold up others that seal for the same principals.
    together,
    foreseen,  // at once, together with the deliveries of this worker that will most likely follow
};

// What the engine itself sends to one client, sealed for it: a new key, or an acknowledgement.
struct OwnMessage {
    std::string client_id;
    std::string topic;
    std::uint8_t qos = 0;
    Bytes payload;
};

}  // namespace reseal::engine
