// SPDX-License-Identifier: Apache-2.0
// reseal-sim: simulated Picos that run the SDK itself.
#include "tools/sim/fleet.h"
#include "tools/tool_main.h"

namespace reseal::tools::sim {
namespace {

Checked<int> run(const std::vector<std::string>& arguments) {
    const auto options = parse_sim_options(arguments);
    if (!options) {
        return options.error();
    }
    const auto files = find_devices(*options);
    if (!files) {
        return files.error();
    }
    const auto fleet = Fleet::make(*options, *files);
    if (!fleet) {
        return fleet.error();
    }
    const auto well = (*fleet)->run();
    return well ? Checked<int>(*well ? 0 : 1) : well.error();
}

}  // namespace
}  // namespace reseal::tools::sim

int main(int argc, char** argv) {
    return reseal::tools::tool_main("reseal-sim", argc, argv, reseal::tools::sim::run);
}
