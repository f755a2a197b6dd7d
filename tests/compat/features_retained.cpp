// SPDX-License-Identifier: Apache-2.0
#include "compat/feature.h"

namespace compat {

namespace {

using mqtt::Id;

const mqtt::Properties unit = {{.id = Id::content_type, .text = "text/plain"},
                               {.id = Id::user_property, .text = "bpm", .name = "unit"}};

void join(Cell& cell, const std::string& name = "app") {
    cell.peer(name).connect();
    cell.peer(name).subscribe_to();
    cell.settle();
}

void set(Cell& cell) {
    join(cell, "app.early");
    cell.peer("device").connect();
    cell.peer("device").publish({.text = "72", .retain = true, .properties = unit});
    cell.peer("device").publish({.topic = "other", .text = "not retained"});
    cell.settle();
}

void replace(Cell& cell) {
    set(cell);
    cell.peer("device").publish({.text = "73", .retain = true});
    cell.settle();
    join(cell, "app.late");
}

void clear(Cell& cell) {
    set(cell);
    cell.peer("device").publish({.retain = true});
    cell.settle();
    join(cell, "app.late");
}

void as_published(Cell& cell) {
    for (const bool on : {true, false}) {
        Peer& app = cell.peer(on ? "app.as-published" : "app.not");
        app.connect();
        app.subscribe({.filter = "#", .qos = cell.in_qos, .retain_as_published = on});
    }
    cell.peer("device").connect();
    cell.peer("device").publish({.text = "72", .retain = true});
    cell.peer("device").publish({.text = "73"});
    cell.settle();
}

void handling(Cell& cell) {
    cell.peer("device").connect();
    cell.peer("device").publish({.text = "72", .retain = true});
    for (const int handling : {0, 1, 2}) {
        Peer& app = cell.peer("app." + std::to_string(handling));
        app.connect();
        for (int again = 0; again < 2; ++again) {
            app.subscribe({.filter = "#", .qos = cell.in_qos, .retain_handling = handling});
            cell.settle();
        }
    }
}

void not_cleared(Cell& cell) {
    set(cell);
    cell.peer("device").publish({});
    cell.settle();
    join(cell, "app.late");
}

void on_many_topics(Cell& cell) {
    cell.peer("device").connect();
    for (const char* topic : {"1", "2/x", "2/y", "3"}) {
        cell.peer("device").publish({.topic = topic, .text = topic, .retain = true});
    }
    cell.peer("device").disconnect();
    cell.peer("app").connect();
    cell.peer("app").subscribe_to("2/#");
    cell.peer("app").subscribe_to("+");
    cell.settle();
}

void subscribed_again(Cell& cell) {
    set(cell);
    cell.peer("app.early").subscribe_to();
    cell.settle();
    cell.peer("app.early").unsubscribe("#");
    cell.peer("app.early").subscribe_to();
    cell.settle();
}

void will_outlive(Cell& cell) {
    cell.peer("device").connect();
    cell.peer("device").publish({.text = "72", .retain = true});
    cell.peer("device").publish({.topic = "gone", .text = "1", .retain = true});
    cell.peer("device").publish({.topic = "gone", .retain = true});
}

void after_rotation(Cell& cell) {
    join(cell);
    cell.peer("device").connect();
    cell.peer("device").publish({.topic = "after", .text = "73", .retain = true});
    cell.settle();
}

void will_outlive_with_properties(Cell& cell) {
    cell.peer("device").connect();
    cell.peer("device").publish({.text = "72", .retain = true, .properties = unit});
}

void expiring(Cell& cell) {
    cell.peer("device").connect();
    cell.peer("device").publish(
        {.topic = "short", .text = "1", .retain = true, .properties = {{.id = Id::message_expiry, .number = 1}}});
    cell.peer("device").publish(
        {.topic = "long", .text = "2", .retain = true, .properties = {{.id = Id::message_expiry, .number = 600}}});
    cell.settle();
}

}  // namespace

std::vector<Feature> retained_features() {
    const std::string group = "Retained messages";
    return {
        {.group = group,
         .name = "set, and delivered to whoever joins later",
         .steps = {{.act =
                        [](Cell& cell) {
                            set(cell);
                            join(cell, "app.late");
                        }}}},
        {.group = group, .name = "replaced", .steps = {{.act = replace}}},
        {.group = group, .name = "cleared by an empty message", .steps = {{.act = clear}}},
        {.group = group,
         .name = "not cleared by an empty message that is not retained",
         .steps = {{.act = not_cleared}}},
        {.group = group, .name = "on many topics, of a sender that has left", .steps = {{.act = on_many_topics}}},
        {.group = group, .name = "subscribed to again", .steps = {{.act = subscribed_again}}},
        {.group = group, .name = "retain-as-published on and off", .steps = {{.act = as_published}}, .only_v5 = true},
        {.group = group, .name = "retain handling 0, 1 and 2", .steps = {{.act = handling}}, .only_v5 = true},
        {.group = group,
         .name = "after a restart of the broker",
         .steps = {{.act = will_outlive}, {.before = Before::restart, .act = [](Cell& cell) { join(cell); }}}},
        {.group = group,
         .name = "after its sender's key was rotated",
         .steps = {{.act = will_outlive}, {.before = Before::rotation, .act = after_rotation}}},
        {.group = group,
         .name = "with properties, after a restart of the broker",
         .steps = {{.act = will_outlive_with_properties},
                   {.before = Before::restart, .act = [](Cell& cell) { join(cell); }}},
         .only_v5 = true},
        {.group = group,
         .name = "with an expiry interval that ends, and one that does not",
         .steps = {{.act = expiring}, {.before = Before::seconds_6, .act = [](Cell& cell) { join(cell); }}},
         .only_v5 = true},
    };
}

}  // namespace compat
