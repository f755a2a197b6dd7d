// reseal-sim: simulated Picos that run the SDK itself.
#include "tools/sim/fleet.h"
#include "tools/tool_main.h"

namespace reseal::tools::sim {
namespace {

int run(const std::vector<std::string>& arguments) {
    const SimOptions options = parse_sim_options(arguments);
    return Fleet(options, find_devices(options)).run() ? 0 : 1;
}

}  // namespace
}  // namespace reseal::tools::sim

int main(int argc, char** argv) {
    return reseal::tools::tool_main("reseal-sim", argc, argv, reseal::tools::sim::run);
}
