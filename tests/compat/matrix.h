// SPDX-License-Identifier: Apache-2.0
// Runs every feature in every cell, in both worlds, and compares.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "compat/difference.h"
#include "compat/feature.h"

namespace compat {

struct CellResult {
    std::string cell;  // "MQTT 5, QoS 1 to 2"
    std::vector<std::string> without;
    std::vector<std::string> with;
    std::optional<std::set<Difference>> differences;  // nullopt: unknown ones
    bool to_the_end = true;                           // every client got all answers that must come

    [[nodiscard]] bool same() const { return differences && differences->empty(); }
};

struct Row {
    std::string group;
    std::string name;
    std::vector<CellResult> cells;
};

std::vector<Row> run_matrix(const std::vector<Feature>& features);

}  // namespace compat
