// SPDX-License-Identifier: Apache-2.0
// Who connects: certificates, proofs of the key, tokens, pre-shared keys; what a session begins with, and what it may
// subscribe to.
#pragma once

#include <optional>
#include <string_view>

#include <reseal/connect.h>
#include <reseal/psk.h>

#include "engine/acceptance.h"
#include "engine/shared.h"

namespace reseal::engine {

class Admission {
  public:
    // Both must outlive this.
    Admission(Desk& desk, Acceptance& acceptance)
        : desk_(&desk), shared_(&desk.shared), site_(&desk.shared.site), acceptance_(&acceptance) {}

    // See Worker.
    [[nodiscard]] Connected connect(const Peer& peer, std::time_t now);
    [[nodiscard]] bool reauthenticate(SessionId id, std::string_view token, std::time_t now, budget::Time moment);
    [[nodiscard]] SessionId resume(std::string_view principal, std::string_view client_id);
    [[nodiscard]] bool same_client(SessionId id, const Peer& peer) const;
    void disconnected(SessionId id);
    void end(SessionId id);
    [[nodiscard]] bool subscribe(Session& session, std::string_view filter, std::uint8_t qos, std::size_t held);
    void unsubscribe(const Session& session, std::string_view filter);

  private:
    [[nodiscard]] token::Verdict judge_again(const Session& session, std::string_view token, std::time_t now,
                                             budget::Time moment) const;
    static void begin_rekeys(Ledger& ledger, const Session& session, std::uint8_t qos);
    void begin_acks(Ledger& ledger, const Session& session, std::uint8_t qos) const;

    // What the session has that the broker asks about again. Its proof or token stays in force for the same client.
    struct Before {
        bool same_client = false;
        std::string principal;
        Channel channel = Channel::bare;
        WillSlot will;
        std::optional<token::Grant> token;
        std::optional<std::uint8_t> key_qos;
        std::uint32_t key_sent = 0;
    };
    // One attempt, and what it has proven so far.
    struct Attempt {
        const Peer& peer;
        std::time_t now = 0;
        Before before;
        const keyring::Principal* principal = nullptr;  // also for a refused client, if it is known
        WillSlot will;
        std::optional<reseal_listener> proof;  // the kind of listener that the proof was for
        std::optional<token::Grant> token;
    };

    [[nodiscard]] Before before(SessionId id, const Peer& peer) const;
    [[nodiscard]] Refusal prove_within_budget(Attempt& attempt);
    [[nodiscard]] Refusal prove(Attempt& attempt);
    [[nodiscard]] Refusal check_certificate(Attempt& attempt) const;
    [[nodiscard]] Refusal check_key(Attempt& attempt);
    [[nodiscard]] Refusal check_proof(Attempt& attempt);
    [[nodiscard]] Refusal check_fresh_proof(Attempt& attempt);
    // Which kind of listener the proof is for. Changes nothing.
    [[nodiscard]] Refusal find_kind(const Attempt& attempt, Payload proof, reseal_listener& found);
    [[nodiscard]] Refusal check_token(Attempt& attempt) const;
    [[nodiscard]] Refusal admit(const Attempt& attempt, Sessions& sessions) const;
    [[nodiscard]] Refusal start(Attempt& attempt, Connected& out);

    Desk* desk_;
    Shared* shared_;
    const Site* site_;
    Acceptance* acceptance_;
};

// See Worker::psk().
[[nodiscard]] bool tls_psk(const Site& site, std::string_view identity, std::span<char> hex);

// Is `client_id` the principal itself, or "principal/anything"?
[[nodiscard]] bool tied(std::string_view principal, std::string_view client_id);

}  // namespace reseal::engine
