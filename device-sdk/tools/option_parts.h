// SPDX-License-Identifier: Apache-2.0
// The parts of the tools' command lines.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tools/options.h"

namespace reseal::tools {

inline constexpr std::uint64_t count_min = 1;
inline constexpr std::uint64_t count_max = 1'000'000'000'000;

// Call before adding any option: -h names the host, as in mosquitto_pub.
void prepare(CLI::App& app);

// The help shows a value's type once, with type_name; errors still state the range.
CLI::Validator existing_file();
CLI::Validator existing_folder();

CLI::Option* add_text(CLI::App& app, const char* name, std::string& text, const char* kind, const char* description);

template <class Number>
CLI::Option* add_number(CLI::App& app, const char* name, Number& value, Number low, Number high,
                        const char* description) {
    return app.add_option(name, value, description)->check(CLI::Range(low, high).description(""))->type_name("N");
}

// The two of --credentials and --state.
struct CredentialsOptions {
    CLI::Option* credentials;
    CLI::Option* state;
};
CredentialsOptions add_credentials(CLI::App& app, std::string& credentials, std::string& state);

// Broker, protocol, TLS and QoS.
void add_connection(CLI::App& app, CommonOptions& options);

// For tools that receive.
void add_window(CLI::App& app, std::string& window);

// The options' variables are set afterwards. A fault is one of the command line, or the text of --help.
Checked<Done> parse(CLI::App& app, const std::vector<std::string>& arguments);

// `text` with `value` in place of each `name`, as "{id}".
std::string filled(std::string text, std::string_view name, const std::string& value);

std::string state_or_default(const std::string& state, const std::string& credentials);

// Checks that involve more than one option. Call after parse.
void complete(const CLI::App& app, CommonOptions& options);

Checked<Done> check_topic(const std::string& option, const std::string& topic);
Checked<Done> check_filter(const std::string& option, const std::string& filter);
Checked<Done> check_filters(const std::string& option, const std::vector<std::string>& filters);

}  // namespace reseal::tools
