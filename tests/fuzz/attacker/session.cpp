// SPDX-License-Identifier: Apache-2.0
#include "fuzz/attacker/session.h"

#include "fuzz/attacker/mutation.h"

namespace attacker {

namespace {

using mqtt::Bytes;
using mqtt::Type;
using std::chrono::milliseconds;

constexpr milliseconds answer_limit{200};

}  // namespace

std::unique_ptr<mqtt::Stream> Session::reach(Door door) {
    if (door == Door::tls) {
        return std::make_unique<mqtt::Stream>(world_->port(door), world_->tls(account_->id));
    }
    return std::make_unique<mqtt::Stream>(world_->port(door),
                                          door == Door::web_socket ? mqtt::Transport::websocket : mqtt::Transport::tcp);
}

void Session::send(const Bytes& packet) {
    trace_->add(account_->id, packet);
    ++counts_->at(packet.empty() ? 0 : packet.front() >> 4U);
    if (packet.size() > 1 && dice_->one_in(20)) {  // in two parts
        const auto cut = packet.begin() + static_cast<std::ptrdiff_t>(1 + dice_->below(packet.size() - 1));
        stream_->write({packet.begin(), cut});
        stream_->write({cut, packet.end()});
        return;
    }
    stream_->write(packet);
}

void Session::connect() {
    static constexpr std::array<Door, 5> doors{Door::tls, Door::loopback, Door::loopback, Door::sealed, Door::sealed};
    account_ = dice_->pick(world_->accounts).get();
    const Door door = world_->settings().web_sockets && dice_->one_in(20) ? Door::web_socket : dice_->pick(doors);
    version_ = dice_->one_in(2) ? mqtt::v5 : mqtt::v311;
    stream_ = reach(door);
    unread_.clear();
    aliases_.clear();
    let_in_ = false;
    if (dice_->one_in(12)) {
        return connect_oddly();
    }
    receiver_ = std::make_unique<harness::Application>(account_->credentials);
    const mqtt::Connect packet = forge_.connect(*account_, door, version_);
    trace_->note(account_->id + " connects as " + packet.client_id.substr(0, 40));
    send(mqtt::encode(packet));
    receive(answer_limit);
}

void Session::connect_oddly() {
    const Bytes right = mqtt::encode(forge_.connect(*account_, Door::loopback, version_));
    send(mutated(*dice_, right, dice_->bytes(10)));
    if (dice_->one_in(2)) {
        send(mqtt::encode(forge_.publish(*account_, version_), version_));
        send(forge_.subscribe(*account_, version_));
    }
    stream_.reset();
}

void Session::step() {
    if (!stream_ || !stream_->open()) {
        return connect();
    }
    receive(milliseconds(0));
    if (!stream_->open()) {
        return;
    }
    if (dice_->one_in(100)) {
        trace_->note(account_->id + " cut");
        return stream_.reset();
    }
    const Bytes packet = something();
    send(dice_->one_in(60) ? mutated(*dice_, packet, dice_->bytes(10)) : packet);
    if (dice_->one_in(4)) {
        receive(milliseconds(1));
    }
}

// Mostly things that the connection survives.
mqtt::Bytes Session::something() {
    const auto kind = dice_->below(200);
    if (kind < 100) {
        return mqtt::encode(forge_.publish(*account_, version_), version_);
    }
    if (kind < 125) {
        return forge_.acknowledgement(version_);
    }
    if (kind < 155) {
        return forge_.subscribe(*account_, version_);
    }
    if (kind < 170) {
        return forge_.unsubscribe(*account_, version_);
    }
    if (kind < 190) {
        return mqtt::Writer().packet(Type::pingreq);
    }
    if (kind < 193) {
        return forge_.authenticate(*account_);
    }
    if (kind < 196) {
        return forge_.disconnect(version_);
    }
    if (kind < 198) {
        return mqtt::encode(forge_.connect(*account_, Door::loopback, version_));  // a second one
    }
    return dice_->bytes(dice_->below(40));
}

void Session::receive(milliseconds limit) {
    if (!stream_->read(unread_, limit)) {
        return;
    }
    std::size_t at = 0;
    while (const auto packet = mqtt::next_packet(unread_, at)) {
        take(*packet);
    }
    unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(at));
}

void Session::answer(Type type, std::uint16_t id) {
    if (!dice_->one_in(8)) {
        send(mqtt::Writer().number(id).packet(type, type == Type::pubrel ? 2 : 0));
    }
}

void Session::take(const mqtt::Packet& packet) {
    mqtt::Reader in(packet.body);
    switch (packet.type) {
        case Type::connack:
            (void)in.byte();
            let_in_ = in.byte() == 0;
            return;
        case Type::publish:
            return take_publish(packet);
        case Type::pubrec:
            return answer(Type::pubrel, in.number());
        case Type::pubrel:
            return answer(Type::pubcomp, in.number());
        default:
            return;
    }
}

void Session::take_publish(const mqtt::Packet& packet) {
    mqtt::Publish message = mqtt::decode_publish(packet, version_);
    if (const mqtt::Property* alias = mqtt::find(message.properties, mqtt::Id::topic_alias)) {
        std::string& topic = aliases_[alias->number];
        topic = message.topic.empty() ? topic : message.topic;
        message.topic = topic;
    }
    check(message);
    if (message.qos > 0) {
        answer(message.qos == 1 ? Type::puback : Type::pubrec, message.id);
    }
}

// Whatever it did, it receives only what it may read, sealed for it.
void Session::check(const mqtt::Publish& message) {
    if (!world_->settings().checks) {
        return;
    }
    if (!let_in_) {
        throw Finding(account_->id + " is handed a message without being let in: " + message.topic);
    }
    if (!World::may_read(account_->id, message.topic)) {
        throw Finding(account_->id + " is handed what it may not read: " + message.topic);
    }
    if (account_->id == carrier_id) {
        if (message.payload.find(Ledger::marker) != std::string::npos) {
            throw Finding("the carrier is handed a text in clear: " + message.topic);
        }
        return;  // as it is stored
    }
    if (message.payload.empty() || World::may_be_clear(message.topic) || World::may_read_clear(account_->id)) {
        return;
    }
    const std::string text = receiver_->open(message.topic, harness::bytes(message.payload));
    if (text == "!" + std::to_string(RESEAL_STALE_EPOCH) || text == "!" + std::to_string(RESEAL_REPLAY)) {
        return;  // it was queued before, or is sent again
    }
    if (text.starts_with("!")) {
        trace_->add("received", harness::bytes(message.payload));
        throw Finding(account_->id + " is handed what is not sealed for it: " + message.topic + " " + text);
    }
    if (!text.empty() && !message.topic.starts_with("$reseal/")) {
        world_->ledger.check_sent(message.topic, text);
    }
    world_->capture(message.topic, harness::bytes(message.payload));
}

}  // namespace attacker
