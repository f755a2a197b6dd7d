// SPDX-License-Identifier: Apache-2.0
// reseal-kill: plays every row with one broker, without and with the plugin, and prints the tables of
// docs/reliability.md.
#include <exception>
#include <fstream>
#include <iostream>
#include <random>
#include <set>

#include <CLI/CLI.hpp>

#include "harness/broker.h"
#include "load/faults/document.h"

namespace faults {
namespace {

struct Options {
    std::string plugin = harness::plugin();
    std::size_t rounds = 30;
    unsigned seed = std::random_device{}();
    std::string output;
    std::string only;  // "packets", or an event in words; empty: everything

    [[nodiscard]] bool wants(const std::string& what) const { return only.empty() || only == what; }
};

std::string packets(Hospital& hospital) {
    std::vector<Column> columns;
    for (const auto& [fault, store] :
         {std::pair{Fault::cut, Store::none}, std::pair{Fault::sigterm, Store::none},
          std::pair{Fault::sigterm, Store::each_change}, std::pair{Fault::sigkill, Store::none},
          std::pair{Fault::sigkill, Store::each_change}}) {
        columns.push_back({.fault = fault, .store = store, .rows = at_every_packet(hospital, fault, store)});
    }
    return packet_table(columns);
}

std::string moments(Hospital& hospital, const Options& options) {
    std::string out = moment_head();
    unsigned seed = options.seed;
    std::set<std::string> missing;
    for (const Row& row : all_rows()) {
        if (!options.wants(in_words(row.event))) {
            continue;
        }
        if (const std::string why = left_out(row.event); !why.empty()) {
            missing.insert("Left out: " + in_words(row.event) + ", as " + why + ".");
            continue;
        }
        const Storm storm = at_random_moments(hospital, row, options.rounds, seed++);
        const std::string line = moment_line(storm);
        std::cerr << line << storm.without.stopped << storm.with.stopped << std::flush;
        out += line;
    }
    for (const std::string& line : missing) {
        out += "\n" + line + "\n";
    }
    return out;
}

void play(const Options& options) {
    Hospital hospital(options.plugin);
    const std::string title = "### Mosquitto " + harness::Mosquitto::version() + "\n\n";
    const std::string tables = (options.wants("packets") ? packets(hospital) + "\n" : "") + moments(hospital, options);
    if (options.output.empty()) {
        std::cout << title << tables;
    } else {
        harness::write_all(options.output, title + tables);
    }
    std::cerr << "--seed " << options.seed << " repeats these moments\n";
}

}  // namespace
}  // namespace faults

int main(int argc, char** argv) {
    faults::Options options;
    CLI::App app("Kills brokers and cuts connections, without and with the plugin: see tests/load/kill --help");
    app.add_option("--plugin", options.plugin)->check(CLI::ExistingFile);
    app.add_option("--rounds", options.rounds)->check(CLI::Range(1, 10000));
    app.add_option("--seed", options.seed);
    app.add_option("--output", options.output);
    app.add_option("--only", options.only);
    try {
        app.parse(argc, argv);
        faults::play(options);
    } catch (const CLI::ParseError& error) {
        return app.exit(error);
    } catch (const std::exception& error) {
        std::cerr << "reseal-kill: " << error.what() << "\n";
        return 1;
    }
    return 0;
}
