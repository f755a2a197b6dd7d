// SPDX-License-Identifier: Apache-2.0
#include "tools/option_parts.h"

#include <mosquitto.h>

#include <map>

namespace reseal::tools {
namespace {

constexpr int tls_port = 8883;

const std::map<std::string, MqttVersion> versions = {
    {"mqttv311", MqttVersion::v311}, {"311", MqttVersion::v311}, {"mqttv5", MqttVersion::v5}, {"5", MqttVersion::v5}};

void add_tls(CLI::App& app, ConnectionOptions& options) {
    auto* cafile = add_text(app, "--cafile", options.cafile, "FILE", "PEM file of the broker's CA; turns on TLS");
    auto* cert = add_text(app, "--cert", options.cert, "FILE", "PEM file of the certificate to connect with");
    auto* key = add_text(app, "--key", options.key, "FILE", "PEM file of its key");
    for (auto* option : {cafile, cert, key}) {
        option->check(existing_file());
    }
    cert->needs(cafile)->needs(key);
    key->needs(cert);
    app.add_flag("--cert-only", options.cert_only,
                 "show only the certificate, without proving the key of the credentials")
        ->needs(cert);
    app.add_flag("--psk", options.psk, "use TLS with a key derived from the credentials, without certificates")
        ->excludes(cafile);
}

void add_listener(CLI::App& app, ConnectionOptions& options) {
    static const std::map<std::string, reseal_listener> kinds = {{"sealed", RESEAL_LISTENER_SEALED},
                                                                 {"loopback", RESEAL_LISTENER_LOOPBACK}};
    app.add_option_function<std::string>(
           "--listener", [&options](const std::string& name) { options.listener = kinds.at(name); },
           "kind of a listener without TLS in reseal.yaml: sealed or loopback (default: loopback on this machine, "
           "else sealed)")
        ->check(CLI::IsMember({"sealed", "loopback"}).description(""))
        ->type_name("KIND");
}

void add_broker(CLI::App& app, ConnectionOptions& options) {
    add_text(app, "-h,--host", options.host, "NAME", "broker to connect to (default: localhost)");
    add_number(app, "-p,--port", options.port, 1, 65535, "its port (default: 1883, or 8883 with TLS)");
    add_text(app, "-i,--id", options.client_id, "ID",
             "client id: PRINCIPAL or PRINCIPAL/anything (default: PRINCIPAL)");
    add_number(app, "-k,--keepalive", options.keepalive, 5, 65535, "keep-alive interval in seconds (default: 60)");
    const auto set_version = [&options](const std::string& name) { options.version = versions.at(name); };
    app.add_option_function<std::string>("-V,--protocol-version", set_version,
                                         "mqttv5 (or 5) or mqttv311 (or 311) (default: mqttv5)")
        ->check(CLI::IsMember({"mqttv5", "5", "mqttv311", "311"}).description(""))
        ->type_name("VERSION");
    app.add_flag("-c,--disable-clean-session", options.keep_session,
                 "let the broker keep the session while disconnected");
    add_listener(app, options);
    add_tls(app, options);
    app.add_flag("-d,--debug", options.debug, "print the client's log on stderr");
}

}  // namespace

void prepare(CLI::App& app) {
    app.set_help_flag("--help", "print this and exit");
    app.get_formatter()->column_width(36);
}

CLI::Validator existing_file() {
    return CLI::ExistingFile.description("");
}

CLI::Validator existing_folder() {
    return CLI::ExistingDirectory.description("");
}

CLI::Option* add_text(CLI::App& app, const char* name, std::string& text, const char* kind, const char* description) {
    return app.add_option(name, text, description)->type_name(kind);
}

CredentialsOptions add_credentials(CLI::App& app, std::string& credentials, std::string& state) {
    return {add_text(app, "--credentials", credentials, "FILE", "credentials file of the principal (mode 0600)"),
            add_text(app, "--state", state, "FILE",
                     "file that keeps the epoch (default: the credentials file's name with .epoch)")};
}

void add_connection(CLI::App& app, CommonOptions& options) {
    add_number(app, "-q,--qos", options.qos, 0, 2, "quality of service, 0 to 2 (default: 1)");
    add_broker(app, options.connection);
}

void add_window(CLI::App& app, std::string& window) {
    add_text(app, "--window", window, "FILE", "keep the replay window in FILE.KEYID (default: in memory)");
}

std::string filled(std::string text, std::string_view name, const std::string& value) {
    for (std::size_t at = 0; (at = text.find(name, at)) != std::string::npos; at += value.size()) {
        text.replace(at, name.size(), value);
    }
    return text;
}

std::string state_or_default(const std::string& state, const std::string& credentials) {
    return state.empty() ? credentials + ".epoch" : state;
}

void complete(const CLI::App& app, CommonOptions& options) {
    options.state = state_or_default(options.state, options.credentials);
    if (options.connection.protected_channel() && app.count("--port") == 0) {
        options.connection.port = tls_port;
    }
}

Checked<Done> check_topic(const std::string& option, const std::string& topic) {
    if (topic.empty() || mosquitto_pub_topic_check(topic.c_str()) != MOSQ_ERR_SUCCESS) {
        return misuse(option, "'" + topic + "' is not a topic name: 1 to 65535 bytes without '+' and '#'");
    }
    return Done{};
}

Checked<Done> check_filter(const std::string& option, const std::string& filter) {
    if (filter.empty() || mosquitto_sub_topic_check(filter.c_str()) != MOSQ_ERR_SUCCESS) {
        return misuse(option,
                      "'" + filter + "' is not a topic filter: '+' stands alone between slashes, '#' alone at the end");
    }
    return Done{};
}

Checked<Done> check_filters(const std::string& option, const std::vector<std::string>& filters) {
    for (const std::string& filter : filters) {
        if (auto checked = check_filter(option, filter); !checked) {
            return checked;
        }
    }
    return Done{};
}

Checked<Done> parse(CLI::App& app, const std::vector<std::string>& arguments) {
    if (arguments.empty()) {
        return misuse({}, app.help());
    }
    try {
        app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::CallForHelp&) {
        return Fault{.problem = app.help(), .ending = Ending::help};
    } catch (const CLI::ParseError& error) {
        return misuse({}, std::string(error.what()) + "; see " + app.get_name() + " --help");
    }
    return Done{};
}

}  // namespace reseal::tools
