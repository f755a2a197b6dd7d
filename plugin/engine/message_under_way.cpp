// SPDX-License-Identifier: Apache-2.0
#include "engine/message_under_way.h"

#include <string>
#include <utility>

namespace reseal::engine {

Refusal MessageUnderWay::open(const ParsedMessage& uplink) {
    leave();
    const observe::Stopwatch watch(*metrics_, observe::Step::open);
    return opener_.open(uplink);
}

Refusal MessageUnderWay::reopen(const ParsedMessage& uplink) {
    if (opener_.holds(uplink.topic, uplink.message)) {
        return Refusal::none;
    }
    leave();
    return opener_.reopen(uplink);
}

void MessageUnderWay::begin_fan_out() {
    ++number_;
    fanned_out_ = true;
}

void MessageUnderWay::forget() {
    leave();
    opener_.forget_plaintext();
}

void MessageUnderWay::leave() {
    (void)complete();
    ++number_;
    fanned_out_ = false;
}

Refusal MessageUnderWay::seal(const std::shared_ptr<Sender>& sender, std::string_view topic, Payload plaintext,
                              Sealing when, Bytes& out) {
    const std::size_t capacity = plaintext.size() + RESEAL_OVERHEAD_MAX;
    out = Bytes(site_->memory, capacity);
    if (!out) {
        return Refusal::internal;
    }
    reseal_status status{};
    if (when == Sealing::together) {
        status = sealer_.seal_together(sender, topic, plaintext, capacity, out);
    } else {
        const observe::Stopwatch watch(*metrics_, observe::Step::seal);
        status = sealer_.seal(*sender, topic, plaintext, capacity, out);
    }
    if (status != RESEAL_OK) {
        out.reset();
    }
    return refusal_of(status);
}

bool MessageUnderWay::complete_all() {
    if (sealer_.waiting()) {
        const observe::Stopwatch watch(*metrics_, observe::Step::seal);
        sealer_.complete();
    }
    const std::size_t lost = sealer_.lost() - std::exchange(lost_told_, sealer_.lost());
    if (lost > 0) {
        site_->log.note(observe::Level::error,
                        std::to_string(lost) + " deliveries were lost: sealing them failed (out of memory?)");
    }
    return lost == 0;
}

}  // namespace reseal::engine
