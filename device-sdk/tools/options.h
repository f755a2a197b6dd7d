// SPDX-License-Identifier: Apache-2.0
// The command lines of the tools, with the conventions of mosquitto_pub and mosquitto_sub.
#pragma once

#include <reseal/connect.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/fault.h"

namespace reseal::tools {

enum class MqttVersion { v311, v5 };

// How to reach the broker.
struct ConnectionOptions {
    std::string host = "localhost";
    int port = 1883;     // 8883 by default with TLS
    int keepalive = 60;  // seconds
    MqttVersion version = MqttVersion::v5;
    std::string client_id;      // empty: the principal
    bool keep_session = false;  // the broker keeps the session while the client is away
    std::string cafile;         // empty: no TLS
    std::string cert;           // empty: only the sealed CONNECT proves the identity
    std::string key;
    bool cert_only = false;                   // with a certificate: no sealed CONNECT as well
    bool psk = false;                         // TLS with a key from the credentials, and the sealed CONNECT inside
    bool debug = false;                       // libmosquitto's own log on stderr
    std::optional<reseal_listener> listener;  // one without TLS; if empty, see listener_of()

    // Whether nobody on the path can answer in the broker's place.
    [[nodiscard]] bool protected_channel() const { return psk || !cafile.empty(); }
};

// The kind of listener that the options mean. Without TLS, the default is loopback for localhost, 127.0.0.0/8 and ::1,
// otherwise sealed.
reseal_listener listener_of(const ConnectionOptions& options);

// Options of all three tools that connect.
struct CommonOptions {
    ConnectionOptions connection;
    std::string credentials;  // path
    std::string state;        // path of the stored epoch; by default the credentials' path with ".epoch"
    int qos = 1;
};

enum class PayloadSource { argument, file, lines, whole_input, empty };

struct WillOptions {
    std::string topic;
    std::string payload;
    int qos = 0;
    bool retain = false;
};

struct PubOptions {
    CommonOptions common;
    std::string topic;
    PayloadSource source = PayloadSource::argument;
    std::string payload;  // the argument of -m, or the path of -f
    bool retain = false;
    std::optional<WillOptions> will;
    std::string output;  // path for the sealed message; empty: publish it
};

struct SubOptions {
    CommonOptions common;
    std::vector<std::string> filters;
    std::vector<std::string> unsealed = {"$SYS/#"};  // topics that come in clear
    std::string window;                              // path of the stored replay window; empty: in memory
    std::string file;                                // path of one message to open; empty: connect
    std::string dump;                                // folder for the messages as received; empty: none
    std::uint64_t count = 0;                         // messages to print before the end; 0: no end
    int wait_seconds = 0;                            // 0: no end
    bool verbose = false;
    bool newline = true;
};

struct CodecOptions {
    std::string credentials;
    std::string state;
    std::string window;
};

// `arguments` without the program's name. A fault is one of the command line, or the text of --help.
Checked<PubOptions> parse_pub_options(const std::vector<std::string>& arguments);
Checked<SubOptions> parse_sub_options(const std::vector<std::string>& arguments);
Checked<CodecOptions> parse_codec_options(const std::vector<std::string>& arguments);

// The client id to use: the principal, or the value of -i. That must be the principal or principal/anything: the broker
// allows this principal no other.
Checked<std::string> client_id(const ConnectionOptions& options, const std::string& principal);

// Whether a filter matches an MQTT topic name (MQTT 5 section 4.7).
bool topic_matches(const std::string& filter, const std::string& topic);

}  // namespace reseal::tools
