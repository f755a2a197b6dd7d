// SPDX-License-Identifier: Apache-2.0
// One MQTT client: a thin wrapper of libmosquitto's, driven by one thread. It neither seals nor opens.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "tools/fault.h"
#include "tools/options.h"
#include "tools/pre_shared_key.h"
#include "tools/stop_signal.h"

struct mosquitto;

namespace reseal::tools {

struct Login {
    std::string user_name;
    std::string password;
    std::optional<PreSharedKey> psk;  // TLS with it; if empty, as the connection's options say
};

// One of our PUBLISH exchanges is complete: at QoS 0 it was written, otherwise the broker answered.
struct Acknowledged {
    int id = 0;
    bool success = false;
    std::string reason;  // in the broker's words
};

struct Received {
    std::string topic;
    std::vector<std::uint8_t> payload;
};

// The broker's answer to a connect or a subscription.
struct MqttAnswer {
    bool success = false;
    bool final = false;   // for a refusal: the same attempt would get the same answer
    std::string problem;  // if it is a refusal
};

using MqttEvent = std::variant<Acknowledged, Received>;

class MqttClient {
  public:
    // Nothing is sent yet. `stop` ends every wait. A fault is for example a certificate that cannot be used.
    static Checked<std::unique_ptr<MqttClient>> make(const ConnectionOptions& options, const std::string& client_id,
                                                     const StopSignal& stop);
    ~MqttClient();
    MqttClient(const MqttClient&) = delete;
    MqttClient& operator=(const MqttClient&) = delete;

    // Before connect.
    Checked<Done> set_will(const std::string& topic, std::span<const std::uint8_t> payload, int qos, bool retain);

    // Connects, or reconnects after the connection was lost. Unacknowledged messages are then sent again, the same
    // bytes in the same order. Waits for the broker's answer.
    Checked<Done> connect(const std::optional<Login>& login);

    [[nodiscard]] bool connected() const { return connected_; }
    [[nodiscard]] const std::string& why_lost() const { return why_lost_; }

    // Whether the broker refused the connection in a way that the same attempt would meet again.
    [[nodiscard]] bool refused_for_good() const;

    // Waits until the broker grants all filters. The fault names each filter that was refused.
    Checked<Done> subscribe(const std::vector<std::string>& filters, int qos);

    // Returns the id that Acknowledged will carry.
    Checked<int> publish(const std::string& topic, std::span<const std::uint8_t> payload, int qos, bool retain);

    // Sends and receives until something happens or `longest` is over. True if the descriptor `other` is readable.
    bool work(std::chrono::milliseconds longest, int other = -1);

    // The same without waiting, for callers that drive many clients. What is lost later is told by connected() and
    // why_lost(). With a kept session of MQTT 5, begin_connect waits for the TCP connection.
    Checked<Done> begin_connect(const std::optional<Login>& login);
    Checked<Done> begin_subscribe(const std::vector<std::string>& filters, int qos);
    void begin_disconnect();

    // Empty until an answer has come since the attempt began.
    [[nodiscard]] std::optional<MqttAnswer> answer() const;  // to the connect
    [[nodiscard]] std::optional<MqttAnswer> grant() const;   // to the subscription to one filter

    // The socket to watch: always for reading, and for writing if wants_write(). -1 if there is none.
    [[nodiscard]] int socket() const;
    [[nodiscard]] bool wants_write() const;

    // Call when the socket is ready; sends and receives what it can.
    void serve();

    // Call about once a second.
    void keep_alive();

    // Drops the connection as if the network failed.
    void break_connection() const;

    // In order of arrival; empty if nothing has happened since.
    std::optional<MqttEvent> next_event();

    // Sends DISCONNECT, so that the broker does not publish the will.
    void disconnect();

  private:
    struct Callbacks;
    struct Granted {
        int id = 0;
        std::vector<int> reasons;
    };

    MqttClient(const ConnectionOptions& options, const StopSignal& stop);
    Checked<Done> set_up(const std::string& client_id);
    void set_callbacks();
    Checked<Done> use_tls();
    [[nodiscard]] Checked<Done> check(int result, const std::string& what) const;
    [[nodiscard]] std::string describe(int result) const;
    Checked<Done> prepare(const std::optional<Login>& login);
    int open();
    void wait_until(const std::function<bool()>& answered);
    Checked<Done> wait_for_connack();
    [[nodiscard]] Fault no_connack() const;
    void lose(const std::string& why);

    mosquitto* handle_ = nullptr;
    ConnectionOptions options_;
    const StopSignal& stop_;
    std::string broker_;  // host:port, for people
    std::deque<MqttEvent> events_;
    std::optional<int> connack_;  // the reason in it
    std::string connack_text_;
    std::optional<Granted> granted_;
    std::string why_lost_;
    std::string last_error_;  // from libmosquitto's log
    bool connected_ = false;
    bool first_ready_ = false;  // the socket has not been ready since the connect began
};

}  // namespace reseal::tools
