// SPDX-License-Identifier: Apache-2.0
#include "engine/accept_once.h"

namespace reseal::engine {

Refusal AcceptOnce::accept(const reseal_envelope& envelope, When when) {
    // After a backup is restored, the first message only shows its epoch and is refused. Better before it is
    // acknowledged.
    if (when == When::now || replay_->distrusts(key_id_of(envelope))) {
        return mark(envelope);
    }
    const Refusal refusal = check(envelope);
    if (refusal == Refusal::none) {
        undelivered_.add(envelope);
        replay_->let_in(envelope);
    }
    return refusal;
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
    const Refusal in_window = refusal_of(replay_->check(envelope));
    if (in_window == Refusal::none) {
        if (const reseal_status status = replay_->mark(envelope); status != RESEAL_OK) {
            return refusal_of(status);
        }
    } else if (!waited) {
        return in_window;  // another thread has accepted it meanwhile
    }
    if (waited) {
        undelivered_.remove(envelope);
        replay_->delivered(envelope);
    }
    return Refusal::none;
}

}  // namespace reseal::engine
