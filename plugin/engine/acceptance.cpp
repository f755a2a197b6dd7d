// SPDX-License-Identifier: Apache-2.0
#include "engine/acceptance.h"

#include <algorithm>

#include "engine/rotation.h"

namespace reseal::engine {

using When = AcceptOnce::When;

Refusal Acceptance::accept(std::string_view principal, ParsedMessage& uplink, When when, WillSlot* proof_of) {
    if (!uplink.sealed()) {
        return refusal_of(uplink.parsed);
    }
    if (const Refusal refusal = site_->key_of(principal, uplink.envelope, uplink.holder); refusal != Refusal::none) {
        return refusal;
    }
    if (uplink.plaintext_size() > site_->settings.max_payload) {
        return Refusal::oversized;
    }
    desk_->fan_out.over();
    if (const Refusal refusal = check(uplink); refusal != Refusal::none) {
        return refusal;
    }
    if (const Refusal refusal = desk_->message.open(uplink); refusal != Refusal::none) {
        return refusal;
    }
    const Refusal refusal = mark(uplink, when, proof_of);
    if (refusal == Refusal::none && when == When::now) {
        desk_->message.begin_fan_out();
        desk_->fan_out.begin();
    }
    return refusal;
}

Refusal Acceptance::check(const ParsedMessage& uplink) {
    const LedgerAccess ledger = shared_->ledger.access();
    if (is_own(*ledger, uplink)) {
        return Refusal::own_message;
    }
    const Refusal refusal = ledger->accept_once.check(uplink.counted());
    if (refusal == Refusal::replay) {
        tell_again(*ledger, uplink);
    }
    return refusal;
}

Refusal Acceptance::mark(const ParsedMessage& uplink, When when, WillSlot* proof_of) {
    Refusal refusal{};
    {
        const LedgerAccess ledger = shared_->ledger.access();
        const auto before = ledger->replay.highest(key_id_of(uplink.counted()));
        refusal = ledger->accept_once.accept(uplink.counted(), when);
        if (refusal == Refusal::none) {
            shared_->unsettled = true;
            note_arrival(*ledger, uplink, before, when);
        }
        if (refusal == Refusal::none && proof_of != nullptr) {
            proof_of->proven(uplink.envelope, before);
        }
    }
    if (refusal != Refusal::none) {
        desk_->message.forget();
    }
    return refusal;
}

// Its sender may not know that it was accepted. What was sealed for another broker says nothing of the sender's
// sessions and keys here.
void Acceptance::tell_again(Ledger& ledger, const ParsedMessage& uplink) {
    if (uplink.realm.empty()) {
        ledger.sessions.each_of(uplink.holder.principal->id,
                                [&](Standing& each) { ledger.sessions.note_accepted(each, uplink.holder.key->id); });
    }
}

void Acceptance::note_arrival(Ledger& ledger, const ParsedMessage& uplink, const std::optional<state::Accepted>& before,
                              When when) const {
    if (!uplink.realm.empty()) {
        return;
    }
    ledger.sessions.each_of(uplink.holder.principal->id, [&](Standing& each) {
        each.will.accepted(uplink.envelope, before);
        ledger.sessions.note_accepted(each, uplink.holder.key->id);
    });
    note_use(ledger, *site_, uplink.holder, before.has_value(), when);
}

bool Acceptance::is_own(const Ledger& ledger, const ParsedMessage& uplink) {
    return uplink.holder.principal->storage && (reseal_epoch_equal(&uplink.envelope.epoch, &ledger.own_epoch) ||
                                                ledger.replay.is_own(uplink.holder.key->id, uplink.envelope.epoch));
}

bool Acceptance::is_own(const ParsedMessage& uplink) const {
    return uplink.holder.principal->storage && is_own(*shared_->ledger.access(), uplink);
}

Refusal Acceptance::look_at_proof(std::string_view principal, std::string_view topic, Payload proof) {
    ParsedMessage uplink(topic, proof);
    if (!uplink.sealed()) {
        return refusal_of(uplink.parsed);
    }
    if (const Refusal refusal = site_->key_of(principal, uplink.envelope, uplink.holder); refusal != Refusal::none) {
        return refusal;
    }
    desk_->fan_out.over();
    const Refusal refusal = shared_->ledger.access()->accept_once.check(uplink.counted());
    return refusal == Refusal::none ? desk_->message.open(uplink) : refusal;
}

// protocol.md, "Sealed CONNECT": an empty message.
Refusal Acceptance::accept_proof(std::string_view principal, std::string_view topic, Payload proof, WillSlot& will) {
    ParsedMessage uplink(topic, proof);
    if (const Refusal refusal = accept(principal, uplink, When::now, &will); refusal != Refusal::none) {
        return refusal;
    }
    desk_->fan_out.over();
    return desk_->message.plaintext().empty() ? Refusal::none : Refusal::bad_connect_proof;
}

// publish_checked() has refused it for its age alone: key, algorithm and size are right. Its slot admits one will; of
// two that come at once, the one that is told of first.
bool Acceptance::open_old_will(Session& session, const Message& message) {
    ParsedMessage uplink(message.topic, message.payload);
    if (!uplink.sealed() || site_->key_of(session.principal, uplink.envelope, uplink.holder) != Refusal::none) {
        return false;
    }
    const auto admitted = [&] {
        const LedgerAccess ledger = shared_->ledger.access();
        return session.standing->will.admits(uplink.envelope);
    };
    if (!admitted() || desk_->message.reopen(uplink) != Refusal::none ||
        !shared_->ledger.access()->sessions.take_will(session, uplink.envelope)) {
        return false;
    }
    desk_->message.begin_fan_out();
    desk_->fan_out.begin();
    return true;
}

// For which of the realms it was sealed: the one whose window is in its epoch, else the one whose key opens it. What
// has come to this broker before is told from what others bring.
void Acceptance::find_realm(ParsedMessage& uplink, Realms realms) {
    uplink.holder = uplink.sealed() ? site_->keyring.find_key(key_id_of(uplink.envelope)) : keyring::KeyHolder();
    if (uplink.holder.principal == nullptr) {
        return;
    }
    {
        const LedgerAccess ledger = shared_->ledger.access();
        const auto in_its_epoch = [&](std::string_view realm) {
            uplink.belong_to(realm);
            const auto known = ledger->replay.highest(key_id_of(uplink.counted()));
            return known && reseal_epoch_equal(&known->epoch, &uplink.envelope.epoch);
        };
        if (in_its_epoch({}) || is_own(*ledger, uplink) || std::ranges::any_of(realms, in_its_epoch)) {
            return;
        }
    }
    const auto opens = [&](std::string_view realm) {
        uplink.belong_to(realm);
        return desk_->message.open(uplink) == Refusal::none;
    };
    if (realms.size() == 1 || std::ranges::none_of(realms, opens)) {
        uplink.belong_to(realms.front());
    }
}

void Acceptance::place(ParsedMessage& uplink) {
    if (!site_->realms.empty() && uplink.sealed() && uplink.envelope.direction == RESEAL_UPLINK) {
        find_realm(uplink, site_->realms);
    }
}

// The storage key speaks for those who may send in clear: the broker that sealed for them has checked their rights.
// What has no sealer that is known is left to publish_sealed(), which refuses it with its reason.
policy::Decision Acceptance::right_of_sealer(const ParsedMessage& uplink, const Message& message) const {
    if (!uplink.sealed()) {
        return {};
    }
    const keyring::KeyHolder holder = site_->keyring.find_key(key_id_of(uplink.envelope));
    const bool judged = holder.principal != nullptr && !holder.principal->storage;
    return judged ? site_->publish_right(holder.principal->id, uplink.topic, site_->request(uplink, message))
                  : policy::Decision{};
}

// The broker asks for the first delivery of a message. What is not sealed, or is for one client, is accepted elsewhere.
Refusal Acceptance::begin_fan_out(const TopicUnderWay::Asked& asked, const Stored& stored) {
    if (asked.unsealed || asked.topic.reserved() || stored.payload.empty()) {
        return Refusal::none;
    }
    ParsedMessage uplink(stored.topic, stored.payload);
    if (!uplink.sealed() || uplink.envelope.direction != RESEAL_UPLINK) {
        return Refusal::none;
    }
    uplink.holder = site_->keyring.find_key(key_id_of(uplink.envelope));
    if (uplink.holder.principal == nullptr) {
        return Refusal::unknown_key;
    }
    place(uplink);
    desk_->fan_out.over();
    return is_own(uplink) ? fan_out_own(uplink, stored.copy) : release(uplink, stored.copy);
}

// Only the broker delivers what it has sealed itself.
Refusal Acceptance::fan_out_own(const ParsedMessage& uplink, std::uintptr_t copy) {
    const Refusal refusal = desk_->message.reopen(uplink);
    if (refusal == Refusal::none) {
        desk_->message.begin_fan_out();
        desk_->fan_out.begin(copy);
    }
    return refusal;
}

// A QoS 2 message that its sender has released. One that was let in before the broker's last start is not known to
// wait: it is looked at as if it had just come.
Refusal Acceptance::release(ParsedMessage& uplink, std::uintptr_t copy) {
    const bool waits = shared_->ledger.access()->accept_once.waits(uplink.counted());
    if (!waits) {
        if (const Refusal refusal = site_->key_of({}, uplink.envelope, uplink.holder); refusal != Refusal::none) {
            return refusal;
        }
        if (const policy::Decision right = right_of_sealer(uplink, {.qos = 2}); !right) {
            return right.refusal;
        }
    }
    Refusal refusal = waits ? Refusal::none : shared_->ledger.access()->accept_once.check(uplink.counted());
    if (refusal == Refusal::none) {
        refusal = desk_->message.reopen(uplink);
    }
    if (refusal == Refusal::none) {
        refusal = mark(uplink, When::now, nullptr);
    }
    if (refusal == Refusal::none) {
        desk_->message.begin_fan_out();
        desk_->fan_out.begin(copy);
    }
    return refusal;
}

// A message that was never seen is let in.
bool Acceptance::may_wait(const ParsedMessage& uplink) {
    {
        const LedgerAccess ledger = shared_->ledger.access();
        if (ledger->accept_once.waits(uplink.counted())) {
            return true;
        }
        if (ledger->accept_once.check(uplink.counted()) != Refusal::none) {
            return false;
        }
    }
    return desk_->message.reopen(uplink) == Refusal::none &&
           shared_->ledger.access()->accept_once.accept(uplink.counted(), When::at_release) == Refusal::none;
}

}  // namespace reseal::engine
