// SPDX-License-Identifier: Apache-2.0
// reseal-bench: what load a broker sustains, and what it costs.
#include <cstdio>
#include <fstream>
#include <iostream>

#include "bench/engine.h"
#include "bench/failure.h"
#include "bench/result.h"
#include "tools/tool_main.h"

namespace bench {
namespace {

// All clients of a run, connected.
struct Connected {
    explicit Connected(const Options& options) : clients(options), engine(options, clients) { engine.connect(); }

    Clients clients;
    Engine engine;
};

Memory memory_now(const Options& options) {
    return options.broker_pid == 0 ? Memory{} : memory_of(options.broker_pid);
}

// True if all of it arrived.
bool warm_up(Connected& connected, const Supply& supply, const Options& options, const Load& load) {
    const Phase phase = connected.engine.run(supply, load, load.warm_up);
    const std::uint64_t wanted = load.warm_up * options.subscribers;
    if (phase.matcher.deliveries() == wanted && phase.acknowledged) {
        return true;
    }
    std::cerr << "reseal-bench: of the warm-up, " << phase.matcher.deliveries() << " of " << wanted
              << " deliveries came within the patience of " << options.patience
              << " s; the broker's log may say why; see also max_inflight_messages in --help\n";
    return false;
}

// Nothing more is sent if the warm-up loses something.
Measured measure(Connected& connected, const Options& options, const Load& load) {
    const auto before = connected.clients.supply(load, load.warm_up);
    const auto supply = connected.clients.supply(load, load.messages);
    Measured out{.load = load, .memory_before = memory_now(options)};
    const std::uint64_t messages = warm_up(connected, *before, options, load) ? load.messages : 0;
    out.phase = connected.engine.run(*supply, load, messages);
    out.memory = memory_now(options);
    return out;
}

// Says that it is ready for a measurement, and waits until it is told to begin.
void await_turn() {
    std::cout << "ready" << std::endl;
    if (std::string line; !std::getline(std::cin, line)) {
        throw Failure("--turns: standard input ended before the last measurement");
    }
}

// True if nothing was lost. After a loss all clients reconnect, so that leftovers are not taken for later messages.
bool measure_all(const Options& options, std::ostream& results) {
    std::unique_ptr<Connected> connected;
    bool whole = true;
    for (const Load& load : options.loads) {
        if (!connected) {
            connected = std::make_unique<Connected>(options);
        }
        if (options.turns) {
            await_turn();
        }
        const Measured measured = measure(*connected, options, load);
        if (!(results << result_json(options, measured)).flush()) {
            throw Failure("the result cannot be written");
        }
        if (!complete(options, measured)) {
            whole = false;
            connected.reset();
        }
    }
    return whole;
}

bool measure_all(const Options& options) {
    if (options.output.empty()) {
        return measure_all(options, std::cout);
    }
    std::ofstream file(options.output, std::ios::trunc);
    if (!file) {
        throw Failure(options.output + ": cannot be written");
    }
    return measure_all(options, file);
}

reseal::tools::Checked<int> run(const std::vector<std::string>& arguments) {
    const auto options = parse_options(arguments);
    if (!options) {
        return options.error();
    }
    try {
        return measure_all(*options) ? 0 : 1;
    } catch (const Failure& failure) {
        return reseal::tools::Fault{.problem = failure.what()};
    }
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
    return reseal::tools::tool_main("reseal-bench", argc, argv, bench::run);
}
