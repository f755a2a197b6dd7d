// SPDX-License-Identifier: Apache-2.0
// The broker's clients and their sessions.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "broker/broker.h"
#include "engine/engine.h"

namespace reseal::broker {

// What mosquitto_client_protocol_version answers for MQTT 5.
inline constexpr int mqtt_5 = 5;

struct Client {
    engine::SessionId session;
    std::string id;
    // The fan-out that reached this client last.
    const void* fanout_payload = nullptr;
    std::uint64_t fanout = 0;
    std::uint32_t copies = 0;     // of that message, after the first
    std::uint8_t version = 0;     // 3, 4 or 5
    std::uint8_t lowest_qos = 0;  // none of its filters was granted less; also 0 if that is not known
    bool lags = false;            // its last message that may be delivered was not sent right after it was asked for
    bool connected = false;       // false: gone, taken over, or restored by the broker; then it publishes only its will
};

class Clients {
  public:
    // `worker` must outlive this.
    explicit Clients(engine::Worker& worker) : worker_(&worker) {}

    // A client has proven who it is. An older one with the same id is about to be taken over.
    Client& add(const mosquitto* client, engine::SessionId session);

    // The client behind the broker's handle. If this process did not see it connect, it is known by its user name,
    // which the broker keeps with the session and which only this plugin sets. Null if there is no such principal, or
    // if the broker let the client in by itself.
    [[nodiscard]] Client* find(const mosquitto* client);

    // The client behind the handle, if it is connected. Null for a client without a principal, such as a bridge.
    [[nodiscard]] Client* connected(const mosquitto* client);

    // Is it a client that has gone, or is about to, and is still known?
    [[nodiscard]] bool leaving(const mosquitto* client);

    // The client has gone. Its will is still to be sent, so its identity is kept until sweep().
    void disconnect(const mosquitto* client);

    [[nodiscard]] bool connected(std::string_view client_id) const;
    // Ends the session of a client that is not connected.
    void drop(std::string_view client_id);

    // Ends the sessions of the clients that have gone. Call it between two events.
    void sweep();

  private:
    struct Entry {
        const mosquitto* handle = nullptr;
        Client client;
        // The entry that was last asked for after this one, and how many entries had been removed by then.
        Entry* next = nullptr;
        std::uint64_t removals = 0;
    };

    [[nodiscard]] Entry* known(const mosquitto* client);
    [[nodiscard]] Entry* after(const Entry* entry) const;
    void fetch_after(const Entry& entry) const;
    Client& enter(const mosquitto* client, engine::SessionId session);
    void remember_resumed(const mosquitto* client);
    void remove(const mosquitto* client);

    engine::Worker* worker_;
    std::unordered_map<const mosquitto*, Entry> clients_;
    Entry* last_ = nullptr;  // asked for last; null if one was removed since
    std::uint64_t removals_ = 0;
    std::unordered_map<std::string, const mosquitto*> by_id_;
    std::vector<const mosquitto*> gone_;
    // Clients that are away and were asked about, the oldest first. The broker does not tell whether their sessions
    // still exist, so only the latest are kept. Any other is resumed again when it is asked about.
    std::deque<const mosquitto*> resumed_;
};

}  // namespace reseal::broker
