// SPDX-License-Identifier: Apache-2.0
#include "load/faults/subscriber.h"

#include <sstream>
#include <stdexcept>

#include "harness/wait.h"

namespace faults {

Subscriber::Subscriber(Side& side, Tally& tally, std::size_t number, const Manner& manner)
    : side_(&side),
      tally_(&tally),
      number_(number),
      name_(subscriber_id(number)),
      manner_(manner),
      receiver_(side.receiver(name_)) {
    connect();
}

void Subscriber::connect() {
    client_ = std::make_unique<mqtt::Client>(side_->port(), manner_.version);
    client_->on_message([this](const mqtt::Publish& message) { take(message); });
    client_->on_release([this](std::uint16_t id) { unreleased_.erase(id); });
    const mqtt::ConnAck answer = client_->connect(side_->sign_in(name_, manner_));
    if (answer.reason != 0) {
        throw std::runtime_error(name_ + " was refused with reason " + std::to_string(answer.reason) + ":\n" +
                                 side_->last_words());
    }
    if (answer.session_present) {
        return;
    }
    unreleased_.clear();
    if (client_->subscribe({.filter = "ward/#", .qos = manner_.qos}) != manner_.qos) {
        throw std::runtime_error(name_ + " may not subscribe: " + side_->last_words());
    }
}

void Subscriber::take(const mqtt::Publish& message) {
    ++received_;
    if (message.qos == 2 && !unreleased_.insert(message.id).second) {
        return;
    }
    const std::string text =
        receiver_ ? receiver_->open(message.topic, harness::bytes(message.payload)) : message.payload;
    if (text.starts_with("!")) {
        ++unopened_;
    } else {
        hand_over(text);
    }
}

void Subscriber::hand_over(const std::string& text) {
    std::istringstream in(text);
    std::size_t publisher = 0;
    std::size_t serial = 0;
    if (!(in >> publisher >> serial)) {
        throw std::runtime_error(name_ + " was handed what nobody sent: " + text);
    }
    tally_->deliver(number_, publisher, serial);
}

void Subscriber::read_to_end() {
    while (connected()) {
        client_->poll(harness::patience);
    }
}

}  // namespace faults
