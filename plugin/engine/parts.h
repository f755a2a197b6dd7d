// SPDX-License-Identifier: Apache-2.0
// What an engine is made of.
#pragma once

#include <cstdint>
#include <ctime>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <reseal/crypto.h>
#include <reseal/sender.h>

#include "base/refusal.h"
#include "budget/limits.h"
#include "engine/bytes.h"
#include "keyring/keyring.h"
#include "keyring/registry.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "policy/policy.h"
#include "state/epoch_store.h"
#include "state/replay_store.h"
#include "token/token.h"

namespace reseal::engine {

// Whether the certificate with this PeerCertificate::serial is revoked by now. Refusal::none if it is not.
using CertificateStatus = std::function<Refusal(std::string_view serial, std::time_t now)>;

// Judges the token shown by the holder of this certificate. Empty: tokens are ignored.
using TokenCheck = std::function<token::Verdict(std::string_view token, const token::Bearer& bearer, std::time_t now)>;

// What a reload may change.
struct Settings {
    std::uint32_t max_payload = 65535;  // bytes of plaintext
    std::vector<std::string> unsealed_topics;
    std::string alerts_topic;                 // no client publishes there, whatever its rights; empty: none
    std::vector<std::string> bridged_realms;  // realms whose messages publish_bridged() brings
    budget::Limits budgets;
};

// Functions are called by every thread that calls the engine.
struct Parts {
    const reseal_crypto* crypto;
    reseal_random random;
    Memory memory;
    keyring::Registry registry;
    keyring::Keyring keyring;
    state::ReplayStore replay;
    state::EpochStore epochs;
    std::string realm;  // this broker's own
    policy::Policy policy;
    Settings settings;
    CertificateStatus certificate_status;  // checked again for live sessions; may be empty
    TokenCheck token_check;
    bool token_required = false;  // from every client with a certificate
    bool key_required = false;    // likewise: a proof of its key
    observe::Log log;
    observe::Metrics* metrics;  // must outlive the engine
};

}  // namespace reseal::engine
