// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/options.h"

#include "tools/option_parts.h"

namespace reseal::tools::sim {
namespace {

constexpr std::size_t queue_max = 1'000'000;
constexpr std::size_t devices_max = 100'000;

constexpr const char* footer =
    "One device, or many: --credentials-dir takes every credentials file DIR/ID.json and DIR/ID/ID.json. Each device\n"
    "has its own connection, and its own epoch in a file next to its credentials. With --cafile each logs in with the\n"
    "certificate ID.crt and the key ID.key next to them, as in the folder `principals` of a site, else with a sealed\n"
    "CONNECT.\n\n"
    "Readings go to PREFIX/ecg, /pulse, /temperature and /acceleration in turn, or, with --legacy-topics, all to\n"
    "PREFIX/sensors, as {\"Temp\",\"TempMcu\",\"PulseSig\",\"Acel_x\",\"Acel_y\",\"Acel_z\",\"TempMpu\"}, seven "
    "strings.\n"
    "An ECG reading holds the last 80 ms: at 50 readings a second no part of the ECG is missing.\n\n"
    "While it runs, on a terminal, single keys change what it does; ? lists them.\n\n"
    "Exit status: 0 every reading was acknowledged with success, 1 some were refused, dropped or left, 2 the\n"
    "command line is wrong.\n\n"
    "Examples: reseal-sim --credentials iot_dev_01.json --rate 10 --seconds 60\n"
    "          reseal-sim --credentials-dir /etc/reseal/principals --only 'iot_*' --cafile ca.crt --rate 1";

void add_which(CLI::App& app, SimOptions& options) {
    const auto [credentials, state] = add_credentials(app, options.common.credentials, options.common.state);
    auto* folder = add_text(app, "--credentials-dir", options.credentials_dir, "DIR",
                            "folder with the credentials files of many devices, instead");
    folder->check(existing_folder());
    auto* only =
        add_text(app, "--only", options.only, "PATTERN", "of these, only those whose names match (default: *)");
    auto* devices = add_number(app, "--devices", options.devices, std::size_t{1}, devices_max,
                               "of these, only the first N by name (default: all)");
    only->needs(folder);
    devices->needs(folder);
    state->needs(credentials);
    folder->excludes(credentials);
}

void add_stream(CLI::App& app, SimOptions& options) {
    add_number(app, "--rate", options.rate, 0.01, 10'000.0,
               "readings a second from each device, 0.01 to 10000 (default: 4)");
    add_number(app, "--count", options.count, count_min, count_max, "each device ends after this many readings");
    add_number(app, "--seconds", options.seconds, 1, 1'000'000, "each device ends after this many seconds");
    add_number(app, "--queue", options.queue, std::size_t{1}, queue_max,
               "readings that each device keeps while it has no connection (default: 1024)");
    add_number(app, "--connect-rate", options.connect_rate, 0.1, 10'000.0,
               "connects a second by all devices together (default: 100)");
    add_text(app, "--topic-prefix", options.topic_prefix, "TOPIC",
             "where readings go; {id} stands for the principal (default: ward/{id}/vitals)");
    app.add_flag_callback(
        "--legacy-topics", [&options] { options.layout = Layout::legacy; },
        "seven values in one reading, each a string, under PREFIX/sensors");
}

void add_patient(CLI::App& app, SimOptions& options) {
    HeartRate& heart = options.patient.heart_rate;
    add_number(app, "--heart-rate", heart.mean, 30.0, 200.0,
               "mean heart rate, in beats a minute, 30 to 200 (default: 72)");
    add_number(app, "--heart-rate-sd", heart.deviation, 0.0, 20.0, "its standard deviation, 0 to 20 (default: 2)");
    add_number(app, "--lf-hf", heart.lf_hf_ratio, 0.01, 100.0,
               "ratio of its variability at 0.1 Hz to that at 0.25 Hz (default: 0.5)");
    add_number(app, "--noise", options.patient.noise, 0.0, 1.0,
               "noise of the ECG, in millivolts to each side, 0 to 1 (default: 0.02)");
    app.add_option("--seed", options.seed, "the same seed gives the same readings (default: 1)")->type_name("N");
}

void add_output(CLI::App& app, SimOptions& options) {
    add_window(app, options.window);
    app.add_flag("--menu", options.menu, "take keys from stdin even if it is not a terminal");
    app.add_flag("--progress", options.progress, "print a line a second on stderr even if it is not a terminal");
    add_text(app, "--report", options.report, "FILE", "write the final report to FILE, as JSON");
    app.add_flag("-v,--verbose", options.verbose, "print the payload of commands too");
}

Checked<Done> check_devices(const SimOptions& options) {
    const bool many = !options.credentials_dir.empty();
    if (!many && options.common.credentials.empty()) {
        return misuse({}, "say who sends: --credentials FILE for one device, or --credentials-dir DIR for many");
    }
    const ConnectionOptions& connection = options.common.connection;
    if (many && (!connection.client_id.empty() || !connection.cert.empty())) {
        return misuse({}, "-i, --cert and --key belong to one device: with --credentials-dir each has its own");
    }
    return Done{};
}

}  // namespace

Checked<SimOptions> parse_sim_options(const std::vector<std::string>& arguments) {
    SimOptions options;
    CLI::App app("Simulated Picos: stream vital signs, sealed, and open the commands sent to them.", "reseal-sim");
    prepare(app);
    add_which(app, options);
    add_stream(app, options);
    add_patient(app, options);
    add_output(app, options);
    add_connection(app, options.common);
    app.footer(footer);
    if (const auto parsed = parse(app, arguments); !parsed) {
        return parsed.error();
    }
    if (const auto checked = check_devices(options); !checked) {
        return checked.error();
    }
    complete(app, options.common);
    const auto checked = check_topic("--topic-prefix", topic_for(options.topic_prefix, "id"));
    return checked ? Checked<SimOptions>(std::move(options)) : checked.error();
}

std::string topic_for(const std::string& topic, const std::string& principal) {
    return filled(topic, "{id}", principal);
}

}  // namespace reseal::tools::sim
