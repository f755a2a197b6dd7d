// SPDX-License-Identifier: Apache-2.0
#include "compat/feature.h"

namespace compat {

namespace {

void publish_each_kind(Cell& cell) {
    cell.peer("device").connect();
    for (const char* topic : {"1/x", "1/y", "1/x/y", "2"}) {
        cell.peer("device").publish({.topic = topic, .text = topic});
    }
    cell.settle();
}

// A wildcard at the beginning does not match a topic that begins with $.
void dollar_topics(Cell& cell) {
    cell.peer("app.any").connect();
    cell.peer("app.any").note("reason " + std::to_string(cell.peer("app.any").raw().subscribe(
                                              {.filter = "+/" + cell.key() + "/t", .qos = cell.in_qos})));
    cell.peer("app.named").connect();
    cell.peer("app.named").subscribe_to("$t/t");
    cell.peer("device").connect();
    cell.peer("device").publish({.topic = "$t/t", .text = "hidden"});
    cell.peer("device").publish({.topic = "t", .text = "seen"});
    cell.settle();
}

void made_again(Cell& cell) {
    cell.peer("app").connect();
    cell.peer("app").subscribe_to("1/x");
    cell.peer("app").subscribe({.filter = "1/x", .qos = 0});
    cell.peer("app").subscribe({.filter = "1/y", .qos = 0});
    cell.peer("app").subscribe_to("1/y");
    publish_each_kind(cell);
}

void several(Cell& cell) {
    for (const char* name : {"app.1", "app.2"}) {
        cell.peer(name).connect();
        cell.peer(name).subscribe_to("1/#");
    }
    for (const int qos : {0, 1}) {
        Peer& app = cell.peer("app.qos" + std::to_string(qos));
        app.connect();
        app.subscribe({.filter = "#", .qos = qos});
    }
    publish_each_kind(cell);
}

void shared_while_away(Cell& cell) {
    for (const char* member : {"app.1", "app.2"}) {
        cell.peer(member).connect(lasting);
        cell.peer(member).subscribe_to("$share/group/#");
        cell.peer(member).disconnect();
    }
    publish_each_kind(cell);
    for (const char* member : {"app.1", "app.2"}) {
        cell.peer(member).connect(lasting);
    }
    cell.settle();
}

void shared_and_retained(Cell& cell) {
    cell.peer("device").connect();
    cell.peer("device").publish({.text = "kept", .retain = true});
    cell.peer("app").connect();
    cell.peer("app").subscribe_to("$share/group/#");
    cell.settle();
}

void ids_of_all_kinds(Cell& cell) {
    cell.peer("device").connect();
    cell.peer("device").publish({.topic = "1/x", .text = "kept", .retain = true});
    cell.peer("app").connect();
    cell.peer("app").subscribe({.filter = "1/#", .qos = cell.in_qos, .id = 1});
    cell.settle();
    cell.peer("app").subscribe({.filter = "2", .qos = cell.in_qos, .id = 268435455});
    cell.peer("app").subscribe_to("1/x");
    publish_each_kind(cell);
}

void ids_in_a_queue(Cell& cell) {
    cell.peer("app").connect(lasting);
    cell.peer("app").subscribe({.filter = "1/#", .qos = cell.in_qos, .id = 7});
    cell.peer("app").disconnect();
    publish_each_kind(cell);
    cell.peer("app").connect(lasting);
    cell.settle();
}

}  // namespace

std::vector<Feature> subscription_features() {
    const std::string group = "Subscriptions";
    return {
        {.group = group, .name = "wildcards, and topics that begin with $", .steps = {{.act = dollar_topics}}},
        {.group = group, .name = "made again with another QoS", .steps = {{.act = made_again}}},
        {.group = group, .name = "of several clients with different QoS", .steps = {{.act = several}}},
        {.group = group, .name = "shared, while the members are away", .steps = {{.act = shared_while_away}}},
        {.group = group, .name = "shared, and a retained message", .steps = {{.act = shared_and_retained}}},
        {.group = group,
         .name = "identifiers, with a retained message and overlapping subscriptions",
         .steps = {{.act = ids_of_all_kinds}},
         .only_v5 = true},
        {.group = group, .name = "identifiers, in a queue", .steps = {{.act = ids_in_a_queue}}, .only_v5 = true},
    };
}

}  // namespace compat
