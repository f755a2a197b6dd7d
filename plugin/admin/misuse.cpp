// SPDX-License-Identifier: Apache-2.0
#include "admin/misuse.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/nearest.h"
#include "base/quote.h"

namespace reseal::admin {
namespace {

std::string meant_or_all(std::string_view word, const std::vector<std::string>& known, const std::string& what) {
    const std::vector<std::string_view> views(known.begin(), known.end());
    if (const std::string_view meant = nearest(word, views); !meant.empty()) {
        return "did you mean '" + std::string(meant) + "'?";
    }
    std::string all;
    for (const std::string& each : known) {
        all.append(all.empty() ? "" : ", ").append(each);
    }
    return what + all;
}

std::vector<std::string> commands_of(const CLI::App& app) {
    std::vector<std::string> out;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        out.push_back(command->get_name());
    }
    return out;
}

std::vector<std::string> options_of(const CLI::App& app) {
    std::vector<std::string> out;
    for (const CLI::Option* option : app.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            out.push_back("--" + name);
        }
    }
    return out;
}

// The command that the parser reached, from "reseal-provision" on.
std::vector<const CLI::App*> chosen(const CLI::App& app) {
    std::vector<const CLI::App*> out{&app};
    while (!out.back()->get_subcommands().empty()) {
        out.push_back(out.back()->get_subcommands().front());
    }
    return out;
}

std::string first_not_understood(const CLI::App& app, bool option) {
    for (const std::string& word : app.remaining(true)) {
        if (word.starts_with("-") == option) {
            return printable(word);
        }
    }
    return {};
}

}  // namespace

std::string explain_misuse(const CLI::App& app, const CLI::ParseError& error) {
    const std::vector<const CLI::App*> path = chosen(app);
    if (const auto commands = commands_of(*path.back()); !commands.empty()) {
        const std::string word = first_not_understood(app, false);
        return (word.empty() ? "a command is missing" : quote(word) + " is not a command") + "; " +
               meant_or_all(word, commands, "the commands are ");
    }
    if (const std::string word = first_not_understood(app, true); !word.empty()) {
        std::vector<std::string> options;
        for (const CLI::App* each : path) {
            std::ranges::copy(options_of(*each), std::back_inserter(options));
        }
        return quote(word) + " is not an option of " + quote(path.back()->get_name()) + "; " +
               meant_or_all(word, options, "the options are ");
    }
    if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr) {
        return std::string(error.what()) + "; write a whole number";
    }
    return error.what();
}

}  // namespace reseal::admin
