// SPDX-License-Identifier: Apache-2.0
#include "config/broker_setup.h"

#include <strings.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>

namespace reseal::config {
namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text) {
    const std::size_t from = text.find_first_not_of(blanks);
    return from == std::string_view::npos ? "" : text.substr(from, text.find_last_not_of(blanks) - from + 1);
}

// The first word of `text`, which loses it.
std::string take_word(std::string_view& text) {
    const std::size_t end = std::min(text.find_first_of(blanks), text.size());
    std::string word(text.substr(0, end));
    text = trimmed(text.substr(end));
    return word;
}

bool is_true(const BrokerLine& line) {
    return line.value == "true" || line.value == "1";
}

// `""` is how a bridge's empty prefix is written.
std::string prefix(const std::string& word) {
    return word == "\"\"" ? std::string() : word;
}

// topic PATTERN [DIRECTION [QOS [LOCAL-PREFIX [REMOTE-PREFIX]]]]
BridgedTopic bridged_topic(const BrokerLine& line) {
    std::string_view rest = line.value;
    BridgedTopic out{.at = line, .pattern = take_word(rest), .local_prefix = {}, .remote_prefix = {}};
    take_word(rest);
    take_word(rest);
    out.local_prefix = prefix(take_word(rest));
    out.remote_prefix = prefix(take_word(rest));
    return out;
}

Checked<std::vector<BrokerLine>> lines_of(const std::string& path, const BrokerFiles& files) {
    const auto text = files.read(path);
    return text ? Checked<std::vector<BrokerLine>>(broker_lines(*text, path)) : text.error();
}

// Mosquitto takes the names that end in .conf, in the order of their letters without regard to case.
Checked<std::vector<BrokerLine>> included(const std::string& folder, const BrokerFiles& files) {
    auto paths = files.list(folder);
    if (!paths) {
        return paths.error();
    }
    std::erase_if(*paths, [](const std::string& path) { return !path.ends_with(".conf"); });
    std::ranges::sort(*paths, [](const auto& a, const auto& b) { return ::strcasecmp(a.c_str(), b.c_str()) < 0; });
    std::vector<BrokerLine> all;
    for (const std::string& path : *paths) {
        auto more = lines_of(path, files);
        if (!more) {
            return more.error();
        }
        std::ranges::move(*more, std::back_inserter(all));
    }
    return all;
}

BrokerListener listener(const BrokerLine& line) {
    BrokerListener out{.at = line};
    std::string_view rest = line.value;
    const std::string port = take_word(rest);
    (void)std::from_chars(port.data(), port.data() + port.size(), out.port);
    out.address = rest;
    return out;
}

class Assembly {
  public:
    void add(const BrokerLine& line) {
        if (line.key == "listener" || line.key == "port") {
            setup_.listeners.push_back(listener(line));
        } else if (!plugin(line) && !of_listener(line)) {
            global(line);
        }
    }

    BrokerSetup finish() && {
        (void)std::stable_partition(setup_.plugins.begin(), setup_.plugins.end(),
                                    [](const BrokerPlugin& plugin) { return plugin.for_all; });
        return std::move(setup_);
    }

  private:
    bool plugin(const BrokerLine& line) {
        constexpr std::array loads = {"plugin", "auth_plugin", "global_plugin"};
        if (std::ranges::find(loads, line.key) != loads.end()) {
            setup_.plugins.push_back({.at = line, .name = {}, .path = line.value, .config = {}});
            setup_.plugins.back().for_all = line.key == "global_plugin" || !setup_.per_listener;
        } else if (line.key == "plugin_load") {
            std::string_view rest = line.value;
            std::string name = take_word(rest);
            setup_.plugins.push_back(
                {.at = line, .name = std::move(name), .path = std::string(rest), .config = {}, .for_all = false});
        } else if ((line.key == "plugin_opt_config" || line.key == "auth_opt_config") && !setup_.plugins.empty()) {
            setup_.plugins.back().config = line.value;
        } else {
            return false;
        }
        return true;
    }

    bool of_listener(const BrokerLine& line) {
        if (setup_.listeners.empty()) {
            return false;
        }
        BrokerListener& last = setup_.listeners.back();
        if (line.key == "certfile") {
            last.tls = true;
        } else if (line.key == "require_certificate") {
            last.certificate = is_true(line);
        } else if (line.key == "psk_hint") {
            last.psk = true;
        } else if (line.key == "protocol") {
            last.websockets = line.value == "websockets";
        } else if (line.key == "bind_address" && last.at.key == "port") {
            last.address = line.value;
        } else if (line.key == "mount_point") {
            last.mount_point = line;
        } else if (line.key == "plugin_use") {
            last.uses.push_back(line.value);
        } else if (line.key == "use_identity_as_username" || line.key == "use_subject_as_username") {
            last.identity = is_true(line) ? std::optional(line) : last.identity;
        } else {
            return false;
        }
        return true;
    }

    void global(const BrokerLine& line) {
        if (line.key == "per_listener_settings") {
            setup_.per_listener = is_true(line) ? std::optional(line) : std::nullopt;
        } else if (line.key == "password_file" || line.key == "acl_file" ||
                   (line.key == "allow_anonymous" && is_true(line))) {
            setup_.without_effect.push_back(line);
        } else if (line.key == "psk_file") {
            setup_.psk_file = line;
        } else if (line.key == "max_inflight_messages" && line.value == "0") {
            setup_.inflight_unlimited = line;
        } else if (line.key == "topic") {
            setup_.bridged.push_back(bridged_topic(line));
        } else if (line.key == "user") {
            setup_.user = line.value;
        }
    }

    BrokerSetup setup_;
};

}  // namespace

std::vector<BrokerLine> broker_lines(std::string_view text, const std::string& file) {
    std::vector<BrokerLine> out;
    int number = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (!line.empty() && line.front() != '#') {
            std::string key = take_word(line);
            out.push_back({.file = file, .line = number, .key = std::move(key), .value = std::string(line)});
        }
    }
    return out;
}

Checked<std::vector<BrokerLine>> read_broker(const std::string& path, const BrokerFiles& files) {
    auto lines = lines_of(path, files);
    if (!lines) {
        return lines.error();
    }
    std::vector<BrokerLine> all;
    for (BrokerLine& line : *lines) {
        if (line.key != "include_dir") {
            all.push_back(std::move(line));
            continue;
        }
        auto more = included(line.value, files);
        if (!more) {
            return more.error();
        }
        std::ranges::move(*more, std::back_inserter(all));
    }
    return all;
}

bool BrokerListener::on_loopback() const {
    return (port == 0 && !address.empty()) || address == "localhost" || address == "::1" || address.starts_with("127.");
}

BrokerSetup broker_setup(const std::vector<BrokerLine>& lines) {
    Assembly assembly;
    std::ranges::for_each(lines, [&](const BrokerLine& line) { assembly.add(line); });
    return std::move(assembly).finish();
}

}  // namespace reseal::config
