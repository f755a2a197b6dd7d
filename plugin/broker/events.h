// SPDX-License-Identifier: Apache-2.0
// Turns the broker's events into questions to the engine, and the engine's answers into the broker's codes.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/clock_watch.h"
#include "broker/broker.h"
#include "broker/clients.h"
#include "broker/delivery.h"
#include "broker/listeners.h"
#include "broker/stored_messages.h"
#include "broker/stored_sessions.h"
#include "engine/engine.h"
#include "identity/verifier.h"
#include "observe/log.h"

namespace reseal::broker {

class Events {
  public:
    // The references must outlive this.
    Events(engine::Engine& engine, engine::Worker& worker, const identity::Verifier& verifier, const observe::Log& log,
           NamedListeners listeners, std::unique_ptr<Delivery> delivery)
        : engine_(&engine),
          worker_(&worker),
          verifier_(&verifier),
          log_(&log),
          listeners_(std::move(listeners)),
          clients_(worker),
          delivery_(std::move(delivery)) {}

    // Each answers a MOSQ_ERR_ code.
    int psk_key(const mosquitto_evt_psk_key& event);
    int basic_auth(const mosquitto_evt_basic_auth& event);
    // The method of MQTT 5's enhanced authentication: the authentication data is a token.
    static constexpr std::string_view token_method = "reseal-token";
    static constexpr std::string_view proof_method = "reseal-proof";
    int authenticate(const mosquitto_evt_extended_auth& event);
    // A client continues an authentication that never began.
    int continue_authentication(const mosquitto_evt_extended_auth& event);
    // The broker reads its configuration again, and asks about all clients again before the next tick.
    void reloading() {
        delivery_->fanout_over();
        reloading_ = true;
    }
    int acl_check(const mosquitto_evt_acl_check& event);
    int message(mosquitto_evt_message& event);
    int message_out(mosquitto_evt_message& event);
    int connected(const ConnectEvent& event);
    int disconnect(const mosquitto_evt_disconnect& event);
    int tick(Clock::time_point now);
    // At the end of the broker.
    void finish() { delivery_->finish(); }
    // See Delivery::all_queued().
    [[nodiscard]] bool all_queued() const { return delivery_->all_queued(); }

  private:
    // What the broker's handle tells of a client that connects or has connected.
    [[nodiscard]] engine::Peer peer_of(const mosquitto* client);
    int let_in(mosquitto* client, const engine::Peer& peer);
    // What WRITE found out, until MESSAGE comes for the same message.
    struct Pending {
        const mosquitto* client = nullptr;
        const void* payload = nullptr;
        engine::Published published;
        bool asked = true;  // the engine was
    };

    [[nodiscard]] int retained_source(const mosquitto_evt_acl_check& event) const;
    int write(const mosquitto_evt_acl_check& event);
    int write_will(const mosquitto_evt_acl_check& event, engine::Published published);
    int subscribe(const mosquitto_evt_acl_check& event);
    int unsubscribe(const mosquitto_evt_acl_check& event);
    int read(const mosquitto_evt_acl_check& event);
    [[nodiscard]] engine::Published from_bridge(const mosquitto_evt_message& event);
    [[nodiscard]] static int copy_of_accepted(mosquitto_evt_message& event);
    [[nodiscard]] bool is_pending(const mosquitto_evt_message& event) const;
    [[nodiscard]] engine::Published published(const mosquitto_evt_message& event);
    int kept_in_flight(const Client& client, const mosquitto_evt_acl_check& event);
    int clear_retained(mosquitto_evt_message& event);
    [[nodiscard]] bool lacks_ticks() const;
    void drop(const std::string& client_id);
    [[nodiscard]] std::time_t look_at_clock();
    void send(std::vector<engine::OwnMessage> messages, std::string_view what);
    void delete_sessions_of_revoked();
    void refresh();
    void report_exposed_listeners();
    void report_absent_listeners();
    // Logged once for each client id and action: a stored session may get many messages that nobody will read.
    void report_no_session(std::string_view action, const mosquitto* client, const char* topic);
    // The broker let the client in by itself, by the name in its certificate. It is dropped at the next tick.
    void report_unproven(const mosquitto* client);
    // Another plugin let the client in. It is dropped at the next tick.
    void report_stranger(const mosquitto* client);

    engine::Engine* engine_;
    engine::Worker* worker_;
    const identity::Verifier* verifier_;
    const observe::Log* log_;
    NamedListeners listeners_;
    Clients clients_;
    std::unique_ptr<Delivery> delivery_;
    StoredMessages stored_;
    StoredSessions stored_sessions_;
    ClockWatch clock_;
    bool sessions_to_delete_ = true;  // true at the start: some may have been revoked while the broker was down
    Pending pending_;
    std::vector<std::string> unwanted_;  // ids of clients to drop
    std::unordered_set<std::string> reported_;
    Clock::time_point started_ = Clock::now();
    Clock::time_point next_refresh_;
    Clock::time_point next_acks_;
    bool ticked_ = false;
    bool reloading_ = false;
};

}  // namespace reseal::broker
