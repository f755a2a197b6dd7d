#include <algorithm>

#include "gateway/gateway.h"
#include "policy/reserved.h"

namespace reseal::gateway {

using When = AcceptOnce::When;

namespace {

// Tells people "this is not sealed" from "this is sealed, but broken".
bool looks_sealed(Payload payload) {
    return payload.size() >= 2 && payload[0] == 0xd0 && payload[1] == 0x83;
}

// An empty message with the retain flag clears its topic when it comes: the broker could not tell later which it was.
When accepted_when(Payload payload, Flags flags) {
    if (flags.qos != 2) {
        return When::now;
    }
    const bool clears =
        flags.retain && payload.size() <= RESEAL_OVERHEAD_MAX && Uplink({}, payload).plaintext_size() == 0;
    return clears ? When::now : When::at_release;
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
    const bool untrusted = flags.retain && !retain_is_trusted(session, topic);
    flags.retain = flags.retain && !untrusted;
    const When when = accepted_when(payload, flags);
    Published out = publish_checked(session, topic, payload, flags, when);
    out.copy = out.copy || untrusted;
    out.bare = session.channel == Channel::bare;
    note_retained(&session, topic, payload, flags, out);
    if (when == When::at_release) {
        note_in_flight(session, topic, payload, out);
    } else if (flags.qos == 2) {
        accept_once_.next();  // it has cleared its topic, and what is released later is a copy
    }
    if (out.refusal != Refusal::none) {
        report(session, "publish", topic, out.refusal, out.rule);
    }
    return out;
}

Published Gateway::publish_will(Session& session, std::string_view topic, Payload payload, Flags flags) {
    const bool untrusted = flags.retain && !retain_is_trusted(session, topic);
    flags.retain = flags.retain && !untrusted;
    Published out = publish_checked(session, topic, payload, flags, When::now);
    const bool too_old = out.refusal == Refusal::replay || out.refusal == Refusal::stale_epoch;
    if (too_old && open_old_will(session, topic, payload)) {
        out = {};
    }
    out.copy = out.copy || untrusted;
    out.bare = session.channel == Channel::bare;
    note_retained(&session, topic, payload, flags, out);
    if (out.refusal != Refusal::none) {
        report(session, "publish", topic, out.refusal, out.rule);
    }
    return out;
}

// docs/protocol.md, "What is not sealed": on a sealed listener anyone may have set the flag.
bool Gateway::retain_is_trusted(Session& session, std::string_view topic) {
    if (session.channel != Channel::bare) {
        return true;
    }
    const policy::Decision decision =
        session.rights.publish(asked_.of(topic).topic, {.now = now_, .retain = true, .bare = true});
    const bool trusted = decision.refusal != Refusal::retain_not_allowed && decision.rule != nullptr;
    if (!trusted && session.reported.insert("retain").second) {
        parts_.log.note(observe::Level::notice,
                        "messages of " + session.principal +
                            " are not retained: its listener does not protect the flag; write retain: always in "
                            "acl.yaml where that may be");
    }
    return trusted;
}

// publish_checked() has refused it for its age alone: key, algorithm and size are right.
bool Gateway::open_old_will(Session& session, std::string_view topic, Payload payload) {
    Uplink uplink(topic, payload);
    if (!uplink.sealed() || key_of(session.principal, uplink.envelope, uplink.holder) != Refusal::none ||
        !session.will.admits(uplink.envelope)) {
        return false;
    }
    leave_message();
    if (accept_once_.accept_old_will(uplink) != Refusal::none) {
        return false;
    }
    const auto [first, last] = by_principal_.equal_range(session.principal);
    std::for_each(first, last, [&](const auto& entry) { entry.second->will.spent(uplink.envelope); });
    departed_.spent(session.principal, uplink.envelope);
    session.will.close();
    return true;
}

// Another connection that is still there, or this one, has brought it and not released it yet.
bool Gateway::brought_already(const Session& session, const reseal_envelope& envelope) const {
    const auto holds = [&envelope](const Session& each) {
        return each.in_flight != nullptr && each.in_flight->contains(envelope);
    };
    const auto [first, last] = by_principal_.equal_range(session.principal);
    return std::any_of(first, last, [&](const auto& entry) { return holds(*entry.second); });
}

// What is retained under a topic is the newest message that was accepted for it. An older one is delivered, but not
// stored: the broker would set the topic back. One of QoS 2 is noted when it comes: whether it is released while nobody
// subscribes, the broker does not tell.
void Gateway::note_retained(const Session* session, std::string_view topic, Payload payload, Flags flags,
                            Published& published) {
    using Retained = state::ReplayStore::Retained;
    if (!flags.retain || published.refusal != Refusal::none || asked_.of(topic).unsealed) {
        return;
    }
    const reseal_buffer& sealed_here = published.replacement;
    Uplink uplink(topic, sealed_here.data != nullptr ? Payload(sealed_here.data, sealed_here.size) : payload);
    if (!uplink.sealed()) {
        return;
    }
    place(uplink);
    const Retained order = parts_.replay.compare_retained(topic, uplink.counted());
    const bool over_budget = order == Retained::unknown && session != nullptr && !admit_retained(*session, topic);
    if (order == Retained::older || over_budget) {
        published.copy = true;
    } else {
        parts_.replay.set_retained(topic, uplink.counted());
    }
}

bool Gateway::is_retained(const Uplink& uplink) {
    using Retained = state::ReplayStore::Retained;
    const Retained order = parts_.replay.compare_retained(uplink.topic, uplink.counted());
    if (order == Retained::same) {
        return true;
    }
    if (order == Retained::older || !accept_once_.waits(uplink.counted())) {
        return false;
    }
    parts_.replay.set_retained(uplink.topic, uplink.counted());  // a crash has taken the note back
    return true;
}

// QoS 2: the session's connection has brought it.
void Gateway::note_in_flight(Session& session, std::string_view topic, Payload payload, Published& published) const {
    const Uplink uplink(topic, payload);
    if (published.refusal != Refusal::none || !uplink.sealed()) {
        return;
    }
    published.copy = published.copy || brought_already(session, uplink.envelope);
    if (session.in_flight == nullptr) {
        session.in_flight = std::make_unique<Undelivered>();
    }
    session.in_flight->add(uplink.envelope);
}

bool Gateway::may_stay_in_flight(const Session& session, std::string_view topic, Payload payload) {
    Uplink uplink(topic, payload);
    if (!uplink.sealed() || asked_.of(topic).unsealed) {
        return true;  // the fan-out tells what becomes of it
    }
    uplink.holder = parts_.keyring.find_key(key_id_of(uplink.envelope));
    if (uplink.holder.principal == nullptr) {
        return false;
    }
    const bool forwards = session.rights.forward(asked_.of(topic).topic, now_);
    if (is_own(uplink)) {
        return !forwards;
    }
    place(uplink);
    leave_message();
    return (forwards || uplink.holder.principal->id == session.principal) && accept_once_.may_wait(uplink);
}

bool Gateway::may_stay_retained(std::string_view source, std::string_view topic, Payload payload) const {
    const Uplink uplink(topic, payload);
    const policy::Request stored = request(uplink, {.qos = 0, .retain = true});
    if (uplink.sealed()) {
        const keyring::KeyHolder holder = parts_.keyring.find_key(key_id_of(uplink.envelope));
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
    std::vector<std::string_view> realms{""};
    realms.insert(realms.end(), parts_.settings.bridged_realms.begin(), parts_.settings.bridged_realms.end());
    std::ranges::replace(realms, std::string_view(parts_.realm), std::string_view());
    Published out = publish_forwarded(uplink, realms, flags, accepted_when(payload, flags));
    note_retained(nullptr, topic, payload, flags, out);
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

Published Gateway::publish_checked(const Session& session, std::string_view topic, Payload payload, Flags flags,
                                   When when) {
    accept_once_.next();
    const TopicUnderWay::Asked& asked = asked_.of(topic);
    Uplink uplink(topic, payload);
    if (auto realms = session.rights.forwarded_realms(asked.topic, now_); !realms.empty()) {
        std::ranges::replace(realms, std::string_view(parts_.realm), std::string_view());
        return publish_forwarded(uplink, realms, flags, when);
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
        if (session.channel != Channel::guarded) {
            return refused(Refusal::channel_not_protected);
        }
        // With nothing to seal: with the retain flag it clears the topic.
        return payload.empty() ? Published{} : seal_for_storage(topic, payload);
    }
    return publish_sealed(session.principal, uplink, when);
}

// What others have sealed. An empty payload is how the other broker passes on that a retained message was cleared.
Published Gateway::publish_forwarded(Uplink& uplink, std::span<const std::string_view> realms, Flags flags, When when) {
    accept_once_.next();
    if (policy::reserved(uplink.topic)) {
        return refused(Refusal::reserved_topic);
    }
    if (asked_.of(uplink.topic).unsealed || uplink.message.empty()) {
        return {};
    }
    const policy::Decision decision = right_of_sealer(uplink, flags);
    if (!decision) {
        return refused(decision.refusal, decision.rule);
    }
    find_realm(uplink, realms);
    if (std::ranges::find(realms, uplink.realm) == realms.end()) {
        return refused(Refusal::own_message);
    }
    return publish_sealed({}, uplink, when);
}

// For which of the realms it was sealed: the one whose window is in its epoch, else the one whose key opens it. What
// has come to this broker before is told from what others bring.
void Gateway::find_realm(Uplink& uplink, std::span<const std::string_view> realms) {
    uplink.holder = uplink.sealed() ? parts_.keyring.find_key(key_id_of(uplink.envelope)) : keyring::KeyHolder();
    if (uplink.holder.principal == nullptr) {
        return;
    }
    const auto in_its_epoch = [&](std::string_view realm) {
        uplink.belong_to(realm);
        const auto known = parts_.replay.highest(key_id_of(uplink.counted()));
        return known && reseal_epoch_equal(&known->epoch, &uplink.envelope.epoch);
    };
    if (in_its_epoch({}) || is_own(uplink) || std::ranges::any_of(realms, in_its_epoch)) {
        return;
    }
    const auto opens = [&](std::string_view realm) {
        uplink.belong_to(realm);
        return opener_.open(uplink) == Refusal::none;
    };
    leave_message();
    if (realms.size() == 1 || std::ranges::none_of(realms, opens)) {
        uplink.belong_to(realms.front());
    }
}

// The same for what the broker has kept, from wherever it came.
void Gateway::place(Uplink& uplink) {
    if (!realms_.empty() && uplink.sealed() && uplink.envelope.direction == RESEAL_UPLINK) {
        find_realm(uplink, realms_);
    }
}

// The storage key speaks for those who may send in clear: the broker that sealed for them has checked their rights.
// What has no sealer that is known is left to publish_sealed(), which refuses it with its reason.
policy::Decision Gateway::right_of_sealer(const Uplink& uplink, Flags flags) const {
    if (!uplink.sealed()) {
        return {};
    }
    const keyring::KeyHolder holder = parts_.keyring.find_key(key_id_of(uplink.envelope));
    const bool judged = holder.principal != nullptr && !holder.principal->storage;
    return judged ? publish_right(holder.principal->id, uplink.topic, request(uplink, flags)) : policy::Decision{};
}

Published Gateway::publish_sealed(std::string_view principal, Uplink& uplink, When when) {
    if (!looks_sealed(uplink.message)) {
        return refused(Refusal::not_sealed);
    }
    Published out = refused(accept(principal, uplink, when));
    if (out.refusal == Refusal::none) {
        parts_.metrics->opened.add();
        out.empty_plaintext = opener_.plaintext().empty();
    }
    return out;
}

Refusal Gateway::accept(std::string_view principal, Uplink& uplink, When when, WillSlot* proof_of) {
    if (!uplink.sealed()) {
        return refusal_of(uplink.parsed);
    }
    if (const Refusal refusal = key_of(principal, uplink.envelope, uplink.holder); refusal != Refusal::none) {
        return refusal;
    }
    if (uplink.plaintext_size() > parts_.settings.max_payload) {
        return Refusal::oversized;
    }
    if (is_own(uplink)) {
        return Refusal::own_message;
    }
    const auto before = parts_.replay.highest(key_id_of(uplink.counted()));
    const Refusal refusal = open_once(uplink, when);
    if (refusal == Refusal::none) {
        note_arrival(uplink, before, when);
        if (proof_of != nullptr) {
            proof_of->proven(uplink.envelope, before);
        }
    } else if (refusal == Refusal::replay && uplink.realm.empty()) {
        tell_again(uplink);
    }
    return refusal;
}

// Its sender may not know that it was accepted.
void Gateway::tell_again(const Uplink& uplink) {
    const auto [first, last] = by_principal_.equal_range(uplink.holder.principal->id);
    std::for_each(first, last, [&](const auto& entry) { note_accepted(*entry.second, uplink.holder.key->id); });
}

// What was sealed for another broker says nothing of the sender's sessions and keys here.
void Gateway::note_arrival(const Uplink& uplink, const std::optional<state::Accepted>& before, When when) {
    if (uplink.realm.empty()) {
        tell_sessions(uplink, before);
        note_use(uplink.holder, before.has_value(), when);
    }
}

void Gateway::tell_sessions(const Uplink& uplink, const std::optional<state::Accepted>& before) {
    const auto [first, last] = by_principal_.equal_range(uplink.holder.principal->id);
    std::for_each(first, last, [&](const auto& entry) {
        entry.second->will.accepted(uplink.envelope, before);
        note_accepted(*entry.second, uplink.holder.key->id);
    });
}

// The tag of a message under this key was right. `before`: the replay windows have shown that already.
void Gateway::note_use(const keyring::KeyHolder& holder, bool before, When when) {
    if (!before && !shown_.contains(holder.key->id)) {
        first_used(holder);
    }
    if (when == When::now) {
        shown_.erase(holder.key->id);
    } else if (!before) {
        shown_.insert(holder.key->id);
    }
}

bool Gateway::is_own(const Uplink& uplink) const {
    return uplink.holder.principal->storage && (reseal_epoch_equal(&uplink.envelope.epoch, &own_epoch_) ||
                                                parts_.replay.is_own(uplink.holder.key->id, uplink.envelope.epoch));
}

// The broker asks for the first delivery of a message. What is not sealed, or is for one client, is accepted elsewhere.
Refusal Gateway::begin_fan_out(const TopicUnderWay::Asked& asked, std::string_view topic, Payload payload) {
    if (asked.unsealed || asked.topic.reserved() || payload.empty()) {
        return Refusal::none;
    }
    Uplink uplink(topic, payload);
    if (!uplink.sealed() || uplink.envelope.direction != RESEAL_UPLINK) {
        return Refusal::none;
    }
    uplink.holder = parts_.keyring.find_key(key_id_of(uplink.envelope));
    if (uplink.holder.principal == nullptr) {
        return Refusal::unknown_key;
    }
    place(uplink);
    leave_message();
    return is_own(uplink) ? accept_once_.fan_out_own(uplink) : release(uplink);
}

// A QoS 2 message that its sender has released. One that was let in before the broker's last start is not known to
// wait: it is looked at as if it had just come.
Refusal Gateway::release(Uplink& uplink) {
    if (!accept_once_.waits(uplink.counted())) {
        if (const Refusal refusal = key_of({}, uplink.envelope, uplink.holder); refusal != Refusal::none) {
            return refusal;
        }
        if (const policy::Decision right = right_of_sealer(uplink, {.qos = 2}); !right) {
            return right.refusal;
        }
    }
    const auto before = parts_.replay.highest(key_id_of(uplink.counted()));
    const Refusal refusal = accept_once_.fan_out(uplink);
    if (refusal == Refusal::none) {
        note_arrival(uplink, before, When::now);
    }
    return refusal;
}

Refusal Gateway::open_once(const Uplink& uplink, When when) {
    leave_message();
    const observe::Stopwatch watch(*parts_.metrics, observe::Step::open);
    const Refusal refusal = accept_once_.accept(uplink, when);
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
    holder = parts_.keyring.find_key(key_id_of(envelope));
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
    if (!remember_own(*key)) {
        parts_.memory.release(out.replacement.data);
        return refused(Refusal::state_unavailable);
    }
    parts_.metrics->sealed.add();
    return out;
}

bool Gateway::sealed_here(Payload payload) const {
    Uplink uplink({}, payload);
    if (uplink.sealed() && uplink.envelope.direction == RESEAL_UPLINK) {
        uplink.holder = parts_.keyring.find_key(key_id_of(uplink.envelope));
    }
    return uplink.holder.principal != nullptr && is_own(uplink);
}

bool Gateway::recover(std::string_view topic, Payload payload, bool whole, bool retain) {
    Uplink uplink(topic, payload);
    place(uplink);
    if (!sealed_here(payload) && accept({}, uplink, whole ? When::now : When::at_release) != Refusal::none) {
        return false;
    }
    if (retain && parts_.replay.compare_retained(topic, uplink.counted()) != state::ReplayStore::Retained::older) {
        parts_.replay.set_retained(topic, uplink.counted());
    }
    return true;
}

// Once for each epoch, before the broker has anything that was sealed in it.
bool Gateway::remember_own(const keyring::Key& key) {
    const reseal_epoch epoch = reseal_sender_position_of(&storage_sender_->get()).epoch;
    if (!reseal_epoch_equal(&epoch, &own_epoch_) && parts_.replay.remember_own(key.id, epoch) == RESEAL_OK) {
        own_epoch_ = epoch;
    }
    return reseal_epoch_equal(&epoch, &own_epoch_);
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
    return refusal_of(status);
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
