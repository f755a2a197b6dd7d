// SPDX-License-Identifier: Apache-2.0
#include "compat/feature.h"

namespace compat {

namespace {

void begin_publishing(Cell& cell) {
    cell.peer("app").connect();
    cell.peer("app").subscribe_to();
    cell.peer("device").connect();
}

void of_every_qos(Cell& cell) {
    begin_publishing(cell);
    for (int i = 0; i < 12; ++i) {
        mqtt::Publish packet = cell.peer("device").packet({.text = std::to_string(i)});
        packet.qos = i % 3;
        cell.peer("device").note("reason " + std::to_string(cell.peer("device").raw().publish(packet)));
    }
    cell.settle();
}

void leaving_at_once(Cell& cell) {
    begin_publishing(cell);
    (void)cell.peer("device").raw().send(cell.peer("device").packet({.text = "the last word"}));
    cell.peer("device").disconnect();
    cell.settle();
}

void to_itself(Cell& cell) {
    cell.peer("both").connect();
    cell.peer("both").subscribe_to();
    cell.peer("both").publish({.text = "mine"});
    cell.settle();
}

void of_the_other_version(Cell& cell) {
    const Session other = {.version = cell.version == mqtt::v5 ? mqtt::v311 : mqtt::v5};
    begin_publishing(cell);
    cell.peer("app.other").connect(other);
    cell.peer("app.other").subscribe_to();
    cell.peer("device.other").connect(other);
    cell.peer("device").publish({.text = "1"});
    cell.peer("device.other").publish({.text = "2"});
    cell.settle();
}

void nobody_subscribed(Cell& cell) {
    cell.peer("device").connect();
    cell.peer("device").publish({.text = "to nobody"});
    cell.peer("device").publish({.text = "to nobody yet", .retain = true});
    cell.settle();
}

void only_the_rightless(Cell& cell) {
    cell.peer("outsider").connect();
    cell.peer("outsider").subscribe_to();
    cell.peer("device").connect();
    cell.peer("device").publish({.text = "72"});
    cell.settle();
}

void rightless_publisher(Cell& cell) {
    begin_publishing(cell);
    cell.peer("outsider").connect();
    cell.peer("outsider").publish({.text = "not allowed"});
    cell.peer("outsider").publish({.text = "nor kept", .retain = true});
    cell.peer("device").publish({.text = "allowed"});
    cell.settle();
    cell.peer("app.late").connect();
    cell.peer("app.late").subscribe_to();
    cell.settle();
}

}  // namespace

std::vector<Feature> publisher_features() {
    const std::string group = "Publishers";
    return {
        {.group = group, .name = "messages of every QoS keep their order", .steps = {{.act = of_every_qos}}},
        {.group = group, .name = "gone as soon as it has sent", .steps = {{.act = leaving_at_once}}},
        {.group = group, .name = "that subscribe to their own topic", .steps = {{.act = to_itself}}},
        {.group = group,
         .name = "and subscribers of the other version of MQTT",
         .steps = {{.act = of_the_other_version}}},
        {.group = group, .name = "the answer where nobody subscribed", .steps = {{.act = nobody_subscribed}}},
        {.group = group,
         .name = "the answer where only subscribers without a right are",
         .steps = {{.act = only_the_rightless}}},
        {.group = group, .name = "without a right", .steps = {{.act = rightless_publisher}}},
    };
}

}  // namespace compat
