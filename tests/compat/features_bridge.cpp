// SPDX-License-Identifier: Apache-2.0
#include "compat/feature.h"

namespace compat {

namespace {

void across(Cell& cell, const std::string& filter, At from, At to) {
    cell.peer("app").connect({.at = to});
    cell.peer("app").subscribe_to(filter + "#");
    cell.peer("device").connect({.at = from});
    cell.peer("device").publish({.topic = filter + "t", .text = "1"});
    cell.peer("device").publish({.topic = filter + "t", .text = "2", .retain = true});
    cell.peer("device").publish({.topic = filter + "u", .text = "3"});
    cell.peer("app").wait_for(3);
    cell.settle();
    cell.peer("app.late").connect({.at = to});
    cell.peer("app.late").subscribe_to(filter + "#");
    cell.settle();
}

Feature feature(std::string name, const std::string& filter, At from, At to) {
    return {.group = "Bridges",
            .name = std::move(name),
            .steps = {{.act = [=](Cell& cell) { across(cell, filter, from, to); }}}};
}

}  // namespace

std::vector<Feature> bridge_features() {
    return {feature("to a broker with the plugin", "b/", At::main, At::bridged),
            feature("from a broker with the plugin", "b/", At::bridged, At::main),
            feature("to a broker without the plugin", "o/", At::main, At::bare),
            feature("from a broker without the plugin", "o/", At::bare, At::main)};
}

std::vector<Feature> all_features() {
    std::vector<Feature> out;
    for (const auto& some : {live_features(), publisher_features(), subscription_features(), retained_features(),
                             session_features(), will_features(), retransmission_features(), bridge_features()}) {
        out.insert(out.end(), some.begin(), some.end());
    }
    return out;
}

}  // namespace compat
