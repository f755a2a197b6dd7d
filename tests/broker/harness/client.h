// SPDX-License-Identifier: Apache-2.0
// A libmosquitto client that records the answers and messages it received.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <mosquitto.h>

#include "harness/broker.h"
#include "harness/site.h"

namespace harness {

struct Message {
    std::string topic;
    Bytes payload;
    int qos = 0;
    bool retain = false;
    std::string content_type;
};

struct Will {
    std::string topic;
    Bytes payload;
    int qos = 0;
    bool retain = false;
};

struct ClientOptions {
    std::string client_id;  // empty: the principal
    int version = MQTT_PROTOCOL_V5;
    bool clean = true;
    std::uint32_t session_seconds = 0;  // MQTT 5: how long the session outlives the connection
    std::optional<Will> will;
    std::string certificate_folder;  // where ID.crt and ID.key are; empty: the principal's own
    bool tls = true;                 // false: on a listener without TLS, with user name and password
    std::uint16_t port = 0;          // 0: the broker's own listener, with or without TLS
    std::string username;
    std::string password;
    bool psk = false;  // TLS with the principal's pre-shared key, and user name and password inside
};

class Client {
  public:
    // Over TLS with the certificate of `principal`; does not connect yet.
    Client(const Site& site, const Broker& broker, const std::string& principal, const ClientOptions& options = {});
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    // The reason code of CONNACK. -1 if the connection broke before one came, or none came within `limit`: libmosquitto
    // does not report a failed handshake. Only another call reconnects after the connection ends.
    int connect(Milliseconds limit = patience);
    // Waits until the broker has closed the connection.
    [[nodiscard]] bool dropped(Milliseconds limit = patience);
    // Ends without DISCONNECT, like a device that loses power.
    void crash();
    void disconnect();

    // The reason code of SUBACK.
    int subscribe(const std::string& filter, int qos = 1);
    void unsubscribe(const std::string& filter);
    // The reason code of PUBACK or PUBCOMP (MQTT 5; 3.1.1: 0), -1 after the time limit. QoS 0: 0. "No matching
    // subscribers" is a success, and 0 here.
    int publish(const std::string& topic, const Bytes& payload, int qos = 1, bool retain = false);

    // The next message, or nothing after `limit`.
    std::optional<Message> receive(Milliseconds limit = patience);

  private:
    void use_tls(const Site& site, const std::string& principal, const std::string& folder);
    void use_psk(const Site& site, const std::string& principal);
    void listen();
    void run();
    void stop(Milliseconds grace);
    int answer(std::optional<int>& to);
    int answer_or_close(std::optional<int>& to, Milliseconds limit);

    struct mosquitto* handle_ = nullptr;
    std::uint16_t port_;
    ClientOptions options_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<Message> received_;
    std::optional<int> connected_;
    std::optional<int> subscribed_;
    std::optional<int> published_;
    bool dropped_ = false;
    bool ended_ = true;
    std::atomic<bool> stopping_ = false;
    std::thread loop_;
};

}  // namespace harness
