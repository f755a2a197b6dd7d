// SPDX-License-Identifier: Apache-2.0
// Delivery on Mosquitto 2.0, which has no event for an outgoing message. In the READ check the message is sealed for
// the client and published to it alone, and the stored message is refused.
#pragma once

#include <chrono>

#include "base/descriptor.h"
#include "broker/delivery.h"
#include "broker/property_shelf.h"
#include "broker/recovered.h"
#include "broker/shutdown_hold.h"
#include "broker/subscriptions.h"
#include "state/delivery_journal.h"

namespace reseal::broker {

class ReadDelivery final : public Delivery {
  public:
    struct Settings {
        std::string state;         // the folder where granted subscriptions outlive a restart of the broker
        bool queue_clear = false;  // also queue clear deliveries, which may then lie in the broker's files
    };
    // The references must outlive this. `journal`: of the state folder.
    ReadDelivery(engine::Engine& engine, engine::Worker& worker, const observe::Log& log, const Settings& settings,
                 state::DeliveryJournal journal);

    [[nodiscard]] std::string description() const override;
    void arrived(mosquitto_evt_message& event, bool properties) override;
    void fanout_over() override;
    std::vector<std::string> tick(Clock::time_point now) override;
    [[nodiscard]] bool closing() const override { return hold_.closing(); }
    [[nodiscard]] bool all_queued() const override { return !hold_.waiting() && !round_over_ && !left_over_; }
    void began(Client& client, bool clean) override;
    void left(const Client& client, bool clean) override;
    void subscribed(Client& client, std::string_view filter, std::uint8_t qos) override;
    void unsubscribed(const Client& client, std::string_view filter) override;
    [[nodiscard]] std::size_t filters_besides(const Client& client,
                                              const mosquitto_evt_acl_check& event) const override;
    int read(Client& client, const mosquitto_evt_acl_check& event, engine::Occasion occasion) override;
    void finish() override;

  private:
    void save();
    void append(const Client& client, std::string_view filter, std::uint8_t qos);
    void queued();
    void count_copies(Client& client, const mosquitto_evt_acl_check& event) const;
    int send(const Client& client, const mosquitto_evt_acl_check& event, engine::Delivered delivered);
    void note_in_journal(const Client& client, const mosquitto_evt_acl_check& event, std::uint8_t qos);
    void recover();
    void deliver_recovered(Client& client, std::string_view filter);
    [[nodiscard]] std::uint8_t qos(const Client& client, const mosquitto_evt_acl_check& event, bool clear);
    [[nodiscard]] std::optional<std::uint8_t> qos_of_copy(const Client& client, std::string_view topic);
    [[nodiscard]] Properties properties(const Client& client, engine::Payload payload, bool sealed);

    engine::Engine* engine_;
    engine::Worker* worker_;
    const observe::Log* log_;
    bool queue_clear_;
    std::string path_;
    Descriptor file_;  // at `path_`, for appending
    Subscriptions subscriptions_;
    bool changed_ = false;  // since they were saved
    Clock::time_point next_save_;
    Clock::time_point next_look_;
    ShutdownHold hold_;
    state::DeliveryJournal journal_;
    const void* journaled_ = nullptr;  // the payload of the journal's last message
    std::uint64_t journaled_fanout_ = 0;
    Recovered recovered_;
    // Between a SUBSCRIBE and the next event, READ asks about the retained messages of that subscription.
    struct Subscribing {
        const Client* client = nullptr;
        std::uint8_t qos = 0;
    } subscribing_;
    // For clients with overlapping filters: the QoS of each copy of the message being fanned out, looked up once.
    std::unordered_map<const Client*, std::vector<std::uint8_t>> copies_;
    std::uint64_t fanout_ = 1;
    bool ticks_ = false;       // the broker ticks, which it does not with per_listener_settings true
    bool round_over_ = false;  // messages published to clients in it are queued when the next round begins
    bool left_over_ = false;   // the broker ends, and the journal holds messages for the next start to deliver
    bool arriving_ = false;    // the message being delivered is that of the packet being handled
    PropertyShelf shelf_;
};

}  // namespace reseal::broker
