// SPDX-License-Identifier: Apache-2.0
// One cell of the matrix: what some clients did, and what each of them saw, as lines.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compat/world.h"
#include "mqtt/client.h"

namespace compat {

class Cell;

struct Session {
    At at = At::main;
    bool clean = true;
    std::uint32_t seconds = 0;  // how long it outlives the connection; 3.1.1: forever, unless clean
    std::string client_id;      // after "PRINCIPAL/"; if empty, the peer's name
    std::optional<mqtt::Will> will;
    mqtt::Properties properties;
    int version = 0;  // 0: the cell's
};

inline const Session lasting = {.clean = false, .seconds = 600};

struct Message {
    std::string topic = "t";  // below the cell's own
    std::string text;
    bool retain = false;
    mqtt::Properties properties;
};

// One client, under a name of the scenario's.
class Peer {
  public:
    Peer(Cell& cell, std::string name, std::string principal);
    ~Peer();

    void connect(const Session& session = {});
    void subscribe(mqtt::Subscription subscription);
    // At the cell's QoS of subscribers.
    void subscribe_to(const std::string& filter = "#");
    void unsubscribe(const std::string& filter);
    // At the cell's QoS of publishers, to the end of the exchange; the reason is noted.
    void publish(const Message& message);
    // Only the packet, for scenarios that leave out a step.
    mqtt::Publish packet(const Message& message);
    mqtt::Client& raw() { return *client_; }
    void note(const std::string& what);
    // Notes what has come since; true if there was something.
    bool drain();
    // Waits until `count` messages have come: with a bridge or a delay in between, a ping proves nothing.
    void wait_for(std::size_t count);
    // Breaks the connection. Returns when the broker has noticed: anything it sent before that would come a second
    // time.
    void crash();
    void disconnect(int reason = 0, const mqtt::Properties& properties = {});
    [[nodiscard]] bool connected() const { return client_ && client_->connected(); }

  private:
    [[nodiscard]] std::string open(const mqtt::Publish& message);
    [[nodiscard]] std::string line(const mqtt::Publish& message);

    Cell* cell_;
    std::string name_;
    std::string principal_;
    At at_ = At::main;
    std::string client_id_;
    int version_ = mqtt::v5;
    std::unique_ptr<mqtt::Client> client_;
    std::unique_ptr<harness::Application> receiver_;
    std::size_t received_ = 0;
};

class Cell {
  public:
    // `key` names it in topics and client ids.
    Cell(World& world, std::string key, int mqtt_version, int publishers_qos, int subscribers_qos)
        : version(mqtt_version),
          out_qos(publishers_qos),
          in_qos(subscribers_qos),
          world_(&world),
          key_(std::move(key)) {}

    // The client of that name, created on first use. A name's part before a dot is its principal.
    Peer& peer(const std::string& name);
    // Until nobody gets anything more.
    void settle();
    // The full name of a topic or filter of this cell; one that begins with $ or "b/", "o/" keeps its beginning.
    [[nodiscard]] std::string topic(const std::string& name) const;
    [[nodiscard]] std::string without_key(const std::string& topic) const;

    [[nodiscard]] World& world() { return *world_; }
    [[nodiscard]] const std::string& key() const { return key_; }
    void note(const std::string& line) { lines_.push_back(line); }
    [[nodiscard]] const std::vector<std::string>& lines() const { return lines_; }

    const int version;
    const int out_qos;  // publishers'
    const int in_qos;   // subscribers'

  private:
    World* world_;
    std::string key_;
    std::map<std::string, std::unique_ptr<Peer>> peers_;
    std::vector<std::string> order_;
    std::vector<std::string> lines_;
};

}  // namespace compat
