// SPDX-License-Identifier: Apache-2.0
// Accepts sealed messages for one thread: whose key it is, whether it is new, whether its tag is right; then marks it,
// and tells whom it concerns (protocol.md, "Receiving").
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/shared.h"

namespace reseal::engine {

class Acceptance {
  public:
    using When = AcceptOnce::When;
    using Realms = std::span<const std::string_view>;

    // `desk` must outlive this.
    explicit Acceptance(Desk& desk) : desk_(&desk), shared_(&desk.shared), site_(&desk.shared.site) {}

    // Steps 1 to 5 of "Receiving". `principal`: whose key it must be; anybody's if empty. `proof_of`: the slot of the
    // session that a sealed CONNECT begins; null for any other message. On Refusal::none it is the message under way.
    [[nodiscard]] Refusal accept(std::string_view principal, ParsedMessage& uplink, When when,
                                 WillSlot* proof_of = nullptr);

    // A proof of CONNECT: what accept_proof() would answer. Changes nothing.
    [[nodiscard]] Refusal look_at_proof(std::string_view principal, std::string_view topic, Payload proof);
    // `will`: of the session that it begins.
    [[nodiscard]] Refusal accept_proof(std::string_view principal, std::string_view topic, Payload proof,
                                       WillSlot& will);

    // accept() has refused it for its age alone: key, algorithm and size are right. May it be the session's will?
    [[nodiscard]] bool open_old_will(Session& session, const Message& message);

    // The broker asks for the first delivery of a message.
    [[nodiscard]] Refusal begin_fan_out(const TopicUnderWay::Asked& asked, const Stored& stored);

    // Whether the broker may keep a QoS 2 message for a session that resumes.
    [[nodiscard]] bool may_wait(const ParsedMessage& uplink);

    // Whether this broker sealed it, under its storage key. Such a message never comes in again.
    [[nodiscard]] bool is_own(const ParsedMessage& uplink) const;

    // The right of whoever sealed it to publish it.
    [[nodiscard]] policy::Decision right_of_sealer(const ParsedMessage& uplink, const Message& message) const;

    // For which of the realms it was sealed.
    void find_realm(ParsedMessage& uplink, Realms realms);
    // The same for what the broker has kept, from wherever it came.
    void place(ParsedMessage& uplink);

  private:
    [[nodiscard]] Refusal check(const ParsedMessage& uplink);
    // Its tag was right: marks it, and tells whom it concerns.
    [[nodiscard]] Refusal mark(const ParsedMessage& uplink, When when, WillSlot* proof_of);
    void note_arrival(Ledger& ledger, const ParsedMessage& uplink, const std::optional<state::Accepted>& before,
                      When when) const;
    static void tell_again(Ledger& ledger, const ParsedMessage& uplink);
    [[nodiscard]] static bool is_own(const Ledger& ledger, const ParsedMessage& uplink);
    [[nodiscard]] Refusal release(ParsedMessage& uplink, std::uintptr_t copy);
    [[nodiscard]] Refusal fan_out_own(const ParsedMessage& uplink, std::uintptr_t copy);

    Desk* desk_;
    Shared* shared_;
    const Site* site_;
};

}  // namespace reseal::engine
