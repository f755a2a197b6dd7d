// SPDX-License-Identifier: Apache-2.0
// What arrives: may it be published? A PUBLISH, a will, what a bridge brings, what comes in clear, and what the broker
// kept.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "engine/acceptance.h"
#include "engine/shared.h"

namespace reseal::engine {

class Uplink {
  public:
    // Both must outlive this.
    Uplink(Desk& desk, Acceptance& acceptance)
        : desk_(&desk), shared_(&desk.shared), site_(&desk.shared.site), acceptance_(&acceptance) {}

    // See Worker. `session` is in use.
    [[nodiscard]] Published publish(Session& session, Message message);
    [[nodiscard]] Published publish_will(Session& session, Message message);
    [[nodiscard]] Published publish_bridged(std::string_view bridge, const Message& message);
    [[nodiscard]] Published publish_own(std::string_view topic, Payload payload);
    // Refusal::none, or which budget is exhausted.
    [[nodiscard]] Refusal admit(const Session& session, const Message& message, budget::Time moment);
    [[nodiscard]] bool may_stay_in_flight(const Session& session, const Message& message);
    [[nodiscard]] bool may_stay_retained(std::string_view source, const Message& message) const;
    [[nodiscard]] bool sealed_here(Payload payload) const;
    [[nodiscard]] bool recover(const Message& message, bool whole);

    // Whether the broker may deliver what it asks about: what is fanned out was accepted for that, and what is retained
    // is the newest message that was. Whoever writes in the broker's store may bring back an older one, or one that
    // never came.
    [[nodiscard]] Refusal may_leave(const TopicUnderWay::Asked& asked, const Stored& stored);

  private:
    using When = AcceptOnce::When;
    using Realms = std::span<const std::string_view>;
    struct Judged;

    [[nodiscard]] Judged publish_checked(const Session& session, const Message& message, When when);
    [[nodiscard]] Judged publish_forwarded(ParsedMessage& uplink, Realms realms, const Message& message, When when);
    [[nodiscard]] Judged publish_sealed(std::string_view principal, ParsedMessage& uplink, When when);
    [[nodiscard]] Judged publish_clear(const Session& session, const Message& message);
    [[nodiscard]] bool retain_is_trusted(Session& session, std::string_view topic);
    void note_retained(const Session* session, const Message& message, Published& published);
    [[nodiscard]] bool admit_retained(const Session& session, std::string_view topic);
    [[nodiscard]] bool is_retained(const ParsedMessage& uplink);
    void note_in_flight(const Session& session, const Message& message, Published& published);

    [[nodiscard]] Judged seal_for_storage(std::string_view topic, Payload payload);
    [[nodiscard]] bool remember_own(const keyring::Key& key, Payload sealed);

    Desk* desk_;
    Shared* shared_;
    const Site* site_;
    Acceptance* acceptance_;
    std::shared_ptr<Sender> storage_sender_;
};

}  // namespace reseal::engine
