#include <algorithm>

#include "gateway/gateway.h"
#include "policy/reserved.h"

namespace reseal::gateway {

using policy::Refusal;

namespace {

// Tells people "this is not sealed" from "this is sealed, but broken".
bool looks_sealed(Payload payload) {
    return payload.size() >= 2 && payload[0] == 0xd0 && payload[1] == 0x83;
}

Published refused(Refusal refusal, const policy::Rule* rule = nullptr) {
    Published out;
    out.refusal = refusal;
    out.rule = rule;
    return out;
}

}  // namespace

policy::Request Gateway::request(const Uplink& uplink, Flags flags) const {
    return {.now = now_, .qos = flags.qos, .retain = flags.retain, .size = uplink.plaintext_size()};
}

Published Gateway::publish(Session& session, std::string_view topic, Payload payload, Flags flags) {
    const observe::Stopwatch watch(*parts_.metrics, observe::Step::publish);
    Published out = publish_checked(session, topic, payload, flags);
    if (out.refusal != Refusal::none) {
        report(session, "publish", topic, out.refusal, out.rule);
    }
    return out;
}

Published Gateway::publish_will(Session& session, std::string_view topic, Payload payload, Flags flags) {
    Published out = publish_checked(session, topic, payload, flags);
    const bool too_old = out.refusal == Refusal::replay || out.refusal == Refusal::stale_epoch;
    if (too_old && open_old_will(session, topic, payload)) {
        out = {};
    }
    if (out.refusal != Refusal::none) {
        report(session, "publish", topic, out.refusal, out.rule);
    }
    return out;
}

// publish_checked() has refused it for its age alone: key, algorithm and size are right.
bool Gateway::open_old_will(Session& session, std::string_view topic, Payload payload) {
    Uplink uplink(topic, payload);
    if (!uplink.sealed() || key_of(session.principal, uplink.envelope, uplink.holder) != Refusal::none ||
        !session.will.admits(uplink.envelope) || reopen(uplink) != Refusal::none) {
        return false;
    }
    session.will.close();
    return true;
}

bool Gateway::may_stay_retained(std::string_view source, std::string_view topic, Payload payload) const {
    const Uplink uplink(topic, payload);
    const policy::Request stored = request(uplink, {.qos = 0, .retain = true});
    if (uplink.sealed()) {
        const keyring::KeyHolder holder = parts_.keyring.find_key(keyring::key_id_of(uplink.envelope));
        if (holder.principal == nullptr || !holder.principal->storage) {
            return holder.principal != nullptr && publish_right(holder.principal->id, topic, stored);
        }
    }
    const keyring::Principal* known = parts_.keyring.find(source);
    const bool forwards =
        known != nullptr && !known->revoked && parts_.policy.rights(known->id, known->roles).forward(topic, now_);
    return source.empty() || forwards || publish_right(source, topic, stored);
}

policy::Decision Gateway::publish_right(std::string_view principal, std::string_view topic,
                                        const policy::Request& request) const {
    const keyring::Principal* known = parts_.keyring.find(principal);
    if (known == nullptr || known->revoked || topic == parts_.settings.alerts_topic) {
        return {Refusal::publish_not_allowed};
    }
    return parts_.policy.rights(known->id, known->roles).publish(topic, request);
}

Published Gateway::publish_bridged(std::string_view bridge, std::string_view topic, Payload payload, Flags flags) {
    Uplink uplink(topic, payload);
    Published out = publish_forwarded(uplink, flags);
    if (out.refusal != Refusal::none) {
        parts_.log.refused({.action = "bridge",
                            .principal = {},
                            .client_id = bridge,
                            .topic = topic,
                            .reason = out.refusal,
                            .rule = place_of(out.rule)});
    }
    return out;
}

Published Gateway::publish_checked(const Session& session, std::string_view topic, Payload payload, Flags flags) {
    const TopicUnderWay::Asked& asked = asked_.of(topic);
    Uplink uplink(topic, payload);
    if (session.rights.forward(asked.topic, now_)) {
        return publish_forwarded(uplink, flags);
    }
    const policy::Decision decision = session.rights.publish(asked.topic, request(uplink, flags));
    if (!decision) {
        return refused(decision.refusal, decision.rule);
    }
    if (topic == parts_.settings.alerts_topic) {
        return refused(Refusal::publish_not_allowed);
    }
    if (asked.unsealed) {
        return {};
    }
    if (decision.clear && !looks_sealed(payload)) {
        if (!session.protected_channel) {
            return refused(Refusal::channel_not_protected);
        }
        // With nothing to seal: with the retain flag it clears the topic.
        return payload.empty() ? Published{} : seal_for_storage(topic, payload);
    }
    return publish_sealed(session.principal, uplink);
}

// What others have sealed. An empty payload is how the other broker passes on that a retained message was cleared.
Published Gateway::publish_forwarded(Uplink& uplink, Flags flags) {
    if (policy::reserved(uplink.topic)) {
        return refused(Refusal::reserved_topic);
    }
    if (asked_.of(uplink.topic).unsealed || uplink.message.empty()) {
        return {};
    }
    const policy::Decision decision = right_of_sealer(uplink, flags);
    return decision ? publish_sealed({}, uplink) : refused(decision.refusal, decision.rule);
}

// The storage key speaks for those who may send in clear: the broker that sealed for them has checked their rights.
// What has no sealer that is known is left to publish_sealed(), which refuses it with its reason.
policy::Decision Gateway::right_of_sealer(const Uplink& uplink, Flags flags) const {
    if (!uplink.sealed()) {
        return {};
    }
    const keyring::KeyHolder holder = parts_.keyring.find_key(keyring::key_id_of(uplink.envelope));
    const bool judged = holder.principal != nullptr && !holder.principal->storage;
    return judged ? publish_right(holder.principal->id, uplink.topic, request(uplink, flags)) : policy::Decision{};
}

Published Gateway::publish_sealed(std::string_view principal, Uplink& uplink) {
    if (!looks_sealed(uplink.message)) {
        return refused(Refusal::not_sealed);
    }
    Published out = refused(accept(principal, uplink));
    if (out.refusal == Refusal::none) {
        parts_.metrics->opened.add();
        out.empty_plaintext = opener_.plaintext().empty();
    }
    return out;
}

Refusal Gateway::accept(std::string_view principal, Uplink& uplink, WillSlot* proof_of) {
    if (!uplink.sealed()) {
        return policy::from_status(uplink.parsed);
    }
    if (const Refusal refusal = key_of(principal, uplink.envelope, uplink.holder); refusal != Refusal::none) {
        return refusal;
    }
    if (uplink.plaintext_size() > parts_.settings.max_payload) {
        return Refusal::oversized;
    }
    const auto before = parts_.replay.highest(uplink.holder.key->id);
    const Refusal refusal = open_once(uplink);
    if (refusal == Refusal::none) {
        const auto [first, last] = by_principal_.equal_range(uplink.holder.principal->id);
        std::for_each(first, last, [&](const auto& entry) { entry.second->will.accepted(uplink.envelope, before); });
        if (!before) {
            first_used(uplink.holder);
        }
        if (proof_of != nullptr) {
            proof_of->proven(uplink.envelope, before);
        }
    }
    return refusal;
}

Refusal Gateway::open_once(const Uplink& uplink) {
    leave_message();
    const observe::Stopwatch watch(*parts_.metrics, observe::Step::open);
    const Refusal refusal = opener_.accept(uplink);
    foresight_.fresh = refusal == Refusal::none;
    ++foresight_.message;
    return refusal;
}

Refusal Gateway::reopen(const Uplink& uplink) {
    leave_message();
    return opener_.reopen(uplink);
}

// From now on its holder is sealed for under this generation.
void Gateway::first_used(const keyring::KeyHolder& holder) {
    const auto [first, last] = by_principal_.equal_range(holder.principal->id);
    std::for_each(first, last, [this](const auto& entry) {
        entry.second->sender.reset();
        rekeys_due_.insert(entry.second);
    });
    if (holder.key->generation > 1) {
        parts_.log.note(observe::Level::notice, std::string(holder.principal->id) + " uses key generation " +
                                                    std::to_string(holder.key->generation) + " from now on");
    }
    look_for_overlap(*holder.principal);
}

Refusal Gateway::key_of(std::string_view principal, const reseal_envelope& envelope, keyring::KeyHolder& holder) const {
    if (const Refusal refusal = sound_key(envelope, holder); refusal != Refusal::none) {
        return refusal;
    }
    return principal.empty() || holder.principal->id == principal ? Refusal::none : Refusal::foreign_key;
}

Refusal Gateway::sound_key(const reseal_envelope& envelope, keyring::KeyHolder& holder) const {
    if (envelope.direction != RESEAL_UPLINK) {
        return Refusal::wrong_direction;
    }
    holder = parts_.keyring.find_key(keyring::key_id_of(envelope));
    if (holder.principal == nullptr) {
        return Refusal::unknown_key;
    }
    if (holder.key->retired) {
        return Refusal::retired_key;
    }
    return holder.key->algorithm == envelope.algorithm ? Refusal::none : Refusal::wrong_algorithm;
}

// What comes in clear is sealed before the broker stores it, so that its store and files never hold a reading.
Published Gateway::seal_for_storage(std::string_view topic, Payload payload) {
    if (payload.size() > parts_.settings.max_payload) {
        return refused(Refusal::oversized);
    }
    const keyring::Principal* storage = parts_.keyring.storage();
    const keyring::Key* key = storage != nullptr ? sealing_key(*storage) : nullptr;
    if (key == nullptr) {
        return refused(Refusal::state_unavailable);
    }
    storage_sender_ = senders_.get(parts_.keyring, *storage, *key, RESEAL_UPLINK);
    if (storage_sender_ == nullptr) {
        return refused(Refusal::state_unavailable);
    }
    Published out;
    if (const Refusal refusal = seal(*storage_sender_, topic, payload, out.replacement); refusal != Refusal::none) {
        return refused(refusal);
    }
    parts_.metrics->sealed.add();
    return out;
}

Refusal Gateway::seal(Sender& sender, std::string_view topic, Payload plaintext, reseal_buffer& out, Sealing when) {
    const std::size_t capacity = plaintext.size() + RESEAL_OVERHEAD_MAX;
    auto* memory = static_cast<std::uint8_t*>(parts_.memory.allocate(capacity));
    if (memory == nullptr) {
        return Refusal::internal;
    }
    out = {memory, capacity, 0};
    const reseal_status status = seal_into(out, sender, topic, plaintext, when);
    if (status != RESEAL_OK) {
        parts_.memory.release(memory);
        out = {};
    }
    return policy::from_status(status);
}

reseal_status Gateway::seal_into(reseal_buffer& out, Sender& sender, std::string_view topic, Payload plaintext,
                                 Sealing when) {
    if (seals_.full() || reseal_sender_raises_epoch(&sender.get())) {  // a new epoch replaces the key of what waits
        complete_seals();
    }
    const reseal_bytes name{reinterpret_cast<const std::uint8_t*>(topic.data()), topic.size()};
    const reseal_bytes text{plaintext.data(), plaintext.size()};
    if (when == Sealing::together) {
        return seals_.add(sender.get(), name, text, out);
    }
    const observe::Stopwatch watch(*parts_.metrics, observe::Step::seal);
    return reseal_sender_seal(&sender.get(), name, text, &out);
}

void Gateway::complete_seals() {
    if (seals_.empty()) {
        return;
    }
    const observe::Stopwatch watch(*parts_.metrics, observe::Step::seal);
    if (const std::size_t lost = seals_.complete(); lost > 0) {
        lost_seals_ += lost;
        parts_.log.note(observe::Level::error,
                        std::to_string(lost) + " deliveries were lost: sealing them failed (out of memory?)");
    }
}

}  // namespace reseal::gateway
