// SPDX-License-Identifier: Apache-2.0
// mosquitto.conf, as far as it decides whom Reseal is asked about. Pure: whoever calls reads the files.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/fault.h"

namespace reseal::config {

// One setting, and where it stands.
struct BrokerLine {
    std::string file;
    int line = 0;  // from 1
    std::string key;
    std::string value;  // without blanks at its ends; may be empty
};

// The settings in the text of one file, in their order. include_dir is one of them. Never fails: the broker itself says
// what it does not understand.
std::vector<BrokerLine> broker_lines(std::string_view text, const std::string& file);

// How the caller reads: a file's text, and the paths of what is in a folder.
struct BrokerFiles {
    std::function<Checked<std::string>(const std::string& path)> read;
    std::function<Checked<std::vector<std::string>>(const std::string& folder)> list;
};

// The settings of mosquitto.conf at `path` and of the files that it includes, in the order in which the broker reads
// them. Faults: those of `files`.
Checked<std::vector<BrokerLine>> read_broker(const std::string& path, const BrokerFiles& files);

struct BrokerListener {
    BrokerLine at;
    std::uint16_t port = 0;    // 0: a Unix socket
    std::string address;       // as written; empty: all addresses. Of a Unix socket, its path
    bool tls = false;          // certfile
    bool certificate = false;  // require_certificate
    bool psk = false;          // psk_hint
    bool websockets = false;
    std::optional<BrokerLine> mount_point;
    std::optional<BrokerLine> identity;  // use_identity_as_username or use_subject_as_username, if true
    std::vector<std::string> uses;       // names under plugin_use

    [[nodiscard]] bool on_loopback() const;
};

struct BrokerPlugin {
    BrokerLine at;
    std::string name;  // of plugin_load; otherwise empty
    std::string path;
    std::string config;   // plugin_opt_config
    bool for_all = true;  // false: only for the listeners that use it, by plugin_use
};

struct BridgedTopic {
    BrokerLine at;
    std::string pattern;
    std::string local_prefix;
    std::string remote_prefix;
};

struct BrokerSetup {
    std::vector<BrokerListener> listeners;
    std::vector<BrokerPlugin> plugins;  // as the broker asks them: first those for all listeners
    std::vector<BridgedTopic> bridged;
    std::optional<BrokerLine> per_listener;  // per_listener_settings true
    std::vector<BrokerLine> without_effect;  // password_file, acl_file, allow_anonymous true: the plugin decides
    std::optional<BrokerLine> psk_file;
    std::optional<BrokerLine> inflight_unlimited;  // max_inflight_messages 0
    std::string user = "mosquitto";
};

// `lines`: of all files, in the order in which the broker reads them.
BrokerSetup broker_setup(const std::vector<BrokerLine>& lines);

}  // namespace reseal::config
