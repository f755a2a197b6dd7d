// SPDX-License-Identifier: Apache-2.0
#include "bench/session.h"

#include <mosquitto.h>

#include <cstdio>

#include "bench/failure.h"

namespace bench {
namespace {

constexpr std::uint16_t most_unacknowledged = 65535;

std::string hexadecimal(int number) {
    char text[16];
    (void)std::snprintf(text, sizeof text, "0x%02x", static_cast<unsigned>(number));
    return text;
}

}  // namespace

Session::Session(Link link, const mqtt::Connect& connect)
    : link_(std::move(link)), name_(connect.client_id), version_(connect.version) {
    outgoing() = encode(connect);
}

void Session::serve() {
    try {
        read_all();
        link_.flush();
    } catch (const Failure& failure) {
        throw Failure(name_ + " on " + link_.peer() + ": " + failure.what());
    }
}

void Session::flush() {
    try {
        link_.flush();
    } catch (const Failure& failure) {
        throw Failure(name_ + " on " + link_.peer() + ": " + failure.what());
    }
}

void Session::read_all() {
    while (link_.receive()) {
        const auto now = Clock::now();
        std::size_t at = 0;
        while (const auto frame = mqtt::next_frame(link_.received(), at)) {
            if (connected_) {
                take(*frame, now);
            } else {
                take_connack(*frame);
            }
        }
        link_.consume(at);
    }
}

void Session::take_connack(const mqtt::Frame& frame) {
    const mqtt::Bytes body(frame.body.begin(), frame.body.end());
    mqtt::Reader in(body);
    in.byte();  // session present
    const int reason = in.byte();
    if (version_ == mqtt::v311 && reason != 0) {
        throw Failure(std::string("the broker refused the client: ") + mosquitto_connack_string(reason));
    }
    check(reason, "the client");
    std::uint16_t most = most_unacknowledged;
    if (version_ == mqtt::v5) {
        const mqtt::Properties properties = in.properties();
        if (const mqtt::Property* granted = find(properties, mqtt::Id::receive_maximum)) {
            most = static_cast<std::uint16_t>(granted->number);
        }
    }
    connected_ = true;
    connected(most);
}

void Session::acknowledge(mqtt::Type type, std::uint16_t id) {
    const unsigned flags = type == mqtt::Type::pubrel ? 2 : 0;
    const auto first = static_cast<std::uint8_t>(static_cast<unsigned>(type) << 4U | flags);
    const std::uint8_t packet[] = {first, 2, static_cast<std::uint8_t>(id >> 8U), static_cast<std::uint8_t>(id & 255U)};
    outgoing().insert(outgoing().end(), std::begin(packet), std::end(packet));
}

void Session::check(int reason, const std::string& what) const {
    if (reason >= 0x80) {
        throw Failure("the broker refused " + what + ": " + mosquitto_reason_string(reason) + " (" +
                      hexadecimal(reason) + "); its log may say more");
    }
}

std::uint16_t packet_id(const mqtt::Frame& frame) {
    if (frame.body.size() < 2) {
        throw Failure("the broker sent a packet that is too short");
    }
    return static_cast<std::uint16_t>(frame.body[0] << 8U | frame.body[1]);
}

}  // namespace bench
