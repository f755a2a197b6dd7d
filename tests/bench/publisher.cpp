// SPDX-License-Identifier: Apache-2.0
#include "bench/publisher.h"

namespace bench {

namespace {

constexpr std::size_t most_unsent = 256 * 1024;

}  // namespace

bool Publisher::may_send() const {
    return unacknowledged_ < most_unacknowledged_ && unsent() < most_unsent;
}

void Publisher::send(const Supply& supply, std::uint64_t number, int qos) {
    supply.append(number, outgoing());
    unacknowledged_ += qos > 0 ? 1 : 0;
}

void Publisher::connected(std::uint16_t receive_maximum) {
    most_unacknowledged_ = receive_maximum;
    set_ready();
}

void Publisher::take(const mqtt::Frame& frame, Clock::time_point) {
    const int reason = frame.body.size() > 2 ? frame.body[2] : 0;
    switch (frame.type) {
        case mqtt::Type::puback:
        case mqtt::Type::pubcomp:
            check(reason, "a message");
            --unacknowledged_;
            return;
        case mqtt::Type::pubrec:
            check(reason, "a message");
            return acknowledge(mqtt::Type::pubrel, packet_id(frame));
        case mqtt::Type::disconnect:
            return check(frame.body.empty() ? 0 : frame.body[0], "to go on");
        default:
            return;
    }
}

}  // namespace bench
