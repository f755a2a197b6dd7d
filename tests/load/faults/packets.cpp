// SPDX-License-Identifier: Apache-2.0
#include "load/faults/packets.h"

namespace faults {

namespace {

constexpr std::size_t in_flight = 8;  // messages of each publisher

std::vector<Case> all_cases() {
    std::vector<Case> out;
    for (const bool lasting : {false, true}) {
        for (const Packet packet : {Packet::half_of_publish, Packet::publish, Packet::last}) {
            out.push_back({.qos = 1, .lasting = lasting, .packet = packet});
        }
        for (const Packet packet :
             {Packet::half_of_publish, Packet::publish, Packet::pubrec, Packet::pubrel, Packet::last}) {
            out.push_back({.qos = 2, .lasting = lasting, .packet = packet});
        }
    }
    return out;
}

// Two publishers of each case, one of each version of MQTT.
std::vector<Manner> publishers_of(const std::vector<Case>& cases) {
    std::vector<Manner> out;
    for (const Case& each : cases) {
        out.push_back({.version = mqtt::v311, .qos = each.qos, .lasting = each.lasting});
        out.push_back({.version = mqtt::v5, .qos = each.qos, .lasting = each.lasting});
    }
    return out;
}

const std::vector<Manner> subscribers = {{.version = mqtt::v311, .qos = 1, .lasting = false},
                                         {.version = mqtt::v5, .qos = 1, .lasting = true},
                                         {.version = mqtt::v311, .qos = 2, .lasting = true},
                                         {.version = mqtt::v5, .qos = 2, .lasting = false}};

// The figures of each case.
std::vector<Figures> play(Hospital& hospital, const Terms& terms, Fault fault, const std::vector<Case>& cases) {
    Trial trial(hospital, terms, publishers_of(cases), subscribers);
    for (std::size_t i = 0; i < trial.publishers().size(); ++i) {
        trial.publishers()[i]->stop_at(cases[i / 2].packet, in_flight);
    }
    trial.settle();
    if (fault == Fault::cut) {
        for (const auto& publisher : trial.publishers()) {
            publisher->crash();
        }
    } else {
        trial.end(fault == Fault::sigterm ? End::sigterm : End::sigkill);
        trial.start();
    }
    trial.reconnect();
    trial.finish();
    std::vector<Figures> out(cases.size());
    for (std::size_t i = 0; i < trial.publishers().size(); ++i) {
        out[i / 2] += trial.tally().of(i);
    }
    return out;
}

std::string in_words(Packet packet, int qos) {
    switch (packet) {
        case Packet::half_of_publish:
            return "half of PUBLISH sent";
        case Packet::publish:
            return qos == 1 ? "PUBLISH sent, PUBACK not read" : "PUBLISH sent, PUBREC not read";
        case Packet::pubrec:
            return "PUBREC read, PUBREL not sent";
        case Packet::pubrel:
            return "PUBREL sent, PUBCOMP not read";
        case Packet::last:
            break;
    }
    return qos == 1 ? "PUBACK read" : "PUBCOMP read";
}

}  // namespace

std::vector<Compared> at_every_packet(Hospital& hospital, Fault fault, Store store) {
    const std::vector<Case> cases = all_cases();
    const std::vector<Figures> without = play(hospital, {.plugin = Plugin::without, .store = store}, fault, cases);
    const std::vector<Figures> with = play(hospital, {.plugin = Plugin::with, .store = store}, fault, cases);
    std::vector<Compared> out;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        out.push_back({.of = cases[i], .without = without[i], .with = with[i]});
    }
    return out;
}

std::string in_words(const Case& of) {
    return "QoS " + std::to_string(of.qos) + ", " + (of.lasting ? "lasting" : "clean") + ", " +
           in_words(of.packet, of.qos);
}

std::string in_words(Fault fault) {
    return fault == Fault::cut ? "connection cut" : fault == Fault::sigterm ? "SIGTERM" : "kill -9";
}

std::string in_words(Store store) {
    return store == Store::none ? "no persistence" : "saved at each change";
}

}  // namespace faults
