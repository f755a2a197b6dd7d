#include "gateway/will_slot.h"

#include <algorithm>

namespace reseal::gateway {

void WillSlot::accepted(const reseal_envelope& envelope, const std::optional<state::Accepted>& before) {
    if (!begun_) {
        begun_ = true;
        std::ranges::copy(envelope.key_id, key_id_.begin());
        epoch_ = envelope.epoch;
        until_ = envelope.counter;
        from_ = before && reseal_epoch_equal(&before->epoch, &epoch_) ? before->counter + 1 : 0;
        open_ = from_ < until_;
        return;
    }
    if (admits(envelope)) {
        close();  // it came as an ordinary message, by another connection of the principal
    }
}

bool WillSlot::admits(const reseal_envelope& envelope) const {
    return open_ && std::ranges::equal(envelope.key_id, key_id_) && reseal_epoch_equal(&envelope.epoch, &epoch_) &&
           envelope.counter >= from_ && envelope.counter < until_;
}

}  // namespace reseal::gateway
