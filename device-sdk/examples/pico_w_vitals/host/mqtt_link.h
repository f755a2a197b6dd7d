// SPDX-License-Identifier: Apache-2.0
// One MQTT 3.1.1 connection at a time, with libmosquitto, like lwIP's client on the board: clean sessions, and the
// library does not retransmit.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <reseal/device.h>

#include "tools/fault.h"

struct mosquitto;

namespace reseal::vitals {

struct BrokerAddress {
    std::string host;
    int port = 0;
    std::string cafile;  // empty: no TLS
    std::string cert;
    std::string key;
};

struct Connected {};
struct Refused {
    std::string reason;
};
struct Lost {
    std::string reason;
};
struct Acknowledged {
    std::uint32_t number = 0;
};
struct Received {
    std::string topic;
    std::vector<std::uint8_t> payload;
};
using LinkEvent = std::variant<Connected, Refused, Lost, Acknowledged, Received>;

class MqttLink {
  public:
    static tools::Checked<std::unique_ptr<MqttLink>> make(BrokerAddress address);
    ~MqttLink();
    MqttLink(const MqttLink&) = delete;
    MqttLink& operator=(const MqttLink&) = delete;

    // The user name is the client id.
    void connect(const char* client_id, const char* password);
    bool publish(const reseal_message& message, std::uint32_t number);
    bool subscribe(const char* filter);
    void disconnect();

    // Sends and receives for at most `longest`, and returns what happened.
    std::deque<LinkEvent> work(std::chrono::milliseconds longest);

  private:
    struct Callbacks;

    explicit MqttLink(BrokerAddress address) : address_(std::move(address)) {}

    std::string open(const char* client_id, const char* password);
    void end(LinkEvent how);
    void destroy();

    BrokerAddress address_;
    mosquitto* handle_ = nullptr;
    bool ended_ = false;  // the handle is no longer usable
    std::deque<LinkEvent> events_;
    std::map<int, std::uint32_t> numbers_;  // of packet ids
};

}  // namespace reseal::vitals
