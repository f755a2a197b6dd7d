// SPDX-License-Identifier: Apache-2.0
#include "compat/feature.h"

namespace compat {

namespace {

using mqtt::Id;

mqtt::Properties of_a_reading() {
    return {{.id = Id::payload_format, .number = 1},
            {.id = Id::content_type, .text = "application/json"},
            {.id = Id::response_topic, .text = "answers/1"},
            {.id = Id::correlation_data, .text = std::string("\0\1 x", 4)},
            {.id = Id::user_property, .text = "bpm", .name = "unit"},
            {.id = Id::user_property, .text = "left", .name = "unit"}};
}

void begin(Cell& cell, const std::string& filter = "#") {
    cell.peer("app").connect();
    cell.peer("app").subscribe_to(filter);
    cell.peer("device").connect();
}

Feature one_step(std::string group, std::string name, std::function<void(Cell&)> act, bool only_v5 = false) {
    return {.group = std::move(group), .name = std::move(name), .steps = {{.act = std::move(act)}}, .only_v5 = only_v5};
}

void publish_some(Cell& cell) {
    begin(cell);
    for (const char* text : {"72", "", "74"}) {
        cell.peer("device").publish({.text = text});
    }
    cell.peer("device").publish({.text = std::string(16384, 'x')});
    cell.settle();
}

void wildcards(Cell& cell) {
    begin(cell, "+/vitals/#");
    for (const char* topic : {"1/vitals/pulse", "1/vitals", "1/2/vitals/x", "vitals", "/vitals/x"}) {
        cell.peer("device").publish({.topic = topic, .text = topic});
    }
    cell.settle();
}

void overlapping(Cell& cell) {
    begin(cell, "1/#");
    cell.peer("app").subscribe({.filter = "1/+", .qos = 0});
    cell.peer("app").subscribe({.filter = "1/x", .qos = 2});
    cell.peer("device").publish({.topic = "1/x", .text = "72"});
    cell.peer("device").publish({.topic = "1/y", .text = "73"});
    cell.settle();
}

void shared(Cell& cell) {
    cell.peer("device").connect();
    for (const char* member : {"app.1", "app.2"}) {
        cell.peer(member).connect();
        cell.peer(member).subscribe_to("$share/group/#");
    }
    cell.peer("app.alone").connect();
    cell.peer("app.alone").subscribe_to();
    for (const char* text : {"1", "2", "3", "4", "5"}) {
        cell.peer("device").publish({.text = text});
        cell.settle();
    }
}

void no_local(Cell& cell) {
    Peer& both = cell.peer("both");
    both.connect();
    both.subscribe({.filter = "quiet", .qos = cell.in_qos, .no_local = true});
    both.subscribe({.filter = "loud", .qos = cell.in_qos});
    both.publish({.topic = "quiet", .text = "mine"});
    both.publish({.topic = "loud", .text = "mine"});
    cell.peer("device").connect();
    cell.peer("device").publish({.topic = "quiet", .text = "another's"});
    cell.settle();
}

void subscription_ids(Cell& cell) {
    cell.peer("app").connect();
    cell.peer("app").subscribe({.filter = "1/#", .qos = cell.in_qos, .id = 7});
    cell.peer("app").subscribe({.filter = "+/x", .qos = cell.in_qos, .id = 300});
    cell.peer("device").connect();
    cell.peer("device").publish({.topic = "1/x", .text = "72"});
    cell.settle();
}

void properties(Cell& cell) {
    begin(cell);
    cell.peer("device").publish({.text = "72", .properties = of_a_reading()});
    cell.peer("device").publish({.text = "73", .properties = {{.id = Id::user_property, .text = "", .name = "empty"}}});
    cell.peer("device").publish({.text = "74"});
    cell.settle();
}

void aliases(Cell& cell) {
    cell.peer("app").connect({.properties = {{.id = Id::topic_alias_maximum, .number = 2}}});
    cell.peer("app").subscribe_to();
    cell.peer("device").connect();
    for (const char* topic : {"a", "b", "c", "a", "b"}) {
        cell.peer("device").publish({.topic = topic, .text = topic});
    }
    Peer& device = cell.peer("device");
    for (int i = 0; i < 2; ++i) {
        mqtt::Publish packet = device.packet({.topic = "aliased", .text = std::to_string(i)});
        packet.properties.push_back({.id = Id::topic_alias, .number = 1});
        if (i > 0) {
            packet.topic.clear();
        }
        device.note("reason " + std::to_string(device.raw().publish(packet)));
    }
    cell.settle();
}

void websockets(Cell& cell) {
    cell.peer("app").connect({.at = At::websocket});
    cell.peer("app").subscribe_to();
    cell.peer("device").connect({.at = At::websocket});
    cell.peer("device").publish({.text = "72"});
    cell.peer("device").publish({.text = std::string(16384, 'x')});
    cell.settle();
}

// Nothing is acknowledged until the window of `at_once` is full.
void full_window(Cell& cell, std::uint16_t at_once) {
    Peer& app = cell.peer("app");
    app.connect({.properties = cell.version == mqtt::v5
                                   ? mqtt::Properties{{.id = Id::receive_maximum, .number = at_once}}
                                   : mqtt::Properties{}});
    app.subscribe_to();
    app.raw().acknowledge(false);
    cell.peer("device").connect();
    for (int i = 0; i < 25; ++i) {
        cell.peer("device").publish({.text = std::to_string(i)});
    }
    app.drain();
    app.note("the window is full");
    app.disconnect();
}

void rightless(Cell& cell) {
    begin(cell);
    cell.peer("outsider").connect();
    cell.peer("outsider").subscribe_to();
    cell.peer("device").publish({.text = "72"});
    cell.settle();
}

void unsubscribed(Cell& cell) {
    begin(cell);
    cell.peer("device").publish({.text = "1"});
    cell.settle();
    cell.peer("app").unsubscribe("#");
    cell.peer("app").unsubscribe("never");
    cell.peer("device").publish({.text = "2"});
    cell.settle();
}

void of_the_broker(Cell& cell) {
    cell.peer("app").connect();
    cell.peer("app").subscribe_to("$SYS/broker/version");
    cell.settle();
}

}  // namespace

std::vector<Feature> live_features() {
    return {one_step("Delivery", "live, also empty and of 16 KiB", publish_some),
            one_step("Delivery", "wildcards", wildcards),
            one_step("Delivery", "overlapping subscriptions", overlapping),
            one_step("Delivery", "shared subscriptions", shared),
            one_step("Delivery", "no-local", no_local, true),
            one_step("Delivery", "subscription identifiers", subscription_ids, true),
            one_step("Delivery", "user properties, content type, response topic, correlation data", properties, true),
            one_step("Delivery", "topic aliases, both ways", aliases, true),
            one_step("Delivery", "WebSockets", websockets),
            one_step(
                "Delivery", "receive maximum of 3, window full", [](Cell& cell) { full_window(cell, 3); }, true),
            one_step("Delivery", "the broker's in-flight window full", [](Cell& cell) { full_window(cell, 65535); }),
            one_step("Delivery", "a subscriber without a right beside one with it", rightless),
            one_step("Delivery", "after UNSUBSCRIBE", unsubscribed),
            one_step("Delivery", "$SYS", of_the_broker)};
}

}  // namespace compat
