// SPDX-License-Identifier: Apache-2.0
#include "load/faults/publisher.h"

#include <algorithm>
#include <stdexcept>

#include "harness/wait.h"

namespace faults {

namespace {

constexpr int refused_from = 0x80;
constexpr int id_not_found = 0x92;  // PUBCOMP's: the broker no longer knows the message

}  // namespace

Publisher::Publisher(Side& side, Tally& tally, std::size_t number, const Manner& manner)
    : side_(&side), tally_(&tally), number_(number), name_(publisher_id(number)), manner_(manner) {
    connect();
}

void Publisher::connect() {
    client_ = std::make_unique<mqtt::Client>(side_->port(), manner_.version);
    client_->on_acknowledgement([this](mqtt::Type type, std::uint16_t id, int reason) { take(type, id, reason); });
    stop_ = Packet::last;
    silent_ = false;
    const mqtt::ConnAck answer = client_->connect(side_->sign_in(name_, manner_));
    if (answer.reason != 0) {
        throw std::runtime_error(name_ + " was refused with reason " + std::to_string(answer.reason) + ":\n" +
                                 side_->last_words());
    }
    if (answer.session_present) {
        go_on();
    } else {
        publish_again();
    }
}

void Publisher::go_on() {
    for (Flow& flow : flows_) {
        if (flow.state == State::published) {
            (void)client_->send(packet_of(flow, true));
        } else {
            release(flow);
        }
    }
}

void Publisher::publish_again() {
    for (Flow& flow : flows_) {
        flow.id = next_id();
        flow.state = State::published;
        (void)client_->send(packet_of(flow, false));
    }
}

mqtt::Publish Publisher::packet_of(const Flow& flow, bool dup) const {
    return {.topic = topic_of(number_), .payload = flow.payload, .qos = manner_.qos, .dup = dup, .id = flow.id};
}

Publisher::Flow& Publisher::begin() {
    const std::string text = std::to_string(number_) + " " + std::to_string(next_serial_);
    tally_->begin(number_);
    return flows_.emplace_back(
        Flow{.id = next_id(), .serial = next_serial_++, .payload = side_->seal(name_, topic_of(number_), text)});
}

void Publisher::fill(std::size_t window) {
    while (connected() && flows_.size() < window) {
        (void)client_->send(packet_of(begin(), false));
    }
}

void Publisher::stop_at(Packet packet, std::size_t count) {
    stop_ = packet;
    if (packet == Packet::half_of_publish) {
        mqtt::Bytes bytes = encode(packet_of(begin(), false), manner_.version);
        bytes.resize(bytes.size() / 2);
        return client_->send_part(bytes);
    }
    fill(count);
    for (int answers = 0; answers < 3; ++answers) {  // PUBREC leads to PUBREL, and that to PUBCOMP
        if (!client_->ping()) {
            throw std::runtime_error(name_ + " lost its connection: " + side_->last_words());
        }
    }
}

void Publisher::release(Flow& flow) {
    flow.state = State::released;
    client_->send(mqtt::Type::pubrel, flow.id);
}

void Publisher::take(mqtt::Type type, std::uint16_t id, int reason) {
    Flow* const flow = find(id);
    if (flow == nullptr || stop_ == Packet::publish) {
        return;
    }
    if (type != mqtt::Type::pubrec) {
        if (type == mqtt::Type::puback || stop_ != Packet::pubrel) {
            end(id, reason < refused_from || reason == id_not_found);
        }
    } else if (reason >= refused_from) {
        end(id, false);
    } else {
        flow->state = State::received;
        if (!silent_ && stop_ != Packet::pubrec) {
            release(*flow);
        }
    }
}

void Publisher::end(std::uint16_t id, bool accepted) {
    const auto flow = std::ranges::find(flows_, id, &Flow::id);
    if (accepted) {
        tally_->accept(number_, flow->serial);
    } else {
        tally_->refuse(number_, flow->serial);
    }
    flows_.erase(flow);
}

void Publisher::read_to_end() {
    while (connected()) {
        client_->poll(harness::patience);
    }
}

void Publisher::crash() {
    client_->crash();
    ++crashes_;
    if (!harness::eventually([this] { return side_->departures(name_) >= crashes_; })) {
        throw std::runtime_error("the broker did not see " + name_ + " go: " + side_->last_words());
    }
}

Publisher::Flow* Publisher::find(std::uint16_t id) {
    const auto out = std::ranges::find(flows_, id, &Flow::id);
    return out == flows_.end() ? nullptr : &*out;
}

std::uint16_t Publisher::next_id() {
    last_id_ = last_id_ == 65535 ? 1 : static_cast<std::uint16_t>(last_id_ + 1);
    return last_id_;
}

}  // namespace faults
