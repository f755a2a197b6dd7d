// SPDX-License-Identifier: Apache-2.0
#include "engine/downlink.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/rotation.h"
#include "policy/reserved.h"

namespace reseal::engine {

using Form = Delivered::Form;

namespace {

constexpr std::size_t reported_most = 64;

// How many before its turn a session, and then its sender, is prefetched: see Clients::known() of the broker's room.
constexpr std::size_t session_ahead = 6;
constexpr std::size_t sender_ahead = 3;

void refuse(Delivered& out, Refusal refusal) {
    out.form = Form::refused;
    out.refusal = refusal;
}

}  // namespace

Delivered Downlink::deliver(Session& session, const Stored& stored, Sealing when) {
    const observe::Stopwatch watch(desk_->metrics, observe::Step::deliver);
    const Examined examined = examine(session, stored);
    Delivered out{.form = examined.form, .refusal = examined.refusal};
    if (examined.form == Form::clear) {
        copy_clear(examined.plaintext, out);
    } else if (examined.form == Form::sealed) {
        seal_for(session, stored.topic, examined.plaintext, examined.opened ? when : Sealing::at_once, out);
    }
    report(session, stored.topic, out.refusal, examined.rule);
    return out;
}

Refusal Downlink::may_deliver(Session& session, const Stored& stored) {
    const Examined examined = examine(session, stored);
    report(session, stored.topic, examined.refusal, examined.rule);
    return examined.refusal;
}

// Logged once: a subscriber may rightly ask for more topics than it may read.
void Downlink::report(Session& session, std::string_view topic, Refusal refusal, const policy::Rule* rule) const {
    const bool told = refusal == Refusal::none || refusal == Refusal::replay;
    if (!told && session.reported.size() < reported_most && session.reported.emplace(topic).second) {
        site_->report(session, "deliver", topic, refusal, rule);
    }
}

Downlink::Examined Downlink::examine(const Session& session, const Stored& stored) {
    const TopicUnderWay::Asked& asked = desk_->topic.of(stored.topic);
    if (const Refusal refusal = uplink_->may_leave(asked, stored); refusal != Refusal::none) {
        return {.refusal = refusal};
    }
    if (session.rights.forward(asked.topic, site_->now)) {
        return examine_forwarded(stored);
    }
    const bool open = desk_->message.holds(stored.topic, stored.payload);
    std::optional<ParsedMessage> parsed;
    if (!open) {
        parsed.emplace(stored.topic, stored.payload);
    }
    const std::size_t size = open ? desk_->message.plaintext().size() : parsed->plaintext_size();
    const policy::Decision decision =
        session.rights.deliver(asked.topic, {.now = site_->now, .size = static_cast<std::uint32_t>(size)});
    if (!decision) {
        return {.refusal = decision.refusal, .rule = decision.rule};
    }
    if (asked.topic.reserved()) {
        return examine_reserved(session, stored);
    }
    if (asked.unsealed) {
        return {.form = Form::as_it_is};
    }
    if (open) {
        return examine_opened(session, decision.clear);
    }
    if (stored.payload.empty()) {  // a retained message was cleared
        return examine_plaintext(session, decision.clear, stored.payload);
    }
    if (parsed->sealed()) {
        return examine_sealed(session, decision.clear, *parsed);
    }
    return examine_queued_clear(session, decision.clear);
}

// What an earlier delivery in clear to this session left in its queue. Nobody else gets it.
Downlink::Examined Downlink::examine_queued_clear(const Session& session, bool clear) {
    if (!clear) {
        return {.refusal = Refusal::not_sealed};
    }
    return session.channel == Channel::guarded ? Examined{.form = Form::as_it_is}
                                               : Examined{.refusal = Refusal::channel_not_protected};
}

// Only what own_message() has sealed, for this very principal.
Downlink::Examined Downlink::examine_reserved(const Session& session, const Stored& stored) {
    ParsedMessage sealed(stored.topic, stored.payload);
    const bool sealed_here = sealed.sealed() && sealed.envelope.direction == RESEAL_DOWNLINK;
    return sealed_here ? examine_sealed(session, false, sealed) : Examined{.refusal = Refusal::reserved_topic};
}

// To another broker, which opens and seals for its own subscribers. What is not sealed stays here.
Downlink::Examined Downlink::examine_forwarded(const Stored& stored) {
    const bool may_pass = desk_->topic.of(stored.topic).unsealed || stored.payload.empty() ||
                          ParsedMessage(stored.topic, stored.payload).sealed();
    return may_pass ? Examined{.form = Form::as_it_is} : Examined{.refusal = Refusal::not_sealed};
}

Downlink::Examined Downlink::examine_sealed(const Session& session, bool clear, ParsedMessage& sealed) {
    sealed.holder = site_->keyring.find_key(key_id_of(sealed.envelope));
    if (sealed.holder.principal == nullptr) {
        return {.refusal = Refusal::unknown_key};
    }
    if (sealed.envelope.direction == RESEAL_DOWNLINK) {  // for a session earlier, and queued by the broker since
        return sealed.holder.principal->id == session.principal ? Examined{.form = Form::as_it_is}
                                                                : Examined{.refusal = Refusal::foreign_key};
    }
    acceptance_->place(sealed);
    const Refusal refusal = desk_->message.reopen(sealed);
    return refusal == Refusal::none ? examine_opened(session, clear) : Examined{.refusal = refusal};
}

Downlink::Examined Downlink::examine_opened(const Session& session, bool clear) const {
    Examined out = examine_plaintext(session, clear, desk_->message.plaintext());
    out.opened = true;
    return out;
}

Downlink::Examined Downlink::examine_plaintext(const Session& session, bool clear, Payload plaintext) {
    if (clear && session.channel != Channel::guarded) {
        return {.refusal = Refusal::channel_not_protected};
    }
    return {.form = clear ? Form::clear : Form::sealed, .plaintext = plaintext};
}

void Downlink::copy_clear(Payload plaintext, Delivered& out) const {
    out.payload = Bytes(site_->memory, plaintext.size() + 1);
    if (!out.payload) {
        refuse(out, Refusal::internal);
        return;
    }
    std::ranges::copy(plaintext, out.payload.data());
    out.payload.set_size(plaintext.size());
}

void Downlink::seal_for(Session& session, std::string_view topic, Payload plaintext, Sealing when, Delivered& out) {
    const std::shared_ptr<Sender>& sender = sender_for(session);
    const Refusal refusal = sender == nullptr ? Refusal::state_unavailable
                            : when == Sealing::foreseen
                                ? seal_foreseen(session, sender, topic, out.payload)
                                : desk_->message.seal(sender, topic, plaintext, when, out.payload);
    if (refusal == Refusal::none) {
        desk_->metrics.sealed.add();
    } else {
        refuse(out, refusal);
    }
}

Refusal Downlink::seal_foreseen(Session& session, const std::shared_ptr<Sender>& sender, std::string_view topic,
                                Bytes& out) {
    const std::uint64_t number = desk_->message.number();
    foresight_.turn_to(number, desk_->message.fanned_out(), topic);
    if (session.foreseen != number) {
        foresee(session, topic);
    }
    if (session.foreseen == number) {
        out = foresight_.take(session.foreseen_at);
    }
    if (std::exchange(session.delivered, number) != number) {
        foresight_.delivered(session.id);
    }
    return out ? Refusal::none : desk_->message.seal(sender, topic, desk_->message.plaintext(), Sealing::at_once, out);
}

// For no more at once than are sealed together: they are asked for in the same order, and what waits stays near.
void Downlink::foresee(Session& asked, std::string_view topic) {
    const std::span<const SessionId> soon = foresight_.next(Sealer::most);
    for (std::size_t i = 0; i < soon.size(); ++i) {
        fetch_soon(soon.subspan(i));
        if (soon[i] == asked.id) {
            foresee_for(asked, topic);
        } else if (const SessionTable::Use each = shared_->table.try_use(soon[i])) {
            foresee_for(*each, topic);
        }
    }
    if (!soon.empty() && !desk_->message.complete()) {
        foresight_.drop();
    }
}

void Downlink::foresee_for(Session& session, std::string_view topic) {
    if (session.delivered == desk_->message.number()) {
        return;
    }
    Bytes copy;
    const std::shared_ptr<Sender>& sender = sender_for(session);
    if (sender != nullptr &&
        desk_->message.seal(sender, topic, desk_->message.plaintext(), Sealing::together, copy) == Refusal::none) {
        session.foreseen_at = foresight_.add(std::move(copy));
        session.foreseen = desk_->message.number();
    }
}

void Downlink::fetch_soon(std::span<const SessionId> next) const {
    if (next.size() > session_ahead) {
        shared_->table.fetch(next[session_ahead]);
    }
    if (next.size() > sender_ahead) {
        shared_->table.fetch_sender(next[sender_ahead]);
    }
}

const std::shared_ptr<Sender>& Downlink::sender_for(Session& session) {
    if (session.new_key.load(std::memory_order_acquire)) {
        session.new_key.store(false, std::memory_order_relaxed);
        session.set_sender(nullptr);
    }
    if (session.sender == nullptr) {
        const keyring::Principal* principal = site_->keyring.find(session.principal);
        const keyring::Key* key = principal != nullptr ? downlink_key(*shared_->ledger.access(), *principal) : nullptr;
        if (key != nullptr) {
            session.set_sender(shared_->senders.get(site_->keyring, *principal, *key, RESEAL_DOWNLINK));
        }
    }
    return session.sender;
}

void Downlink::idle() {
    foresight_.turn_to(0, false, {});
    desk_->message.forget();
}

// Sealed at once, for the session's own topic.
std::optional<OwnMessage> Downlink::own_message(Session& session, const std::string& topic, std::uint8_t qos,
                                                Payload record) {
    Delivered sealed{.form = Form::sealed};
    seal_for(session, topic, record, Sealing::at_once, sealed);
    if (sealed.form != Form::sealed) {
        site_->report(session, "deliver", topic, Refusal::state_unavailable);
        return std::nullopt;
    }
    return OwnMessage{.client_id = session.client_id, .topic = topic, .qos = qos, .payload = std::move(sealed.payload)};
}

}  // namespace reseal::engine
