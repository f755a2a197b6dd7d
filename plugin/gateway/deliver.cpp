#include <algorithm>
#include <cstring>

#include "gateway/gateway.h"

namespace reseal::gateway {

using policy::Refusal;

namespace {

constexpr std::size_t reported_most = 64;

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

}  // namespace

Delivered Gateway::deliver(Session& session, std::string_view topic, Payload payload) {
    Delivered out = deliver_checked(session, topic, payload);
    // Logged once: a subscriber may rightly ask for more topics than it may read.
    if (out.refusal != Refusal::none && session.reported.size() < reported_most &&
        session.reported.emplace(topic).second) {
        report(session, "deliver", topic, out.refusal);
    }
    return out;
}

Delivered Gateway::deliver_checked(Session& session, std::string_view topic, Payload payload) {
    const policy::Decision decision = session.rights.deliver(topic);
    if (!decision) {
        return refused(decision.refusal);
    }
    if (unsealed(topic)) {
        return as_it_is();
    }
    if (payload.empty()) {  // a retained message was cleared
        return deliver_plaintext(session, decision.clear, topic, payload);
    }
    reseal_envelope envelope{};
    if (reseal_envelope_parse({payload.data(), payload.size()}, &envelope) == RESEAL_OK) {
        return deliver_envelope(session, decision.clear, topic, envelope);
    }
    // Not sealed: what an earlier clear delivery to this session left in its queue. Nobody else gets it.
    return decision.clear && session.protected_channel ? as_it_is() : refused(Refusal::not_sealed);
}

Delivered Gateway::deliver_envelope(Session& session, bool clear, std::string_view topic,
                                    const reseal_envelope& envelope) {
    keyring::KeyId id{};
    std::memcpy(id.data(), envelope.key_id, id.size());
    const keyring::KeyHolder holder = parts_.keyring.find_key(id);
    if (holder.principal == nullptr) {
        return refused(Refusal::unknown_key);
    }
    if (envelope.direction == RESEAL_DOWNLINK) {  // sealed for a session earlier, and queued by the broker since
        return holder.principal->id == session.principal ? as_it_is() : refused(Refusal::foreign_key);
    }
    const Refusal refusal = opener_.reopen({.envelope = envelope, .topic = topic, .holder = holder});
    return refusal == Refusal::none ? deliver_plaintext(session, clear, topic, opener_.plaintext()) : refused(refusal);
}

Delivered Gateway::deliver_plaintext(Session& session, bool clear, std::string_view topic, Payload plaintext) {
    if (!clear) {
        return seal_for(session, topic, plaintext);
    }
    return session.protected_channel ? copy_clear(plaintext) : refused(Refusal::channel_not_protected);
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

Delivered Gateway::seal_for(Session& session, std::string_view topic, Payload plaintext) {
    Sender* sender = downlink(session);
    if (sender == nullptr) {
        return refused(Refusal::state_unavailable);
    }
    Delivered out;
    out.refusal = seal(*sender, topic, plaintext, out.payload);
    out.form = out.refusal == Refusal::none ? Delivered::Form::sealed : Delivered::Form::refused;
    return out;
}

Sender* Gateway::downlink(Session& session) {
    if (session.sender == nullptr) {
        const keyring::Principal* principal = parts_.keyring.find(session.principal);
        const keyring::Key* key = principal != nullptr ? sealing_key(*principal) : nullptr;
        if (key != nullptr) {
            session.sender = senders_.get(parts_.keyring, *principal, *key, RESEAL_DOWNLINK);
        }
    }
    return session.sender.get();
}

}  // namespace reseal::gateway
