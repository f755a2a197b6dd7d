// SPDX-License-Identifier: Apache-2.0
// Clients do not notice the plugin, except where docs/compatibility.md says so.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "compat/document.h"
#include "harness/mosquitto.h"

namespace compat {
namespace {

std::string both(const CellResult& cell) {
    std::string out = "\n" + cell.cell + "\n  without the plugin:\n";
    for (const std::string& line : cell.without) {
        out += "    " + line + "\n";
    }
    out += "  with it:\n";
    for (const std::string& line : cell.with) {
        out += "    " + line + "\n";
    }
    return out;
}

bool is_20() {
    return !harness::Mosquitto::seals_when_sent();
}

TEST(Compatibility, MatchesTheDocument) {
    const std::string version = harness::Mosquitto::version();
    const std::vector<Row> rows = run_matrix(all_features());
    for (const Row& row : rows) {
        std::cout << "  " << row.group << ": " << row.name << ": " << entry(row) << "\n";
        for (const CellResult& cell : row.cells) {
            EXPECT_TRUE(cell.same() || (is_20() && cell.differences)) << row.group << ": " << row.name << both(cell);
            EXPECT_TRUE(cell.to_the_end) << row.group << ": " << row.name << both(cell);
            EXPECT_FALSE(cell.without.empty() && cell.with.empty() && row.group != "Retransmission") << row.name;
        }
    }
    std::cout << "  Mosquitto " << version << "\n";
    const std::string path = RESEAL_COMPATIBILITY_DOC;
    const std::string document = harness::read_all(path);
    const std::string renewed = with_column(document, column(version), rows);
    const char* const mode = std::getenv("RESEAL_COMPAT");
    if (mode != nullptr && std::string(mode) == "write") {
        harness::write_all(path, renewed);
    } else {
        EXPECT_EQ(document, renewed) << "run it with RESEAL_COMPAT=write, and look at what changed";
    }
}

}  // namespace
}  // namespace compat
