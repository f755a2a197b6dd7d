// SPDX-License-Identifier: Apache-2.0
#include "mqtt/client.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace mqtt {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds patience{20000};

std::chrono::milliseconds left(Clock::time_point end) {
    return std::max(std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()),
                    std::chrono::milliseconds(0));
}

std::uint8_t options_of(const Subscription& subscription) {
    return static_cast<std::uint8_t>(subscription.qos | (subscription.no_local ? 4 : 0) |
                                     (subscription.retain_as_published ? 8 : 0) | subscription.retain_handling << 4);
}

}  // namespace

ConnAck Client::connect(const Connect& connect) {
    write(encode(connect));
    const Packet answer = wait_for_packet(Type::connack);
    Reader in(answer.body);
    ConnAck out;
    out.session_present = in.byte() != 0;
    out.reason = in.byte();
    if (version_ == v5) {
        out.properties = in.properties();
    }
    return out;
}

int Client::subscribe(const Subscription& subscription) {
    Writer out;
    out.number(next_id());
    if (version_ == v5) {
        out.properties(subscription.id != 0 ? Properties{{.id = Id::subscription_id, .number = subscription.id}}
                                            : Properties{});
    }
    out.text(subscription.filter).byte(options_of(subscription));
    write(out.packet(Type::subscribe, 2));
    return wait_for_packet(Type::suback).body.back();
}

int Client::unsubscribe(const std::string& filter) {
    Writer out;
    out.number(next_id());
    if (version_ == v5) {
        out.properties({});
    }
    write(out.text(filter).packet(Type::unsubscribe, 2));
    const Packet answer = wait_for_packet(Type::unsuback);
    return version_ == v5 ? answer.body.back() : 0;
}

int Client::publish(Publish message) {
    const int qos = message.qos;
    const std::uint16_t id = send(std::move(message));
    if (qos == 0) {
        return ping() ? 0 : -1;
    }
    if (qos == 1) {
        return wait_for(Type::puback, id);
    }
    const int received = wait_for(Type::pubrec, id);
    if (received < 0 || received >= 0x80) {
        return received;
    }
    send(Type::pubrel, id);
    const int completed = wait_for(Type::pubcomp, id);
    return completed == 0 ? received : completed;
}

std::uint16_t Client::send(Publish message) {
    if (message.qos > 0 && message.id == 0) {
        message.id = next_id();
    }
    write(encode(message, version_));
    return message.id;
}

void Client::send(Type acknowledgement, std::uint16_t id) {
    write(Writer().number(id).packet(acknowledgement, acknowledgement == Type::pubrel ? 2 : 0));
}

int Client::wait_for(Type acknowledgement, std::uint16_t id) {
    const auto end = Clock::now() + patience;
    while (true) {
        const auto known = acknowledged_.find({acknowledgement, id});
        if (known != acknowledged_.end()) {
            const int reason = known->second;
            acknowledged_.erase(known);
            return reason;
        }
        if (!read(left(end)) && (!connected() || left(end).count() == 0)) {
            return -1;
        }
    }
}

int Client::authenticate(int reason, const Properties& properties) {
    const Bytes whole = Writer().byte(static_cast<std::uint8_t>(reason)).properties(properties).packet(Type::auth);
    std::size_t at = 0;
    return authenticate(next_packet(whole, at)->body);
}

int Client::authenticate(const Bytes& body) {
    write(Writer().raw({reinterpret_cast<const char*>(body.data()), body.size()}).packet(Type::auth));
    const auto end = Clock::now() + patience;
    while (true) {
        const auto answer = std::ranges::find(answers_, Type::auth, &Packet::type);
        if (answer != answers_.end()) {
            const int reason = answer->body.empty() ? 0 : answer->body.front();
            answers_.erase(answer);
            return reason;
        }
        if (!read(left(end)) && (!connected() || left(end).count() == 0)) {
            return -1;
        }
    }
}

bool Client::ping() {
    write(Writer().packet(Type::pingreq));
    const auto end = Clock::now() + patience;
    while (true) {
        const auto answer = std::ranges::find(answers_, Type::pingresp, &Packet::type);
        if (answer != answers_.end()) {
            answers_.erase(answer);
            return true;
        }
        if (!read(left(end)) && (!connected() || left(end).count() == 0)) {
            return false;
        }
    }
}

bool Client::poll(std::chrono::milliseconds limit) {
    return read(limit);
}

std::vector<Publish> Client::take() {
    return std::exchange(received_, {});
}

void Client::disconnect(int reason, const Properties& properties) {
    Writer out;
    if (version_ == v5 && (reason != 0 || !properties.empty())) {
        out.byte(static_cast<std::uint8_t>(reason)).properties(properties);
    }
    write(out.packet(Type::disconnect));
    const auto end = Clock::now() + patience;
    while (connected() && left(end).count() > 0) {
        read(left(end));
    }
    stream_.close();
}

bool Client::read(std::chrono::milliseconds limit) {
    if (!stream_.read(unread_, limit)) {
        return false;
    }
    std::size_t at = 0;
    while (const auto packet = next_packet(unread_, at)) {
        take(*packet);
    }
    unread_.erase(unread_.begin(), unread_.begin() + static_cast<std::ptrdiff_t>(at));
    return true;
}

void Client::take(const Packet& packet) {
    switch (packet.type) {
        case Type::publish:
            return take_publish(packet);
        case Type::puback:
        case Type::pubrec:
        case Type::pubrel:
        case Type::pubcomp:
            return take_acknowledgement(packet);
        case Type::disconnect:
            disconnect_reason_ = packet.body.empty() ? 0 : packet.body.front();
            return;
        default:
            answers_.push_back(packet);
            return;
    }
}

void Client::take_publish(const Packet& packet) {
    Publish message = decode_publish(packet, version_);
    if (const Property* alias = find(message.properties, Id::topic_alias)) {
        std::string& topic = aliases_[alias->number];
        if (message.topic.empty()) {
            message.topic = topic;
        } else {
            topic = message.topic;
        }
    }
    if (acknowledging_ && message.qos > 0) {
        send(message.qos == 1 ? Type::puback : Type::pubrec, message.id);
    }
    if (handler_) {
        handler_(message);
    } else {
        received_.push_back(std::move(message));
    }
}

void Client::take_acknowledgement(const Packet& packet) {
    Reader in(packet.body);
    const std::uint16_t id = in.number();
    if (packet.type == Type::pubrel && release_handler_) {
        release_handler_(id);
    }
    if (packet.type == Type::pubrel && acknowledging_) {
        return send(Type::pubcomp, id);
    }
    const int reason = in.at_end() ? 0 : in.byte();
    if (packet.type != Type::pubrel && acknowledgement_handler_) {
        return acknowledgement_handler_(packet.type, id, reason);
    }
    acknowledged_[{packet.type, id}] = reason;
}

Packet Client::wait_for_packet(Type type) {
    const auto end = Clock::now() + patience;
    while (true) {
        const auto answer = std::ranges::find(answers_, type, &Packet::type);
        if (answer != answers_.end()) {
            Packet out = std::move(*answer);
            answers_.erase(answer);
            return out;
        }
        if (!read(left(end)) && (!connected() || left(end).count() == 0)) {
            throw std::runtime_error("the broker did not answer with packet type " +
                                     std::to_string(static_cast<int>(type)));
        }
    }
}

std::uint16_t Client::next_id() {
    last_id_ = last_id_ == 65535 ? 1 : static_cast<std::uint16_t>(last_id_ + 1);
    return last_id_;
}

}  // namespace mqtt
