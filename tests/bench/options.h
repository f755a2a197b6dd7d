// SPDX-License-Identifier: Apache-2.0
// The command line of reseal-bench.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/fault.h"

namespace bench {

// How a client authenticates to the broker.
enum class LoginKind {
    anonymous,    // nothing, over TCP
    user,         // its name alone, over TCP
    sealed,       // a sealed CONNECT, over TCP
    certificate,  // over TLS
};

// One measurement: what is sent and how fast.
struct Load {
    int qos = 1;
    std::size_t payload = 256;  // bytes before sealing
    std::uint64_t messages = 100'000;
    std::uint64_t warm_up = 1'000;
    double rate = 0;            // messages a second of all publishers; 0: closed loop
    std::uint64_t window = 64;  // of the closed loop
};

struct Options {
    std::string host = "127.0.0.1";
    int port = 0;
    int version = 5;  // of MQTT, as in CONNECT: 4 is 3.1.1
    LoginKind login = LoginKind::anonymous;
    bool seal = false;
    std::string site;  // path; empty if not needed

    std::size_t publishers = 1;
    std::size_t subscribers = 1;
    std::string publisher = "bench-pub-{n}";  // principals' names
    std::string subscriber = "bench-sub-{n}";
    std::string topic = "ward/{id}/bench";
    std::string filter = "ward/+/bench";

    std::vector<Load> loads;  // one after the other; at least one
    int patience = 10;        // seconds

    int broker_pid = 0;  // 0: not watched
    std::string output;  // path; empty: stdout
    bool turns = false;  // waits for its turn before each measurement
};

// `arguments` without the program's name. A fault is one of the command line, or the text of --help.
reseal::tools::Checked<Options> parse_options(const std::vector<std::string>& arguments);

const char* name_of(LoginKind login);

// The highest QoS of the loads, which the subscribers ask for.
int highest_qos(const Options& options);

}  // namespace bench
