// SPDX-License-Identifier: Apache-2.0
#include "compat/feature.h"

namespace compat {

namespace {

using mqtt::Id;

mqtt::Will will(const Cell& cell, bool retain = false, mqtt::Properties properties = {}) {
    return {
        .topic = "gone", .payload = "lost", .qos = cell.out_qos, .retain = retain, .properties = std::move(properties)};
}

void watch_as(Cell& cell, const std::string& name) {
    cell.peer(name).connect();
    cell.peer(name).subscribe_to();
}

void watch(Cell& cell) {
    watch_as(cell, "app");
}

// The broker may take a while to notice a broken connection.
void see_it(Cell& cell) {
    cell.peer("app").wait_for(1);
    cell.settle();
}

void crash(Cell& cell, bool retain, mqtt::Properties properties) {
    watch(cell);
    cell.peer("device").connect({.will = will(cell, retain, std::move(properties))});
    cell.peer("device").crash();
    see_it(cell);
}

void retained(Cell& cell) {
    crash(cell, true, {});
    cell.peer("app.late").connect();
    cell.peer("app.late").subscribe_to();
    cell.settle();
}

void clean_end(Cell& cell) {
    watch(cell);
    cell.peer("device").connect({.will = will(cell)});
    cell.peer("device").disconnect();
    cell.settle();
}

void asked_for(Cell& cell) {
    watch(cell);
    cell.peer("device").connect({.will = will(cell)});
    cell.peer("device").disconnect(4);
    see_it(cell);
}

void after_a_message(Cell& cell) {
    watch(cell);
    cell.peer("device").connect({.will = will(cell)});
    cell.peer("device").publish({.text = "72"});
    cell.peer("device").crash();
    cell.peer("app").wait_for(2);
    cell.settle();
}

void taken_over(Cell& cell) {
    watch(cell);
    cell.peer("device").connect({.will = will(cell)});
    cell.peer("device").connect();
    see_it(cell);
}

void to_a_queue(Cell& cell) {
    const Session lasting = {.clean = false, .seconds = 600};
    cell.peer("app").connect(lasting);
    cell.peer("app").subscribe_to();
    cell.peer("app").disconnect();
    watch_as(cell, "app.watch");
    cell.peer("device").connect({.will = will(cell)});
    cell.peer("device").crash();
    cell.peer("app.watch").wait_for(1);
    cell.peer("app").connect(lasting);
    cell.settle();
}

// Long enough for the "not yet" check, even on a busy machine: the broker may count from the start of the second.
constexpr std::uint32_t delay = 4;  // seconds; over after Before::seconds_6

Session delayed_session(const Cell& cell, std::uint32_t seconds) {
    return {.clean = false, .seconds = 60, .will = will(cell, false, {{.id = Id::will_delay, .number = seconds}})};
}

void delayed(Cell& cell) {
    watch(cell);
    cell.peer("device").connect(delayed_session(cell, delay));
    cell.peer("device").crash();
    cell.settle();
    cell.peer("app").note("not yet");
}

void session_ends_before(Cell& cell) {
    watch(cell);
    Session session = delayed_session(cell, 600);
    session.seconds = 1;
    cell.peer("device").connect(session);
    cell.peer("device").crash();
    cell.settle();
}

void back_in_time(Cell& cell) {
    delayed(cell);
    cell.peer("device").connect({.clean = false, .seconds = 60});
}

}  // namespace

std::vector<Feature> will_features() {
    const std::string group = "Wills";
    const mqtt::Properties unit = {{.id = Id::user_property, .text = "device", .name = "what"}};
    return {
        {.group = group, .name = "at a crash", .steps = {{.act = [](Cell& cell) { crash(cell, false, {}); }}}},
        {.group = group,
         .name = "at a crash, with properties",
         .steps = {{.act = [unit](Cell& cell) { crash(cell, false, unit); }}},
         .only_v5 = true},
        {.group = group, .name = "retained", .steps = {{.act = retained}}},
        {.group = group, .name = "not at a clean end", .steps = {{.act = clean_end}}},
        {.group = group, .name = "at a clean end that asks for it", .steps = {{.act = asked_for}}, .only_v5 = true},
        {.group = group, .name = "after a message", .steps = {{.act = after_a_message}}},
        {.group = group, .name = "at the take-over of the session", .steps = {{.act = taken_over}}},
        {.group = group, .name = "for a client that is away", .steps = {{.act = to_a_queue}}},
        {.group = group,
         .name = "with a delay",
         .steps = {{.act = delayed}, {.before = Before::seconds_6, .act = see_it}},
         .only_v5 = true},
        {.group = group,
         .name = "with a delay, and the session ends before",
         .steps = {{.act = session_ends_before}, {.before = Before::seconds_6, .act = see_it}},
         .only_v5 = true},
        {.group = group,
         .name = "with a delay, and back in time",
         .steps = {{.act = back_in_time}, {.before = Before::seconds_6, .act = [](Cell& cell) { cell.settle(); }}},
         .only_v5 = true},
    };
}

}  // namespace compat
