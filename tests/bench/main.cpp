// reseal-bench: what a broker bears, and what it spends on it.
#include <cstdio>
#include <fstream>

#include "bench/engine.h"
#include "bench/result.h"
#include "tools/failure.h"
#include "tools/tool_main.h"

namespace bench {
namespace {

using reseal::tools::Failure;

Pacer pacer_for(const Options& options) {
    return options.rate > 0 ? Pacer::open_loop(options.rate, Clock::now()) : Pacer::closed_loop(options.window);
}

void warm_up(Engine& engine, const Clients& clients, const Options& options) {
    const Phase phase = engine.run(clients.warm_up(), options.warm_up, pacer_for(options));
    const std::uint64_t wanted = options.warm_up * options.subscribers;
    if (phase.matcher.deliveries() != wanted || !phase.acknowledged) {
        throw Failure("of the warm-up, " + std::to_string(phase.matcher.deliveries()) + " of " +
                      std::to_string(wanted) + " deliveries came within the patience of " +
                      std::to_string(options.patience) +
                      " s; the broker's log may say why; see also max_inflight_messages in --help");
    }
}

void write(const Options& options, const std::string& result) {
    if (options.output.empty()) {
        (void)std::fputs(result.c_str(), stdout);
        return;
    }
    std::ofstream file(options.output, std::ios::trunc);
    if (!(file << result).flush()) {
        throw Failure(options.output + ": cannot be written");
    }
}

int run(const std::vector<std::string>& arguments) {
    const Options options = parse_options(arguments);
    Clients clients(options);
    Engine engine(options, clients);
    engine.connect();
    warm_up(engine, clients, options);
    const Phase phase = engine.run(clients.messages(), options.messages, pacer_for(options));
    write(options, result_json(options, phase, options.broker_pid == 0 ? Memory{} : memory_of(options.broker_pid)));
    return complete(options, phase) ? 0 : 1;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
    return reseal::tools::tool_main("reseal-bench", argc, argv, bench::run);
}
