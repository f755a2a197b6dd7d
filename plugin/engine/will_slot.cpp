// SPDX-License-Identifier: Apache-2.0
#include "engine/will_slot.h"

#include <algorithm>

namespace reseal::engine {

void WillSlot::proven(const reseal_envelope& proof, const std::optional<state::Accepted>& before) {
    begin(proof, before);
    proof_ = proof.counter;
}

void WillSlot::accepted(const reseal_envelope& envelope, const std::optional<state::Accepted>& before) {
    if (begun_) {
        if (admits(envelope)) {
            close();  // it came as an ordinary message, by another connection of the principal
        }
        return;
    }
    begun_ = true;
    const bool goes_on = proof_ && std::ranges::equal(envelope.key_id, key_id_) &&
                         reseal_epoch_equal(&envelope.epoch, &epoch_) && envelope.counter > *proof_;
    if (goes_on) {
        until_ = envelope.counter;
    } else {
        proof_.reset();
        begin(envelope, before);
    }
    open_ = from_ + (proof_ ? 1U : 0U) < until_;
}

void WillSlot::begin(const reseal_envelope& first, const std::optional<state::Accepted>& before) {
    std::ranges::copy(first.key_id, key_id_.begin());
    epoch_ = first.epoch;
    until_ = first.counter;
    from_ = before && reseal_epoch_equal(&before->epoch, &epoch_) ? before->counter + 1 : 0;
}

bool WillSlot::admits(const reseal_envelope& envelope) const {
    return open_ && std::ranges::equal(envelope.key_id, key_id_) && reseal_epoch_equal(&envelope.epoch, &epoch_) &&
           envelope.counter >= from_ && envelope.counter < until_ && envelope.counter != proof_ &&
           std::ranges::find(spent_, envelope.counter) == spent_.end();
}

void WillSlot::spent(const reseal_envelope& envelope) {
    if (admits(envelope)) {
        spent_.push_back(envelope.counter);
    }
}

}  // namespace reseal::engine
