// SPDX-License-Identifier: Apache-2.0
#include "bench/options.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>

#include "bench/supply.h"
#include "tools/option_parts.h"

namespace bench {

using reseal::tools::add_number;
using reseal::tools::add_text;
using reseal::tools::Checked;
using reseal::tools::Done;
using reseal::tools::misuse;

namespace {

constexpr std::size_t clients_max = 60'000;
constexpr std::size_t payload_max = 1'000'000;
constexpr std::uint64_t messages_max = 1'000'000'000;
constexpr std::uint64_t prepared_max = 4'000'000'000;  // bytes
constexpr std::uint64_t around_payload = 400;          // bytes of a prepared packet at most, a topic of usual length

const std::map<std::string, LoginKind> logins = {{"anonymous", LoginKind::anonymous},
                                                 {"user", LoginKind::user},
                                                 {"sealed", LoginKind::sealed},
                                                 {"certificate", LoginKind::certificate}};

constexpr const char* footer =
    "Every message goes to every subscriber: --subscribers is the fan-out. First come the messages of --warm-up, "
    "then,\n"
    "when all of them have arrived, those of --messages, which alone are measured.\n\n"
    "Closed loop (default): --window messages are under way at a time. It shows the throughput.\n"
    "Open loop: --rate messages a second, whatever the broker does. It shows the latency; choose half of the\n"
    "throughput. A delivery's time counts from when its message was due, so that a stall is not hidden.\n\n"
    "The clients: --publisher and --subscriber name principals; {n} stands for 1, 2, ... Without {n} all\n"
    "subscribers are of one principal, with the client ids NAME/1, NAME/2, ... A topic's {id} is the publisher's "
    "name.\n"
    "--login and --seal take certificates and keys from --site, a folder made by `scripts/provision init`:\n"
    "  scripts/provision --dir SITE add bench-pub-1 --role wearable\n"
    "  scripts/provision --dir SITE export bench-pub-1 --format json --output "
    "SITE/principals/bench-pub-1/bench-pub-1.json\n"
    "and the same for bench-sub-1 with --role clinician. Messages are sealed before the clock runs, and what the "
    "broker\n"
    "sealed is not opened: it is matched by the order in which each publisher's messages arrive.\n\n"
    "Give the broker `max_inflight_messages 0`: Mosquitto 2.0.11 keeps what exceeds it until the subscriber's next "
    "message\n"
    "comes, so that the last ones seem lost.\n\n"
    "Several measurements with the same connections: --plan names a file, a line each with options from --qos to "
    "--window\n"
    "(--qos 0 --payload 64 --messages 5000 --rate 300); what a line leaves out is as on the command line. Subscribers\n"
    "subscribe with the highest QoS of the plan. After a loss all clients connect again.\n"
    "With --turns, which needs --output, it prints the line \"ready\" when it is connected and before each "
    "measurement, "
    "and\n"
    "waits for a line on standard input: so brokers that run side by side are measured in turn.\n\n"
    "The result is one JSON object a line for each measurement: settings, deliveries a second, latency in "
    "microseconds\n"
    "(histogram_ns: how many deliveries took no longer than so many nanoseconds, and longer than the step before), "
    "and,\n"
    "with --broker-pid, the broker's CPU seconds and memory. Exit status: 0 all was delivered, 1 not all, or the "
    "broker\n"
    "refused something; 2 the command line is wrong.\n\n"
    "Examples: reseal-bench -p 1883 --subscribers 100 -q 0 --broker-pid $(pidof mosquitto)\n"
    "          reseal-bench -p 8883 --login certificate --seal --site /etc/reseal --rate 2000 --messages 20000";

void add_broker(CLI::App& app, Options& options) {
    add_text(app, "-h,--host", options.host, "NAME", "broker to connect to (default: 127.0.0.1)");
    add_number(app, "-p,--port", options.port, 1, 65535, "its port")->required();
    const auto set_version = [&options](const std::string& name) {
        options.version = name.ends_with('5') ? mqtt::v5 : mqtt::v311;
    };
    app.add_option_function<std::string>("-V,--protocol-version", set_version,
                                         "mqttv5 (or 5) or mqttv311 (or 311) (default: mqttv5)")
        ->check(CLI::IsMember({"mqttv5", "5", "mqttv311", "311"}).description(""))
        ->type_name("VERSION");
    add_number(app, "--broker-pid", options.broker_pid, 1, 1 << 22, "its process id, to measure what it costs");
    add_number(app, "--patience", options.patience, 1, 3600,
               "seconds without any delivery after which the rest counts as lost (default: 10)");
}

void add_clients(CLI::App& app, Options& options) {
    app.add_option_function<std::string>(
           "--login", [&options](const std::string& name) { options.login = logins.at(name); },
           "anonymous, user (its name, no password), sealed (a sealed CONNECT), or certificate, over TLS (default: "
           "anonymous)")
        ->check(CLI::IsMember(logins).description(""))
        ->type_name("KIND");
    add_text(app, "--site", options.site, "DIR", "folder with ca/ and principals/, for certificates and keys")
        ->check(reseal::tools::existing_folder());
    add_number(app, "--publishers", options.publishers, std::size_t{1}, clients_max, "clients that send (default: 1)");
    add_number(app, "--subscribers", options.subscribers, std::size_t{1}, clients_max,
               "clients that receive, each every message (default: 1)");
    add_text(app, "--publisher", options.publisher, "NAME", "who sends (default: bench-pub-{n})");
    add_text(app, "--subscriber", options.subscriber, "NAME", "who receives (default: bench-sub-{n})");
    add_text(app, "--topic", options.topic, "TOPIC", "topic of each publisher (default: ward/{id}/bench)");
    add_text(app, "--filter", options.filter, "FILTER", "filter of each subscriber (default: ward/+/bench)");
    app.add_flag("--seal", options.seal, "send sealed messages (default: in clear)");
}

void add_load(CLI::App& app, Load& load) {
    add_number(app, "-q,--qos", load.qos, 0, 2, "quality of service, 0 to 2 (default: 1)");
    add_number(app, "--payload", load.payload, number_size, payload_max,
               "bytes of a message before sealing, 8 at least (default: 256)");
    add_number(app, "--messages", load.messages, std::uint64_t{1}, messages_max,
               "messages to measure, from all publishers together (default: 100000)");
    add_number(app, "--warm-up", load.warm_up, std::uint64_t{0}, messages_max,
               "messages sent before, not measured (default: 1000)");
    auto* rate = add_number(app, "--rate", load.rate, 0.01, 10'000'000.0, "open loop: messages a second");
    add_number(app, "--window", load.window, std::uint64_t{1}, messages_max,
               "closed loop: messages under way at a time (default: 64)")
        ->excludes(rate);
}

// One line of a plan, on top of what the command line says.
Checked<Load> planned(const std::string& line, const std::string& place, Load load) {
    CLI::App app;
    reseal::tools::prepare(app);
    add_load(app, load);
    std::istringstream words(line);
    const auto parsed = reseal::tools::parse(app, {std::istream_iterator<std::string>(words), {}});
    return parsed ? Checked<Load>(load) : misuse(place, parsed.error().text());
}

Checked<std::vector<Load>> read_plan(const std::string& path, const Load& load) {
    std::ifstream lines(path);
    std::vector<Load> out;
    std::string line;
    for (int number = 1; std::getline(lines, line); ++number) {
        if (line.empty() || line.front() == '#') {
            continue;
        }
        const auto one = planned(line, path + ":" + std::to_string(number), load);
        if (!one) {
            return one.error();
        }
        out.push_back(*one);
    }
    if (out.empty()) {
        return misuse("--plan " + path, "has no measurement; a line is like \"--payload 64 --messages 5000\"");
    }
    return out;
}

Checked<Done> check_names(const Options& options) {
    if (options.publishers > 1 && options.publisher.find("{n}") == std::string::npos) {
        return misuse("--publisher " + options.publisher,
                      "each publisher needs its own name: put {n} into it, which becomes 1, 2, ...");
    }
    if (options.publishers > 1 && options.topic.find("{id}") == std::string::npos) {
        return misuse("--topic " + options.topic,
                      "each publisher needs its own topic: put {id} into it, which becomes the publisher's name");
    }
    return Done{};
}

Checked<Done> check_topics(const Options& options) {
    if (auto checked = reseal::tools::check_topic("--topic", options.topic); !checked) {
        return checked;
    }
    if (auto checked = reseal::tools::check_filter("--filter", options.filter); !checked) {
        return checked;
    }
    if (!reseal::tools::topic_matches(options.filter, options.topic)) {
        return misuse("--filter " + options.filter,
                      "does not match --topic " + options.topic + ", so nothing would be delivered");
    }
    return Done{};
}

Checked<Done> check_files(const Options& options) {
    const bool needed = options.seal || options.login == LoginKind::sealed || options.login == LoginKind::certificate;
    if (needed && options.site.empty()) {
        return misuse({},
                      "--seal, --login sealed and --login certificate need --site: the folder with the principals' "
                      "keys and certificates, made by scripts/provision init");
    }
    return Done{};
}

Checked<Done> check_memory(const Options& options) {
    for (const Load& load : options.loads) {
        const std::uint64_t bytes = (load.messages + load.warm_up) * (load.payload + around_payload);
        if (options.seal && bytes > prepared_max) {
            return misuse("--messages " + std::to_string(load.messages),
                          "sealed messages are prepared in memory, at most " +
                              std::to_string(prepared_max / (load.payload + around_payload)) + " of this --payload");
        }
    }
    return Done{};
}

Checked<Options> checked(Options options) {
    for (const auto check : {check_names, check_topics, check_files, check_memory}) {
        if (const auto done = check(options); !done) {
            return done.error();
        }
    }
    return options;
}

}  // namespace

Checked<Options> parse_options(const std::vector<std::string>& arguments) {
    Options options;
    CLI::App app("Measures an MQTT broker: throughput, latency, and what the broker spends on it.", "reseal-bench");
    reseal::tools::prepare(app);
    add_broker(app, options);
    add_clients(app, options);
    Load load;
    add_load(app, load);
    std::string plan;
    add_text(app, "--plan", plan, "FILE", "file of measurements, one a line, for the same clients (default: one)")
        ->check(reseal::tools::existing_file());
    auto* output = add_text(app, "-o,--output", options.output, "FILE", "write the results there (default: stdout)");
    app.add_flag("--turns", options.turns, "wait for a line on standard input before each measurement")->needs(output);
    app.footer(footer);
    if (const auto parsed = reseal::tools::parse(app, arguments); !parsed) {
        return parsed.error();
    }
    const auto loads = plan.empty() ? std::vector{load} : read_plan(plan, load);
    if (!loads) {
        return loads.error();
    }
    options.loads = *loads;
    return checked(options);
}

const char* name_of(LoginKind login) {
    for (const auto& [name, kind] : logins) {
        if (kind == login) {
            return name.c_str();
        }
    }
    return "";
}

int highest_qos(const Options& options) {
    return std::ranges::max_element(options.loads, {}, &Load::qos)->qos;
}

}  // namespace bench
