#include "gateway/accept_once.h"

namespace reseal::gateway {

Refusal AcceptOnce::accept(const Uplink& uplink, When when) {
    if (const Refusal refusal = look(uplink); refusal != Refusal::none) {
        return refusal;
    }
    // After a backup is restored, the first message only shows its epoch and is refused. Better before it is
    // acknowledged.
    if (when == When::at_release && !replay_->distrusts(key_id_of(uplink.counted()))) {
        let_in(uplink.counted());
        return Refusal::none;
    }
    const Refusal refusal = mark(uplink.counted());
    current_.accepted = refusal == Refusal::none;
    return refusal;
}

Refusal AcceptOnce::look(const Uplink& uplink) {
    next();
    const Refusal refusal = check(uplink.counted());
    return refusal == Refusal::none ? opener_->open(uplink) : refusal;
}

Refusal AcceptOnce::accept_old_will(const Uplink& uplink) {
    next();
    const Refusal refusal = opener_->reopen(uplink);
    current_.accepted = refusal == Refusal::none;
    return refusal;
}

bool AcceptOnce::goes_on(const std::uint8_t* payload, bool held) {
    if (!current_.accepted) {
        return false;
    }
    if (current_.payload == nullptr && held) {
        current_.payload = payload;
    }
    return current_.payload == payload;
}

Refusal AcceptOnce::fan_out(const Uplink& uplink) {
    next();
    if (const Refusal refusal = check(uplink.counted()); refusal != Refusal::none) {
        return refusal;
    }
    if (const Refusal refusal = opener_->reopen(uplink); refusal != Refusal::none) {
        return refusal;
    }
    const Refusal refusal = mark(uplink.counted());
    if (refusal == Refusal::none) {
        current_ = {.accepted = true, .payload = uplink.message.data()};
    }
    return refusal;
}

Refusal AcceptOnce::fan_out_own(const Uplink& uplink) {
    const Refusal refusal = opener_->reopen(uplink);
    current_ = {.accepted = refusal == Refusal::none, .payload = uplink.message.data()};
    return refusal;
}

bool AcceptOnce::may_wait(const Uplink& uplink) {
    if (waits(uplink.counted())) {
        return true;
    }
    if (check(uplink.counted()) != Refusal::none || opener_->reopen(uplink) != Refusal::none) {
        return false;
    }
    let_in(uplink.counted());
    return true;
}

void AcceptOnce::let_in(const reseal_envelope& envelope) {
    undelivered_.add(envelope);
    replay_->let_in(envelope);
}

// What an earlier process let in is looked up on demand.
bool AcceptOnce::waits(const reseal_envelope& envelope) {
    if (undelivered_.contains(envelope)) {
        return true;
    }
    if (!replay_->waits(envelope) || replay_->marked(envelope)) {
        return false;
    }
    undelivered_.add(envelope);
    return true;
}

Refusal AcceptOnce::check(const reseal_envelope& envelope) {
    if (undelivered_.contains(envelope)) {
        return Refusal::none;
    }
    const Refusal refusal = refusal_of(replay_->check(envelope));
    const bool passed = refusal == Refusal::replay || refusal == Refusal::stale_epoch;
    return passed && waits(envelope) ? Refusal::none : refusal;
}

// A message older than the window needs no mark: once it no longer waits, the window refuses it.
Refusal AcceptOnce::mark(const reseal_envelope& envelope) {
    const bool waited = undelivered_.contains(envelope);
    if (!waited || replay_->check(envelope) == RESEAL_OK) {
        if (const reseal_status status = replay_->mark(envelope); status != RESEAL_OK) {
            opener_->forget_plaintext();
            return refusal_of(status);
        }
    }
    if (waited) {
        undelivered_.remove(envelope);
        replay_->delivered(envelope);
    }
    return Refusal::none;
}

}  // namespace reseal::gateway
