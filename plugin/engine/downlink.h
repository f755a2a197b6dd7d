// SPDX-License-Identifier: Apache-2.0
// What leaves: may this subscriber have it, and sealed how? All sealing for subscribers is here.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/acceptance.h"
#include "engine/foresight.h"
#include "engine/shared.h"
#include "engine/uplink.h"

namespace reseal::engine {

class Downlink {
  public:
    // All must outlive this.
    Downlink(Desk& desk, Acceptance& acceptance, Uplink& uplink)
        : desk_(&desk), shared_(&desk.shared), site_(&desk.shared.site), acceptance_(&acceptance), uplink_(&uplink) {}

    // See Worker. `session` is in use.
    [[nodiscard]] Delivered deliver(Session& session, const Stored& stored, Sealing when);
    [[nodiscard]] Refusal may_deliver(Session& session, const Stored& stored);
    [[nodiscard]] std::vector<OwnMessage> acknowledgements();
    [[nodiscard]] std::vector<OwnMessage> rekeys();
    // Wipes the plaintext, and drops what was sealed from it and never asked for.
    void idle();

  private:
    // A stored message for one subscriber, opened but not yet sealed.
    struct Examined {
        Delivered::Form form = Delivered::Form::refused;
        Refusal refusal = Refusal::none;  // none unless `form` is refused
        Payload plaintext{};              // sealed and clear: borrowed from the message under way, if `opened`
        bool opened = false;
        const policy::Rule* rule = nullptr;  // the rule that refused it; null if none did
    };
    [[nodiscard]] Examined examine(const Session& session, const Stored& stored);
    [[nodiscard]] Examined examine_reserved(const Session& session, const Stored& stored);
    [[nodiscard]] Examined examine_forwarded(const Stored& stored);
    [[nodiscard]] Examined examine_sealed(const Session& session, bool clear, ParsedMessage& sealed);
    [[nodiscard]] Examined examine_opened(const Session& session, bool clear) const;
    [[nodiscard]] static Examined examine_plaintext(const Session& session, bool clear, Payload plaintext);
    [[nodiscard]] static Examined examine_queued_clear(const Session& session, bool clear);
    void report(Session& session, std::string_view topic, Refusal refusal, const policy::Rule* rule) const;

    void copy_clear(Payload plaintext, Delivered& out) const;
    // Into `out`, or refused there.
    void seal_for(Session& session, std::string_view topic, Payload plaintext, Sealing when, Delivered& out);
    [[nodiscard]] Refusal seal_foreseen(Session& session, const std::shared_ptr<Sender>& sender, std::string_view topic,
                                        Bytes& out);
    void foresee(Session& asked, std::string_view topic);
    void foresee_for(Session& session, std::string_view topic);
    void fetch_soon(std::span<const SessionId> next) const;
    [[nodiscard]] const std::shared_ptr<Sender>& sender_for(Session& session);

    void add_acks(SessionId id, std::vector<OwnMessage>& out);
    [[nodiscard]] std::optional<OwnMessage> rekey_for(SessionId id);
    [[nodiscard]] std::optional<OwnMessage> own_message(Session& session, const std::string& topic, std::uint8_t qos,
                                                        Payload record);

    Desk* desk_;
    Shared* shared_;
    const Site* site_;
    Acceptance* acceptance_;
    Uplink* uplink_;
    Foresight foresight_;
};

}  // namespace reseal::engine
