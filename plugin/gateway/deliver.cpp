#include <algorithm>
#include <optional>
#include <utility>

#include "gateway/gateway.h"
#include "policy/reserved.h"

namespace reseal::gateway {

using Form = Delivered::Form;

namespace {

constexpr std::size_t reported_most = 64;

// How many before its turn a session, and then its sender, is asked for.
constexpr std::size_t session_ahead = 6;
constexpr std::size_t sender_ahead = 3;

Delivered refused(Refusal refusal) {
    Delivered out;
    out.refusal = refusal;
    return out;
}

Delivered as_it_is() {
    Delivered out;
    out.form = Delivered::Form::as_it_is;
    return out;
}

void fetch_soon(std::span<Session* const> next) {
    if (next.size() > session_ahead) {
        fetch_session(*next[session_ahead]);
    }
    if (next.size() > sender_ahead) {
        fetch_sender(*next[sender_ahead]);
    }
}

}  // namespace

Delivered Gateway::deliver(Session& session, std::string_view topic, Payload payload, Occasion occasion, Sealing when) {
    const observe::Stopwatch watch(*parts_.metrics, observe::Step::deliver);
    const Examined examined = examine(session, topic, payload, occasion);
    Delivered out = examined.form == Delivered::Form::as_it_is ? as_it_is()
                    : examined.form == Delivered::Form::clear  ? copy_clear(examined.plaintext)
                    : examined.form == Delivered::Form::sealed
                        ? seal_for(session, topic, examined.plaintext, examined.opened ? when : Sealing::at_once)
                        : refused(examined.refusal);
    report_delivery(session, topic, out.refusal, examined.rule);
    return out;
}

Refusal Gateway::may_deliver(Session& session, std::string_view topic, Payload payload, Occasion occasion) {
    const Examined examined = examine(session, topic, payload, occasion);
    report_delivery(session, topic, examined.refusal, examined.rule);
    return examined.refusal;
}

// Logged once: a subscriber may rightly ask for more topics than it may read.
void Gateway::report_delivery(Session& session, std::string_view topic, Refusal refusal,
                              const policy::Rule* rule) const {
    const bool told = refusal == Refusal::none || refusal == Refusal::replay;
    if (!told && session.reported.size() < reported_most && session.reported.emplace(topic).second) {
        report(session, "deliver", topic, refusal, rule);
    }
}

Gateway::Examined Gateway::examine(const Session& session, std::string_view topic, Payload payload, Occasion occasion) {
    const TopicUnderWay::Asked& asked = asked_.of(topic);
    if (const Refusal refusal = look_at(asked, topic, payload, occasion); refusal != Refusal::none) {
        return {.refusal = refusal};
    }
    if (session.rights.forward(asked.topic, now_)) {
        return examine_forwarded(topic, payload);
    }
    const bool open = opener_.holds(topic, payload);
    std::optional<Uplink> uplink;
    if (!open) {
        uplink.emplace(topic, payload);
    }
    const std::size_t size = open ? opener_.plaintext().size() : uplink->plaintext_size();
    const policy::Decision decision =
        session.rights.deliver(asked.topic, {.now = now_, .size = static_cast<std::uint32_t>(size)});
    if (!decision) {
        return {.refusal = decision.refusal, .rule = decision.rule};
    }
    if (asked.topic.reserved()) {
        return examine_reserved(session, topic, payload);
    }
    if (asked.unsealed) {
        return {.form = Form::as_it_is};
    }
    if (open) {
        return examine_opened(session, decision.clear);
    }
    if (payload.empty()) {  // a retained message was cleared
        return examine_plaintext(session, decision.clear, payload);
    }
    if (uplink->sealed()) {
        return examine_sealed(session, decision.clear, *uplink);
    }
    return examine_queued_clear(session, decision.clear);
}

// What is fanned out was accepted for that. Whoever writes in the broker's store may bring back an older retained
// message, or one that never came.
Refusal Gateway::look_at(const TopicUnderWay::Asked& asked, std::string_view topic, Payload payload,
                         Occasion occasion) {
    if (occasion == Occasion::stored) {
        return Refusal::none;
    }
    if (occasion == Occasion::fan_out) {
        const bool goes_on = accept_once_.goes_on(payload.data(), opener_.holds(topic, payload));
        return goes_on ? Refusal::none : begin_fan_out(asked, topic, payload);
    }
    Uplink uplink(topic, payload);
    const bool ours = !asked.unsealed && uplink.sealed() && uplink.envelope.direction == RESEAL_UPLINK;
    place(uplink);
    return !ours || is_retained(uplink) ? Refusal::none : Refusal::not_retained;
}

// What an earlier delivery in clear to this session left in its queue. Nobody else gets it.
Gateway::Examined Gateway::examine_queued_clear(const Session& session, bool clear) {
    if (!clear) {
        return {.refusal = Refusal::not_sealed};
    }
    return session.channel == Channel::guarded ? Examined{.form = Form::as_it_is}
                                               : Examined{.refusal = Refusal::channel_not_protected};
}

// Only what rekeys() has sealed, for this very principal.
Gateway::Examined Gateway::examine_reserved(const Session& session, std::string_view topic, Payload payload) {
    Uplink sealed(topic, payload);
    const bool sealed_here = sealed.sealed() && sealed.envelope.direction == RESEAL_DOWNLINK;
    return sealed_here ? examine_sealed(session, false, sealed) : Examined{.refusal = Refusal::reserved_topic};
}

// To another broker, which opens and seals for its own subscribers. What is not sealed stays here.
Gateway::Examined Gateway::examine_forwarded(std::string_view topic, Payload payload) {
    const bool may_pass = asked_.of(topic).unsealed || payload.empty() || Uplink(topic, payload).sealed();
    return may_pass ? Examined{.form = Form::as_it_is} : Examined{.refusal = Refusal::not_sealed};
}

Gateway::Examined Gateway::examine_sealed(const Session& session, bool clear, Uplink& sealed) {
    sealed.holder = parts_.keyring.find_key(key_id_of(sealed.envelope));
    if (sealed.holder.principal == nullptr) {
        return {.refusal = Refusal::unknown_key};
    }
    if (sealed.envelope.direction == RESEAL_DOWNLINK) {  // for a session earlier, and queued by the broker since
        return sealed.holder.principal->id == session.principal ? Examined{.form = Form::as_it_is}
                                                                : Examined{.refusal = Refusal::foreign_key};
    }
    place(sealed);
    const Refusal refusal = reopen(sealed);
    return refusal == Refusal::none ? examine_opened(session, clear) : Examined{.refusal = refusal};
}

Gateway::Examined Gateway::examine_opened(const Session& session, bool clear) const {
    Examined out = examine_plaintext(session, clear, opener_.plaintext());
    out.opened = true;
    return out;
}

Gateway::Examined Gateway::examine_plaintext(const Session& session, bool clear, Payload plaintext) {
    if (clear && session.channel != Channel::guarded) {
        return {.refusal = Refusal::channel_not_protected};
    }
    return {.form = clear ? Form::clear : Form::sealed, .plaintext = plaintext};
}

Delivered Gateway::copy_clear(Payload plaintext) const {
    Delivered out;
    auto* memory = static_cast<std::uint8_t*>(parts_.memory.allocate(plaintext.size() + 1));
    if (memory == nullptr) {
        return refused(Refusal::internal);
    }
    std::ranges::copy(plaintext, memory);
    out.form = Delivered::Form::clear;
    out.payload = {memory, plaintext.size() + 1, plaintext.size()};
    return out;
}

Delivered Gateway::seal_for(Session& session, std::string_view topic, Payload plaintext, Sealing when) {
    Sender* sender = downlink(session);
    if (sender == nullptr) {
        return refused(Refusal::state_unavailable);
    }
    Delivered out;
    out.refusal = when == Sealing::foreseen ? seal_foreseen(session, *sender, topic, out.payload)
                                            : seal(*sender, topic, plaintext, out.payload, when);
    if (out.refusal == Refusal::none) {
        out.form = Delivered::Form::sealed;
        parts_.metrics->sealed.add();
    }
    return out;
}

Refusal Gateway::seal_foreseen(Session& session, Sender& sender, std::string_view topic, reseal_buffer& out) {
    if (std::exchange(foresight_.fresh, false)) {
        foresight_.recipients.begin(topic);
    }
    if (session.foreseen.data == nullptr) {
        foresee(topic);
    }
    if (std::exchange(session.delivered, foresight_.message) != foresight_.message) {
        foresight_.recipients.add(session);
    }
    if (session.foreseen.data == nullptr) {
        return seal(sender, topic, opener_.plaintext(), out);
    }
    out = std::exchange(session.foreseen, {});
    return Refusal::none;
}

// Whether they may read it is decided when their delivery is asked for: until then nobody has what is sealed here. For
// no more at once than are sealed together: they are asked for in the same order, and what waits stays near.
void Gateway::foresee(std::string_view topic) {
    const std::size_t lost_before = lost_seals_;
    const std::span<Session* const> soon = foresight_.recipients.next(SealQueue::most);
    for (std::size_t i = 0; i < soon.size(); ++i) {
        fetch_soon(soon.subspan(i));
        Session* each = soon[i];
        Sender* sender = each->delivered != foresight_.message ? downlink(*each) : nullptr;
        if (sender != nullptr &&
            seal(*sender, topic, opener_.plaintext(), each->foreseen, Sealing::together) == Refusal::none) {
            foresight_.sealed_for.push_back(each);
        }
    }
    complete_seals();
    if (lost_seals_ != lost_before) {
        drop_foreseen();
    }
}

void Gateway::drop_foreseen() {
    for (Session* each : foresight_.sealed_for) {
        parts_.memory.release(std::exchange(each->foreseen, {}).data);
    }
    foresight_.sealed_for.clear();
}

// The opener is about to open another message, or to forget this one.
void Gateway::leave_message() {
    complete_seals();
    drop_foreseen();
    foresight_.recipients.end();
    foresight_.fresh = false;
}

const keyring::Key* Gateway::downlink_key(const keyring::Principal& principal) const {
    const keyring::Key* out = nullptr;
    for (const keyring::Key& key : principal.keys) {
        if (key.retired) {
            continue;
        }
        out = &key;
        if (has_shown(key)) {
            break;
        }
    }
    return out;
}

Sender* Gateway::downlink(Session& session) {
    if (session.sender == nullptr) {
        const keyring::Principal* principal = parts_.keyring.find(session.principal);
        const keyring::Key* key = principal != nullptr ? downlink_key(*principal) : nullptr;
        if (key != nullptr) {
            session.sender = senders_.get(parts_.keyring, *principal, *key, RESEAL_DOWNLINK);
        }
    }
    return session.sender.get();
}

}  // namespace reseal::gateway
