// SPDX-License-Identifier: Apache-2.0
// What is in force: keys, rights, settings. All threads read it; it changes only while all workers are outside (see
// Workers::Closed).
#pragma once

#include <atomic>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/unix_time.h"
#include "engine/opener.h"
#include "engine/parts.h"
#include "engine/session.h"
#include "engine/values.h"

namespace reseal::engine {

class Site {
  public:
    // Takes its own out of `parts`.
    explicit Site(Parts& parts);
    Site(const Site&) = delete;
    Site& operator=(const Site&) = delete;

    void reconfigure(policy::Policy fresh, Settings others);

    // The key that a message names. Refused: it is not one that may come in, or, unless `principal` is empty, not that
    // principal's.
    [[nodiscard]] Refusal key_of(std::string_view principal, const reseal_envelope& envelope,
                                 keyring::KeyHolder& holder) const;
    // The right of a principal that is not connected, but sealed or brought the message.
    [[nodiscard]] policy::Decision publish_right(std::string_view principal, std::string_view topic,
                                                 const policy::Request& request) const;
    [[nodiscard]] policy::Request request(const ParsedMessage& uplink, const Message& message) const;

    // The principal of a certificate. `principal` is null if the certificate is refused.
    [[nodiscard]] Refusal principal_of(const PeerCertificate& certificate, const keyring::Principal*& principal) const;
    // Whether a session may go on.
    [[nodiscard]] Refusal still_valid(const Session& session, std::time_t at) const;
    // Its rights, from its principal, certificate and token.
    void take_rights(Session& session, const keyring::Principal& principal) const;

    void report(const Session& session, std::string_view action, std::string_view topic, Refusal reason,
                const policy::Rule* rule = nullptr) const;
    [[nodiscard]] std::string place_of(const policy::Rule* rule) const;

    const reseal_crypto* crypto;
    reseal_random random;
    Memory memory;
    keyring::Keyring keyring;
    std::string realm;  // this broker's own
    policy::Policy policy;
    Settings settings;
    std::uint32_t version = 0;  // of policy and settings
    // This broker's own realm, empty, and those of other brokers whose messages may come. Nothing if there are none.
    std::vector<std::string> realm_names;
    std::vector<std::string_view> realms;
    CertificateStatus certificate_status;
    TokenCheck token_check;
    bool token_required;
    bool key_required;
    observe::Log log;
    observe::Metrics* metrics;
    std::atomic<UnixTime> now{std::numeric_limits<UnixTime>::max()};

  private:
    void name_realms();
    [[nodiscard]] Refusal sound_key(const reseal_envelope& envelope, keyring::KeyHolder& holder) const;
    [[nodiscard]] Refusal still_valid(const PeerCertificate& certificate, std::time_t at) const;
};

// The SHA-256 of a certificate; empty if there is none.
[[nodiscard]] std::span<const std::uint8_t> fingerprint_of(const std::optional<PeerCertificate>& certificate);

}  // namespace reseal::engine
