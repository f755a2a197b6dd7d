// SPDX-License-Identifier: Apache-2.0
// reseal-attacker: plays an attacker with its own certificates and keys against a real broker, until a promise breaks
// or the time is over. See tests/fuzz/broker --help.
#include <chrono>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>

#include <CLI/CLI.hpp>

#include "fuzz/attacker/session.h"

namespace attacker {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
    unsigned seconds = 60;
    unsigned steps = 4000;  // per round; each round starts a new broker
    std::uint64_t seed = std::random_device{}();
    std::string findings;  // a folder
    bool without_plugin = false;
    bool crashes_only = false;
};

struct Sums {
    std::size_t rounds = 0;
    std::size_t arrivals = 0;
    std::size_t repeated = 0;
    Counts packets{};
};

// The lines of the broker's log that show why.
std::string last_of(const std::string& log) {
    constexpr std::size_t most = 20000;
    const std::size_t finding = log.find("Sanitizer");
    if (finding != std::string::npos) {
        return log.substr(finding > 200 ? finding - 200 : 0, most);
    }
    return log.size() > most ? log.substr(log.size() - most) : log;
}

void disturb(World& world, Dice& dice, std::vector<Session>& sessions) {
    const auto what = dice.below(8);
    if (what < 2) {
        world.trace.note(what == 0 ? "the broker is killed" : "the broker is restarted");
        what == 0 ? world.kill() : world.restart();
        for (Session& session : sessions) {
            session.drop();
        }
    } else if (what < 4) {
        world.trace.note("the broker reads its configuration again");
        world.reload();
    }
}

void attack(World& world, Dice& dice, const Options& options, Sums& sums, Clock::time_point until) {
    constexpr unsigned between_checks = 100;
    constexpr unsigned between_disturbances = 700;
    std::vector<Session> sessions;
    for (int i = 0; i < 8; ++i) {
        sessions.emplace_back(world, dice, sums.packets);
    }
    for (unsigned i = 1; i <= options.steps && Clock::now() < until; ++i) {
        sessions[dice.below(sessions.size())].step();
        if (i % between_checks == 0) {
            world.check_honest_work();
        }
        if (i % between_disturbances == 0) {
            disturb(world, dice, sessions);
        }
    }
    world.check_honest_work();
}

void report(const Options& options, std::uint64_t seed, const std::string& what) {
    std::cerr << "found: " << what.substr(0, 300) << "\n  again with: --seed " << seed << "\n";
    if (!options.findings.empty()) {
        std::filesystem::create_directories(options.findings);
        const std::string path = options.findings + "/" + std::to_string(seed) + ".txt";
        std::ofstream(path) << what;
        std::cerr << "  what was sent, and the broker's log: " << path << "\n";
    }
}

// False if a promise broke.
bool round(const Options& options, std::uint64_t seed, Sums& sums, Clock::time_point until) {
    harness::Site site;
    furnish(site);
    Dice dice(seed);
    const Settings settings{.plugin = !options.without_plugin,
                            .checks = !options.crashes_only,
                            .require_key = dice.one_in(3),
                            .budgets = dice.one_in(3),
                            .web_sockets = dice.one_in(4)};
    World world(site, settings, dice);
    try {
        attack(world, dice, options, sums, until);
        world.end();
    } catch (const std::exception& error) {
        report(options, seed,
               std::string(error.what()) + "\n\n" + world.trace.text() + "\n" + last_of(world.broker().log()));
        return false;
    }
    ++sums.rounds;
    sums.arrivals += world.ledger.arrivals();
    sums.repeated += world.ledger.repeated();
    return true;
}

void print(const Sums& sums) {
    std::size_t all = 0;
    for (const std::size_t count : sums.packets) {
        all += count;
    }
    std::cout << sums.rounds << " rounds, " << all << " packets (" << sums.packets[1] << " CONNECT, " << sums.packets[3]
              << " PUBLISH, " << sums.packets[8] << " SUBSCRIBE), " << sums.arrivals << " arrived at the observer, "
              << sums.repeated << " again as QoS 1 allows, or after the broker was killed\n";
}

int run(const Options& options) {
    Sums sums;
    bool good = true;
    const auto until = Clock::now() + std::chrono::seconds(options.seconds);
    for (std::uint64_t seed = options.seed; good && Clock::now() < until; ++seed) {
        good = round(options, seed, sums, until);
    }
    print(sums);
    return good ? 0 : 1;
}

}  // namespace
}  // namespace attacker

int main(int argc, char** argv) {
    attacker::Options options;
    CLI::App app("Attacks a broker: see tests/fuzz/broker --help");
    app.add_option("--seconds", options.seconds)->check(CLI::Range(1, 1000000));
    app.add_option("--steps", options.steps)->check(CLI::Range(1, 1000000));
    app.add_option("--seed", options.seed);
    app.add_option("--findings", options.findings);
    app.add_flag("--without-plugin", options.without_plugin);
    app.add_flag("--crashes-only", options.crashes_only);
    try {
        app.parse(argc, argv);
        setenv("RESEAL_TEST_LEAKS", RESEAL_LEAKS, 1);
        const harness::SpoiltMemory spoilt;
        return attacker::run(options);
    } catch (const CLI::ParseError& error) {
        return app.exit(error);
    } catch (const std::exception& error) {
        std::cerr << "reseal-attacker: " << error.what() << "\n";
        return 2;
    }
}
