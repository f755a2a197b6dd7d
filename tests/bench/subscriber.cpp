// SPDX-License-Identifier: Apache-2.0
#include "bench/subscriber.h"

#include <utility>

#include "bench/failure.h"

namespace bench {
namespace {

std::size_t number_at(std::span<const std::uint8_t> bytes) {
    return static_cast<std::size_t>(bytes[0] << 8U | bytes[1]);
}

// Takes `size` bytes off the front of `bytes`.
std::span<const std::uint8_t> take_front(std::span<const std::uint8_t>& bytes, std::size_t size) {
    if (bytes.size() < size) {
        throw Failure("the broker sent a PUBLISH that ends too early");
    }
    const auto out = bytes.first(size);
    bytes = bytes.subspan(size);
    return out;
}

std::size_t take_varint(std::span<const std::uint8_t>& bytes) {
    std::size_t out = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
        const std::uint8_t part = take_front(bytes, 1)[0];
        out |= static_cast<std::size_t>(part & 127U) << shift;
        if (part < 128) {
            break;
        }
    }
    return out;
}

}  // namespace

PublishView view_of(const mqtt::Frame& frame, int version) {
    PublishView out;
    auto rest = frame.body;
    const auto topic = take_front(rest, number_at(take_front(rest, 2)));
    out.topic = {reinterpret_cast<const char*>(topic.data()), topic.size()};
    if ((frame.flags & 6U) != 0) {
        out.id = static_cast<std::uint16_t>(number_at(take_front(rest, 2)));
    }
    if (version == mqtt::v5) {
        take_front(rest, take_varint(rest));
    }
    out.payload = rest;
    return out;
}

Subscriber::Subscriber(Link link, const mqtt::Connect& connect, std::string filter, int qos, std::size_t number,
                       TakeDelivery take)
    : Session(std::move(link), connect),
      filter_(std::move(filter)),
      qos_(qos),
      number_(number),
      take_(std::move(take)) {}

void Subscriber::connected(std::uint16_t) {
    mqtt::Writer body;
    body.number(1);
    if (version() == mqtt::v5) {
        body.properties({});
    }
    const mqtt::Bytes packet =
        body.text(filter_).byte(static_cast<std::uint8_t>(qos_)).packet(mqtt::Type::subscribe, 2);
    outgoing().insert(outgoing().end(), packet.begin(), packet.end());
}

void Subscriber::take(const mqtt::Frame& frame, Clock::time_point when) {
    switch (frame.type) {
        case mqtt::Type::suback:
            return take_suback(frame);
        case mqtt::Type::publish:
            return take_publish(frame, when);
        case mqtt::Type::pubrel:
            return acknowledge(mqtt::Type::pubcomp, packet_id(frame));
        case mqtt::Type::disconnect:
            return check(frame.body.empty() ? 0 : frame.body[0], "to go on");
        default:
            return;
    }
}

void Subscriber::take_suback(const mqtt::Frame& frame) {
    const int granted = frame.body.back();
    check(granted, "the subscription to " + filter_);
    if (granted < qos_) {
        throw Failure("the broker grants " + filter_ + " with QoS " + std::to_string(granted) + ", not " +
                      std::to_string(qos_) + ": its max_qos or its rights limit it");
    }
    set_ready();
}

void Subscriber::take_publish(const mqtt::Frame& frame, Clock::time_point when) {
    const PublishView message = view_of(frame, version());
    take_({number_, message.topic, message.payload, when});
    if (message.id != 0) {
        acknowledge((frame.flags & 4U) != 0 ? mqtt::Type::pubrec : mqtt::Type::puback, message.id);
    }
}

}  // namespace bench
