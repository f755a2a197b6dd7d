// SPDX-License-Identifier: Apache-2.0
#include "compat/feature.h"

namespace compat {

namespace {

using mqtt::Id;

void leave(Cell& cell) {
    cell.peer("app").connect(lasting);
    cell.peer("app").subscribe_to();
    cell.peer("app").disconnect();
    cell.peer("device").connect();
}

void publish_three(Cell& cell) {
    for (const char* text : {"1", "2", "3"}) {
        cell.peer("device").publish({.text = text});
    }
}

void come_back(Cell& cell) {
    cell.peer("app").connect(lasting);
    cell.settle();
}

void away(Cell& cell) {
    leave(cell);
    publish_three(cell);
}

void offline_queue(Cell& cell) {
    away(cell);
    come_back(cell);
    cell.peer("device").publish({.text = "live"});
    cell.settle();
}

void ended_by_clean_start(Cell& cell) {
    leave(cell);
    cell.peer("app").connect();
    cell.peer("app").disconnect();
    publish_three(cell);
    come_back(cell);
}

void crashed(Cell& cell) {
    cell.peer("app").connect(lasting);
    cell.peer("app").subscribe_to();
    cell.peer("device").connect();
    cell.peer("app").crash();
    publish_three(cell);
    come_back(cell);
}

void expiring_session(Cell& cell) {
    cell.peer("app").connect({.clean = false, .seconds = 1});
    cell.peer("app").subscribe_to();
    cell.peer("app").disconnect();
    cell.peer("device").connect();
    publish_three(cell);
}

void expiring_message(Cell& cell) {
    leave(cell);
    cell.peer("device").publish({.text = "short", .properties = {{.id = Id::message_expiry, .number = 1}}});
    cell.peer("device").publish({.text = "long", .properties = {{.id = Id::message_expiry, .number = 600}}});
}

void lasting_message(Cell& cell) {
    leave(cell);
    cell.peer("device").publish({.text = "long", .properties = {{.id = Id::message_expiry, .number = 600}}});
}

void expiry_live(Cell& cell) {
    cell.peer("app").connect();
    cell.peer("app").subscribe_to();
    cell.peer("device").connect();
    cell.peer("device").publish({.text = "72", .properties = {{.id = Id::message_expiry, .number = 600}}});
    cell.settle();
}

void take_over(Cell& cell) {
    Session first = lasting;
    first.client_id = "taken";
    cell.peer("app.first").connect(first);
    cell.peer("app.first").subscribe_to();
    cell.peer("device").connect();
    cell.peer("device").publish({.text = "1"});
    cell.settle();
    cell.peer("app.second").connect(first);
    Peer& old = cell.peer("app.first");
    while (old.raw().poll(std::chrono::milliseconds(2000)) && old.connected()) {
    }
    old.note(old.connected() ? "still there" : "gone, reason " + std::to_string(old.raw().disconnect_reason()));
    cell.peer("device").publish({.text = "2"});
    cell.settle();
}

// The first connection has acknowledged nothing of what it got.
void take_over_unacknowledged(Cell& cell, const Session& second) {
    Peer& app = cell.peer("app");
    app.connect(lasting);
    app.subscribe_to();
    app.raw().acknowledge(false);
    cell.peer("device").connect();
    publish_three(cell);
    app.drain();
    app.connect(second);
    cell.peer("device").publish({.text = "4"});
    cell.settle();
}

void with_properties(Cell& cell) {
    leave(cell);
    cell.peer("device").publish({.text = "72",
                                 .properties = {{.id = Id::content_type, .text = "text/plain"},
                                                {.id = Id::response_topic, .text = "answers/1"},
                                                {.id = Id::correlation_data, .text = "7"},
                                                {.id = Id::user_property, .text = "bpm", .name = "unit"}}});
    come_back(cell);
}

void back_twice(Cell& cell) {
    offline_queue(cell);
    cell.peer("app").disconnect();
    come_back(cell);
}

void unsubscribed_and_away(Cell& cell) {
    offline_queue(cell);
    cell.peer("app").unsubscribe("#");
    cell.peer("app").disconnect();
    publish_three(cell);
    come_back(cell);
}

void ended_by_disconnect(Cell& cell) {
    cell.peer("app").connect(lasting);
    cell.peer("app").subscribe_to();
    cell.peer("app").disconnect(0, {{.id = Id::session_expiry, .number = 0}});
    cell.peer("device").connect();
    publish_three(cell);
    come_back(cell);
}

void two_sessions(Cell& cell) {
    away(cell);
    cell.peer("app.other").connect();
    cell.peer("app.other").subscribe_to();
    cell.peer("device").publish({.text = "4"});
    come_back(cell);
}

}  // namespace

std::vector<Feature> session_features() {
    const std::string group = "Sessions";
    return {
        {.group = group, .name = "offline queue and reconnect", .steps = {{.act = offline_queue}}},
        {.group = group, .name = "after a crash of the subscriber", .steps = {{.act = crashed}}},
        {.group = group, .name = "ended by a clean start", .steps = {{.act = ended_by_clean_start}}},
        {.group = group, .name = "one away, one there", .steps = {{.act = two_sessions}}},
        {.group = group, .name = "taken over by the same client", .steps = {{.act = take_over}}},
        {.group = group,
         .name = "taken over, nothing acknowledged",
         .steps = {{.act = [](Cell& cell) { take_over_unacknowledged(cell, lasting); }}}},
        {.group = group,
         .name = "taken over with a clean start, nothing acknowledged",
         .steps = {{.act = [](Cell& cell) { take_over_unacknowledged(cell, {}); }}}},
        {.group = group, .name = "back a second time", .steps = {{.act = back_twice}}},
        {.group = group, .name = "unsubscribed, away and back", .steps = {{.act = unsubscribed_and_away}}},
        {.group = group, .name = "queued properties", .steps = {{.act = with_properties}}, .only_v5 = true},
        {.group = group,
         .name = "ended by the expiry interval of a DISCONNECT",
         .steps = {{.act = ended_by_disconnect}},
         .only_v5 = true},
        {.group = group,
         .name = "a queue that outlives a restart of the broker",
         .steps = {{.act = away}, {.before = Before::restart, .act = come_back}}},
        {.group = group,
         .name = "a subscription that outlives a restart of the broker",
         .steps = {{.act = leave},
                   {.before = Before::restart,
                    .act =
                        [](Cell& cell) {
                            cell.peer("device").connect();
                            publish_three(cell);
                            come_back(cell);
                        }}}},
        {.group = group,
         .name = "session expiry",
         .steps = {{.act = expiring_session}, {.before = Before::seconds_6, .act = come_back}},
         .only_v5 = true},
        {.group = group, .name = "message expiry, delivered at once", .steps = {{.act = expiry_live}}, .only_v5 = true},
        {.group = group,
         .name = "message expiry, while queued",
         .steps = {{.act = expiring_message}, {.before = Before::seconds_6, .act = come_back}},
         .only_v5 = true,
         .on_2_0 = Difference::expiry},
        {.group = group,
         .name = "message expiry, over a restart of the broker",
         .steps = {{.act = lasting_message}, {.before = Before::restart, .act = come_back}},
         .only_v5 = true},
    };
}

}  // namespace compat
