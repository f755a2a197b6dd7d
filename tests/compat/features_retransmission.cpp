// SPDX-License-Identifier: Apache-2.0
#include "compat/feature.h"

namespace compat {

namespace {

void begin_lasting(Cell& cell) {
    cell.peer("app").connect();
    cell.peer("app").subscribe_to();
    cell.peer("device").connect(lasting);
}

// At QoS 1 MQTT lets a broker deliver the copy too, and Mosquitto does. The plugin promises one delivery.
void note_once(Cell& cell) {
    cell.peer("app").raw().ping();
    const std::size_t times = cell.peer("app").raw().take().size();
    const bool as_promised = times == 1 || (times == 2 && !cell.world().seals(At::main));
    cell.peer("app").note(as_promised ? "delivered" : "delivered " + std::to_string(times) + " times");
}

// The acknowledgement was lost: PUBLISH comes again, at QoS 2 before PUBREL.
void publish_again(Cell& cell, bool reconnect) {
    if (cell.out_qos == 0) {
        return;
    }
    begin_lasting(cell);
    Peer& device = cell.peer("device");
    mqtt::Publish packet = device.packet({.text = "72"});
    packet.id = 100;
    const mqtt::Type answer = cell.out_qos == 1 ? mqtt::Type::puback : mqtt::Type::pubrec;
    (void)device.raw().send(packet);
    device.note("first, reason " + std::to_string(device.raw().wait_for(answer, 100)));
    if (reconnect) {
        device.crash();
        device.connect(lasting);
    }
    packet.dup = true;
    device.note("again, reason " + std::to_string(device.raw().publish(packet)));
    if (cell.out_qos == 2) {
        cell.settle();
    } else {
        note_once(cell);
    }
}

// The subscriber got it, but its acknowledgement was lost.
void deliver_again(Cell& cell) {
    if (cell.in_qos == 0 || cell.out_qos == 0) {
        return;
    }
    Peer& app = cell.peer("app");
    app.connect(lasting);
    app.subscribe_to();
    app.raw().acknowledge(false);
    cell.peer("device").connect();
    cell.peer("device").publish({.text = "72"});
    app.drain();
    app.crash();
    app.connect(lasting);
    cell.settle();
}

// It has answered PUBREC or PUBACK, and disconnects before the broker continues.
void half_acknowledged(Cell& cell) {
    if (cell.in_qos == 0 || cell.out_qos == 0) {
        return;
    }
    Peer& app = cell.peer("app");
    app.connect(lasting);
    app.subscribe_to();
    app.raw().acknowledge(false);
    cell.peer("device").connect();
    cell.peer("device").publish({.text = "72"});
    app.raw().ping();
    for (const mqtt::Publish& message : app.raw().take()) {
        app.note("got QoS " + std::to_string(message.qos));
        app.raw().send(message.qos == 1 ? mqtt::Type::puback : mqtt::Type::pubrec, message.id);
    }
    app.raw().ping();
    app.crash();
    app.connect(lasting);
    cell.peer("device").publish({.text = "73"});
    cell.settle();
}

// The subscriber's window fills up while it acknowledges nothing; then it acknowledges everything.
void window_emptied(Cell& cell) {
    if (cell.in_qos == 0 || cell.out_qos == 0) {
        return;
    }
    Peer& app = cell.peer("app");
    app.connect();
    app.subscribe_to();
    app.raw().acknowledge(false);
    cell.peer("device").connect();
    for (int i = 0; i < 45; ++i) {
        cell.peer("device").publish({.text = std::to_string(i)});
    }
    app.raw().ping();
    const std::vector<mqtt::Publish> first = app.raw().take();
    app.note("the window holds " + std::to_string(first.size()));
    app.raw().acknowledge(true);
    for (const mqtt::Publish& message : first) {
        app.raw().send(message.qos == 1 ? mqtt::Type::puback : mqtt::Type::pubrec, message.id);
    }
    cell.settle();
}

void released_again(Cell& cell) {
    if (cell.out_qos < 2) {
        return;
    }
    begin_lasting(cell);
    Peer& device = cell.peer("device");
    mqtt::Publish packet = device.packet({.text = "72"});
    packet.id = 100;
    device.note("reason " + std::to_string(device.raw().publish(packet)));
    device.raw().send(mqtt::Type::pubrel, 100);
    device.note("completed again, reason " + std::to_string(device.raw().wait_for(mqtt::Type::pubcomp, 100)));
    cell.settle();
}

}  // namespace

std::vector<Feature> retransmission_features() {
    const std::string group = "Retransmission";
    return {
        {.group = group,
         .name = "PUBLISH again, acknowledgement lost",
         .steps = {{.act = [](Cell& cell) { publish_again(cell, false); }}}},
        {.group = group,
         .name = "PUBLISH again after a reconnect",
         .steps = {{.act = [](Cell& cell) { publish_again(cell, true); }}}},
        {.group = group, .name = "PUBREL again, PUBCOMP lost", .steps = {{.act = released_again}}},
        {.group = group, .name = "delivered again after a reconnect", .steps = {{.act = deliver_again}}},
        {.group = group, .name = "not delivered again after the first answer", .steps = {{.act = half_acknowledged}}},
        {.group = group, .name = "window filled, then acknowledged", .steps = {{.act = window_emptied}}},
    };
}

}  // namespace compat
