// SPDX-License-Identifier: Apache-2.0
#include "tools/options.h"

#include <mosquitto.h>

#include <map>

#include "tools/option_parts.h"

namespace reseal::tools {
namespace {

void add_common(CLI::App& app, CommonOptions& options) {
    add_credentials(app, options.credentials, options.state).credentials->required();
    add_connection(app, options);
}

void add_will(CLI::App& app, WillOptions& will) {
    auto* topic =
        add_text(app, "--will-topic", will.topic, "TOPIC", "what the broker publishes if this client goes silent");
    add_text(app, "--will-payload", will.payload, "TEXT", "its payload, sealed before connecting")->needs(topic);
    add_number(app, "--will-qos", will.qos, 0, 2, "its quality of service (default: 0)")->needs(topic);
    app.add_flag("--will-retain", will.retain, "the broker retains it")->needs(topic);
}

void add_pub(CLI::App& app, PubOptions& options) {
    add_text(app, "-t,--topic", options.topic, "TOPIC", "topic to publish to")->required();
    add_text(app, "-m,--message", options.payload, "TEXT", "message to publish");
    add_text(app, "-f,--file", options.payload, "FILE", "file to publish as one message")->check(existing_file());
    app.add_flag("-l,--stdin-line")->description("publish each line of stdin as a message");
    app.add_flag("-s,--stdin-file")->description("publish all of stdin as one message");
    app.add_flag("-n,--null-message")->description("publish an empty message, sealed like any other");
    app.add_flag("-r,--retain", options.retain, "the broker retains the message");
    add_text(app, "-o,--output", options.output, "FILE", "write the sealed message to this file instead of connecting");
}

Checked<Done> choose_source(const CLI::App& app, PubOptions& options) {
    static const std::map<std::string, PayloadSource> sources = {{"--message", PayloadSource::argument},
                                                                 {"--file", PayloadSource::file},
                                                                 {"--stdin-line", PayloadSource::lines},
                                                                 {"--stdin-file", PayloadSource::whole_input},
                                                                 {"--null-message", PayloadSource::empty}};
    int chosen = 0;
    for (const auto& [option, source] : sources) {
        if (app.count(option) > 0) {
            options.source = source;
            ++chosen;
        }
    }
    if (chosen != 1) {
        return misuse(
            {},
            "say exactly once what to publish: -m MESSAGE, -f FILE, -l (one message a line), -s (all of stdin) or "
            "-n (an empty message)");
    }
    if (options.source == PayloadSource::lines && !options.output.empty()) {
        return misuse({}, "-o takes one message: use -m, -f, -s or -n instead of -l");
    }
    return Done{};
}

void add_sub(CLI::App& app, SubOptions& options) {
    app.add_option("-t,--topic", options.filters, "topic filter to subscribe to; may be given again")
        ->required()
        ->allow_extra_args(false)
        ->type_name("FILTER");
    add_number(app, "-C", options.count, count_min, count_max, "end after this many messages");
    add_number(app, "-W", options.wait_seconds, 1, 1'000'000, "end after this many seconds");
    app.add_flag("-v,--verbose", options.verbose, "print topic and payload");
    app.add_flag_callback(
        "-N", [&options] { options.newline = false; }, "print no newline after a payload");
    app.add_option("--unsealed", options.unsealed, "topics that arrive in clear, printed as they are (default: $SYS/#)")
        ->allow_extra_args(false)
        ->type_name("FILTER");
    add_window(app, options.window);
    add_text(app, "-f,--file", options.file, "FILE",
             "open this message, as --dump wrote it, instead of connecting; -t is its topic")
        ->check(existing_file());
    add_text(app, "--dump", options.dump, "FOLDER",
             "write each message, as received, to FOLDER: 0001.bin, 0002.bin ...")
        ->check(existing_folder());
}

Checked<Done> check(const SubOptions& options) {
    if (auto checked = check_filters("-t", options.filters); !checked) {
        return checked;
    }
    if (!options.file.empty()) {
        if (auto checked = check_topic("-t", options.filters.front()); !checked) {
            return checked;
        }
    }
    return check_filters("--unsealed", options.unsealed);
}

}  // namespace

Checked<PubOptions> parse_pub_options(const std::vector<std::string>& arguments) {
    PubOptions options;
    WillOptions will;
    CLI::App app("Seals messages for one topic and publishes them.", "reseal-pub");
    prepare(app);
    add_pub(app, options);
    add_will(app, will);
    add_common(app, options.common);
    app.footer(
        "Exit status: 0 everything was acknowledged with success (QoS 0: handed to the network; without TLS: the "
        "broker\n"
        "has said under seal that it accepted it), 1 something was refused or failed, 2 the command line is wrong.\n\n"
        "Example: reseal-pub --credentials iot_dev_01.json -t ward/iot_dev_01/vitals/pulse -m '{\"bpm\":72}'");
    if (const auto parsed = parse(app, arguments); !parsed) {
        return parsed.error();
    }
    complete(app, options.common);
    if (const auto checked = check_topic("-t", options.topic); !checked) {
        return checked.error();
    }
    if (const auto chosen = choose_source(app, options); !chosen) {
        return chosen.error();
    }
    if (app.count("--will-topic") > 0) {
        if (const auto checked = check_topic("--will-topic", will.topic); !checked) {
            return checked.error();
        }
        options.will = will;
    }
    return options;
}

Checked<SubOptions> parse_sub_options(const std::vector<std::string>& arguments) {
    SubOptions options;
    CLI::App app("Subscribes, opens each sealed message and prints its payload.", "reseal-sub");
    prepare(app);
    add_sub(app, options);
    add_common(app, options.common);
    app.footer(
        "A refused message is one line on stderr: the reason and the topic.\n"
        "Exit status: 0 ended as asked, 1 failed or fewer than -C messages came within -W seconds, 2 the command\n"
        "line is wrong.\n\n"
        "Example: reseal-sub --credentials nurse_07.json -v -t 'ward/+/vitals/#'");
    if (const auto parsed = parse(app, arguments); !parsed) {
        return parsed.error();
    }
    complete(app, options.common);
    if (const auto checked = check(options); !checked) {
        return checked.error();
    }
    return options;
}

Checked<CodecOptions> parse_codec_options(const std::vector<std::string>& arguments) {
    CodecOptions options;
    CLI::App app(
        "Seals and opens for a program in another language: one request a line on stdin, its answer on stdout.",
        "reseal-codec");
    prepare(app);
    add_credentials(app, options.credentials, options.state).credentials->required();
    add_window(app, options.window);
    app.footer(
        "Requests, one a line, answered in order; TOPIC, PAYLOAD and MESSAGE are hexadecimal, and an empty\n"
        "payload is nothing after the space:\n"
        "  seal TOPIC PAYLOAD   ok MESSAGE, to be published under that topic\n"
        "  open TOPIC MESSAGE   ok PAYLOAD, or refused and the reason: show nothing of such a message\n"
        "Any other line ends the program with status 1, as do failures; the end of stdin ends it with status 0.\n\n"
        "Keep one process running as long as the application: every start uses up an epoch at its first seal, and "
        "forgets,\n"
        "without --window, which messages were opened.\n\n"
        "Example, for \"72\" under the topic a/b: echo 'seal 612f62 3732' | reseal-codec --credentials nurse_07.json");
    if (const auto parsed = parse(app, arguments); !parsed) {
        return parsed.error();
    }
    options.state = state_or_default(options.state, options.credentials);
    return options;
}

Checked<std::string> client_id(const ConnectionOptions& options, const std::string& principal) {
    const std::string& id = options.client_id;
    if (id.empty() || id == principal) {
        return principal;
    }
    if (id.rfind(principal + "/", 0) != 0 || id.find_first_of("+#") != std::string::npos) {
        return misuse("-i", "'" + id + "' is not a client id of this principal: use " + principal + " or " + principal +
                                "/anything, without '+' and '#'");
    }
    return id;
}

reseal_listener listener_of(const ConnectionOptions& options) {
    if (options.psk) {
        return RESEAL_LISTENER_PSK;
    }
    if (!options.cert.empty()) {
        return RESEAL_LISTENER_TLS;
    }
    const bool here = options.host == "localhost" || options.host == "::1" || options.host.rfind("127.", 0) == 0;
    return options.listener.value_or(here ? RESEAL_LISTENER_LOOPBACK : RESEAL_LISTENER_SEALED);
}

bool topic_matches(const std::string& filter, const std::string& topic) {
    bool matches = false;
    return mosquitto_topic_matches_sub(filter.c_str(), topic.c_str(), &matches) == MOSQ_ERR_SUCCESS && matches;
}

}  // namespace reseal::tools
