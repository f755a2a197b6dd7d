// SPDX-License-Identifier: Apache-2.0
#include "engine/uplink.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/rotation.h"
#include "policy/reserved.h"

namespace reseal::engine {

namespace {

using When = AcceptOnce::When;

// Tells people "this is not sealed" from "this is sealed, but broken".
bool looks_sealed(Payload payload) {
    return payload.size() >= 2 && payload[0] == 0xd0 && payload[1] == 0x83;
}

// An empty message with the retain flag clears its topic when it comes: the broker could not tell later which it was.
When accepted_when(const Message& message) {
    if (message.qos != 2) {
        return When::now;
    }
    const bool clears = message.retain && message.payload.size() <= RESEAL_OVERHEAD_MAX &&
                        ParsedMessage({}, message.payload).plaintext_size() == 0;
    return clears ? When::now : When::at_release;
}

}  // namespace

// With the rule that refused it; null if none did. Borrowed from the policy.
struct Uplink::Judged {
    Published published;
    const policy::Rule* rule = nullptr;

    static Judged refused(Refusal refusal, const policy::Rule* rule = nullptr) {
        Judged out{.published = {}, .rule = rule};
        out.published.refusal = refusal;
        return out;
    }
};

Published Uplink::publish(Session& session, Message message) {
    const observe::Stopwatch watch(desk_->metrics, observe::Step::publish);
    if (const Refusal over = message.moment ? admit(session, message, *message.moment) : Refusal::none;
        over != Refusal::none) {
        return std::move(Judged::refused(over).published);
    }
    const bool untrusted = message.retain && !retain_is_trusted(session, message.topic);
    message.retain = message.retain && !untrusted;
    const When when = accepted_when(message);
    Judged judged = publish_checked(session, message, when);
    Published& out = judged.published;
    out.copy = out.copy || untrusted;
    out.bare = session.channel == Channel::bare;
    note_retained(&session, message, out);
    if (when == When::at_release) {
        note_in_flight(session, message, out);
    } else if (message.qos == 2) {
        desk_->fan_out.over();  // it has cleared its topic, and what is released later is a copy
    }
    if (out.refusal != Refusal::none) {
        site_->report(session, "publish", message.topic, out.refusal, judged.rule);
    }
    return std::move(out);
}

Published Uplink::publish_will(Session& session, Message message) {
    const bool untrusted = message.retain && !retain_is_trusted(session, message.topic);
    message.retain = message.retain && !untrusted;
    Judged judged = publish_checked(session, message, When::now);
    Published& out = judged.published;
    const bool too_old = out.refusal == Refusal::replay || out.refusal == Refusal::stale_epoch;
    if (too_old && acceptance_->open_old_will(session, message)) {
        out = {};
    }
    out.copy = out.copy || untrusted;
    out.bare = session.channel == Channel::bare;
    note_retained(&session, message, out);
    if (out.refusal != Refusal::none) {
        site_->report(session, "publish", message.topic, out.refusal, judged.rule);
    }
    return std::move(out);
}

Published Uplink::publish_bridged(std::string_view bridge, const Message& message) {
    ParsedMessage uplink(message.topic, message.payload);
    std::vector<std::string_view> realms{""};
    realms.insert(realms.end(), site_->settings.bridged_realms.begin(), site_->settings.bridged_realms.end());
    std::ranges::replace(realms, std::string_view(site_->realm), std::string_view());
    Judged judged = publish_forwarded(uplink, realms, message, accepted_when(message));
    Published& out = judged.published;
    note_retained(nullptr, message, out);
    if (out.refusal != Refusal::none) {
        site_->log.refused({.action = "bridge",
                            .principal = {},
                            .client_id = bridge,
                            .topic = message.topic,
                            .reason = out.refusal,
                            .rule = site_->place_of(judged.rule)});
    }
    return std::move(out);
}

Published Uplink::publish_own(std::string_view topic, Payload payload) {
    return seal_for_storage(topic, payload).published;
}

// A client with the right to forward brings other publishers' messages, which their brokers have let in.
Refusal Uplink::admit(const Session& session, const Message& message, budget::Time moment) {
    const Refusal refusal = shared_->ledger.access()
                                ->sessions.spend(*session.standing, moment)
                                .publish(site_->settings.budgets.principal, message.payload.size(), moment);
    if (refusal == Refusal::none || session.rights.forward(desk_->topic.of(message.topic).topic, site_->now)) {
        return Refusal::none;
    }
    site_->report(session, "publish", message.topic, refusal);
    return refusal;
}

// docs/protocol.md, "What is not sealed": on a sealed listener anyone may have set the flag.
bool Uplink::retain_is_trusted(Session& session, std::string_view topic) {
    if (session.channel != Channel::bare) {
        return true;
    }
    const policy::Decision decision =
        session.rights.publish(desk_->topic.of(topic).topic, {.now = site_->now, .retain = true, .bare = true});
    const bool trusted = decision.refusal != Refusal::retain_not_allowed && decision.rule != nullptr;
    if (!trusted && session.reported.insert("retain").second) {
        site_->log.note(observe::Level::notice,
                        "messages of " + session.principal +
                            " are not retained: its listener does not protect the flag; write retain: always in "
                            "acl.yaml where that is acceptable");
    }
    return trusted;
}

// What is retained under a topic is the newest message that was accepted for it. An older one is delivered, but not
// stored: the broker would set the topic back. One of QoS 2 is noted when it comes: whether it is released while nobody
// subscribes, the broker does not tell. `session`: the publisher's; null for a bridge.
void Uplink::note_retained(const Session* session, const Message& message, Published& published) {
    using Retained = state::ReplayStore::Retained;
    if (!message.retain || published.refusal != Refusal::none || desk_->topic.of(message.topic).unsealed) {
        return;
    }
    ParsedMessage uplink(message.topic, published.replacement ? published.replacement.get() : message.payload);
    if (!uplink.sealed()) {
        return;
    }
    acceptance_->place(uplink);
    const Retained order = shared_->ledger.access()->replay.compare_retained(message.topic, uplink.counted());
    const bool over_budget =
        order == Retained::unknown && session != nullptr && !admit_retained(*session, message.topic);
    if (order == Retained::older || over_budget) {
        published.copy = true;
    } else {
        shared_->ledger.access()->replay.set_retained(message.topic, uplink.counted());
        shared_->unsettled = true;
    }
}

// A topic that ever had a retained message stays known for good, in the replay file too.
bool Uplink::admit_retained(const Session& session, std::string_view topic) {
    Refusal refusal{};
    {
        const LedgerAccess ledger = shared_->ledger.access();
        refusal = session.standing->spending->retain(site_->settings.budgets.principal, ledger->sessions.moment());
    }
    if (refusal == Refusal::none || session.rights.forward(desk_->topic.of(topic).topic, site_->now)) {
        return true;
    }
    site_->report(session, "retain", topic, refusal);
    return false;
}

bool Uplink::is_retained(const ParsedMessage& uplink) {
    using Retained = state::ReplayStore::Retained;
    const LedgerAccess ledger = shared_->ledger.access();
    const Retained order = ledger->replay.compare_retained(uplink.topic, uplink.counted());
    if (order == Retained::same) {
        return true;
    }
    if (order == Retained::older || !ledger->accept_once.waits(uplink.counted())) {
        return false;
    }
    ledger->replay.set_retained(uplink.topic, uplink.counted());  // a crash has taken the note back
    shared_->unsettled = true;
    return true;
}

// QoS 2: the session's connection has brought it. Another one that is still there, or this one, may have done so, too.
void Uplink::note_in_flight(const Session& session, const Message& message, Published& published) {
    const ParsedMessage uplink(message.topic, message.payload);
    if (published.refusal != Refusal::none || !uplink.sealed()) {
        return;
    }
    const LedgerAccess ledger = shared_->ledger.access();
    published.copy = published.copy || ledger->sessions.in_flight(session.principal, uplink.envelope);
    std::unique_ptr<Undelivered>& in_flight = session.standing->in_flight;
    if (in_flight == nullptr) {
        in_flight = std::make_unique<Undelivered>();
    }
    in_flight->add(uplink.envelope);
}

bool Uplink::may_stay_in_flight(const Session& session, const Message& message) {
    ParsedMessage uplink(message.topic, message.payload);
    const TopicUnderWay::Asked& asked = desk_->topic.of(message.topic);
    if (!uplink.sealed() || asked.unsealed) {
        return true;  // the fan-out tells what becomes of it
    }
    uplink.holder = site_->keyring.find_key(key_id_of(uplink.envelope));
    if (uplink.holder.principal == nullptr) {
        return false;
    }
    const bool forwards = session.rights.forward(asked.topic, site_->now);
    if (acceptance_->is_own(uplink)) {
        return !forwards;
    }
    acceptance_->place(uplink);
    return (forwards || uplink.holder.principal->id == session.principal) && acceptance_->may_wait(uplink);
}

bool Uplink::may_stay_retained(std::string_view source, const Message& message) const {
    const ParsedMessage uplink(message.topic, message.payload);
    policy::Request stored = site_->request(uplink, message);
    stored.qos = 0;
    stored.retain = true;
    if (uplink.sealed()) {
        const keyring::KeyHolder holder = site_->keyring.find_key(key_id_of(uplink.envelope));
        if (holder.principal == nullptr || !holder.principal->storage) {
            return holder.principal != nullptr && site_->publish_right(holder.principal->id, message.topic, stored);
        }
    }
    const keyring::Principal* known = site_->keyring.find(source);
    const bool forwards = known != nullptr && !known->revoked &&
                          site_->policy.rights(known->id, known->roles).forward(message.topic, site_->now);
    return source.empty() || forwards || site_->publish_right(source, message.topic, stored);
}

Uplink::Judged Uplink::publish_checked(const Session& session, const Message& message, When when) {
    desk_->fan_out.over();
    const TopicUnderWay::Asked& asked = desk_->topic.of(message.topic);
    ParsedMessage uplink(message.topic, message.payload);
    if (auto realms = session.rights.forwarded_realms(asked.topic, site_->now); !realms.empty()) {
        std::ranges::replace(realms, std::string_view(site_->realm), std::string_view());
        return publish_forwarded(uplink, realms, message, when);
    }
    const policy::Decision decision = session.rights.publish(asked.topic, site_->request(uplink, message));
    if (!decision) {
        return Judged::refused(decision.refusal, decision.rule);
    }
    if (message.topic == site_->settings.alerts_topic) {
        return Judged::refused(Refusal::publish_not_allowed);
    }
    if (asked.unsealed) {
        return {};
    }
    if (decision.clear && !looks_sealed(message.payload)) {
        return publish_clear(session, message);
    }
    return publish_sealed(session.principal, uplink, when);
}

Uplink::Judged Uplink::publish_clear(const Session& session, const Message& message) {
    if (session.channel != Channel::guarded) {
        return Judged::refused(Refusal::channel_not_protected);
    }
    // With nothing to seal: with the retain flag it clears the topic.
    return message.payload.empty() ? Judged{} : seal_for_storage(message.topic, message.payload);
}

// What others have sealed. An empty payload is how the other broker passes on that a retained message was cleared.
Uplink::Judged Uplink::publish_forwarded(ParsedMessage& uplink, Realms realms, const Message& message, When when) {
    desk_->fan_out.over();
    if (policy::reserved(uplink.topic)) {
        return Judged::refused(Refusal::reserved_topic);
    }
    if (desk_->topic.of(uplink.topic).unsealed || uplink.message.empty()) {
        return {};
    }
    const policy::Decision decision = acceptance_->right_of_sealer(uplink, message);
    if (!decision) {
        return Judged::refused(decision.refusal, decision.rule);
    }
    acceptance_->find_realm(uplink, realms);
    if (std::ranges::find(realms, uplink.realm) == realms.end()) {
        return Judged::refused(Refusal::own_message);
    }
    return publish_sealed({}, uplink, when);
}

Uplink::Judged Uplink::publish_sealed(std::string_view principal, ParsedMessage& uplink, When when) {
    if (!looks_sealed(uplink.message)) {
        return Judged::refused(Refusal::not_sealed);
    }
    Judged out = Judged::refused(acceptance_->accept(principal, uplink, when));
    if (out.published.refusal == Refusal::none) {
        desk_->metrics.opened.add();
        out.published.empty_plaintext = desk_->message.plaintext().empty();
    }
    return out;
}

Refusal Uplink::may_leave(const TopicUnderWay::Asked& asked, const Stored& stored) {
    if (stored.occasion == Occasion::stored) {
        return Refusal::none;
    }
    if (stored.occasion == Occasion::fan_out) {
        const auto held = [&] { return desk_->message.holds(stored.topic, stored.payload); };
        return desk_->fan_out.goes_on(stored.copy, held) ? Refusal::none : acceptance_->begin_fan_out(asked, stored);
    }
    ParsedMessage uplink(stored.topic, stored.payload);
    const bool ours = !asked.unsealed && uplink.sealed() && uplink.envelope.direction == RESEAL_UPLINK;
    acceptance_->place(uplink);
    return !ours || is_retained(uplink) ? Refusal::none : Refusal::not_retained;
}

// What comes in clear is sealed before the broker stores it, so that its store and files never hold a reading.
Uplink::Judged Uplink::seal_for_storage(std::string_view topic, Payload payload) {
    if (payload.size() > site_->settings.max_payload) {
        return Judged::refused(Refusal::oversized);
    }
    const keyring::Principal* storage = site_->keyring.storage();
    const keyring::Key* key = storage != nullptr ? sealing_key(*storage) : nullptr;
    if (key == nullptr) {
        return Judged::refused(Refusal::state_unavailable);
    }
    storage_sender_ = shared_->senders.get(site_->keyring, *storage, *key, RESEAL_UPLINK);
    if (storage_sender_ == nullptr) {
        return Judged::refused(Refusal::state_unavailable);
    }
    Judged out;
    Bytes& sealed = out.published.replacement;
    if (const Refusal refusal = desk_->message.seal(storage_sender_, topic, payload, Sealing::at_once, sealed);
        refusal != Refusal::none) {
        return Judged::refused(refusal);
    }
    if (!remember_own(*key, sealed.get())) {
        return Judged::refused(Refusal::state_unavailable);
    }
    desk_->metrics.sealed.add();
    return out;
}

bool Uplink::sealed_here(Payload payload) const {
    ParsedMessage uplink({}, payload);
    if (uplink.sealed() && uplink.envelope.direction == RESEAL_UPLINK) {
        uplink.holder = site_->keyring.find_key(key_id_of(uplink.envelope));
    }
    return uplink.holder.principal != nullptr && acceptance_->is_own(uplink);
}

bool Uplink::recover(const Message& message, bool whole) {
    ParsedMessage uplink(message.topic, message.payload);
    acceptance_->place(uplink);
    if (!sealed_here(message.payload) &&
        acceptance_->accept({}, uplink, whole ? When::now : When::at_release) != Refusal::none) {
        return false;
    }
    const LedgerAccess ledger = shared_->ledger.access();
    if (message.retain &&
        ledger->replay.compare_retained(message.topic, uplink.counted()) != state::ReplayStore::Retained::older) {
        ledger->replay.set_retained(message.topic, uplink.counted());
        shared_->unsettled = true;
    }
    return true;
}

// Once for each epoch, before the broker has anything that was sealed in it.
bool Uplink::remember_own(const keyring::Key& key, Payload sealed) {
    const ParsedMessage message({}, sealed);
    const LedgerAccess ledger = shared_->ledger.access();
    const reseal_epoch& epoch = message.envelope.epoch;
    if (!reseal_epoch_equal(&epoch, &ledger->own_epoch) && ledger->replay.remember_own(key.id, epoch) == RESEAL_OK) {
        ledger->own_epoch = epoch;
    }
    return reseal_epoch_equal(&epoch, &ledger->own_epoch);
}

}  // namespace reseal::engine
