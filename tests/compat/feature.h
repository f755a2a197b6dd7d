// SPDX-License-Identifier: Apache-2.0
// The rows of the matrix: what MQTT promises, each as a scenario for one cell.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "compat/cell.h"
#include "compat/difference.h"

namespace compat {

enum class Before : std::uint8_t { nothing, restart, rotation, seconds_6 };  // what happens before a step

struct Step {
    Before before = Before::nothing;
    std::function<void(Cell&)> act;
};

struct Feature {
    std::string group;
    std::string name;
    std::vector<Step> steps;
    bool only_v5 = false;
    // A difference on 2.0 that is more than a changed word: some lines are missing or extra.
    std::optional<Difference> on_2_0 = std::nullopt;
};

std::vector<Feature> live_features();
std::vector<Feature> retained_features();
std::vector<Feature> session_features();
std::vector<Feature> will_features();
std::vector<Feature> subscription_features();
std::vector<Feature> publisher_features();
std::vector<Feature> retransmission_features();
std::vector<Feature> bridge_features();
std::vector<Feature> all_features();

}  // namespace compat
