// SPDX-License-Identifier: Apache-2.0
#include "broker/delivery_read.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "base/file.h"
#include "base/private_file.h"
#include "base/regular_file.h"
#include "broker/broker.h"

namespace reseal::broker {

namespace {

constexpr std::chrono::seconds save_interval{30};
constexpr std::chrono::milliseconds look_interval{500};
constexpr std::size_t saved_most = std::size_t{256} << 20U;

engine::Payload payload_of(const void* data, std::uint32_t size) {
    return {static_cast<const std::uint8_t*>(data), size};
}

PropertyShelf::Until wanted_until(const mosquitto_evt_message& event) {
    using Until = PropertyShelf::Until;
    return event.retain ? Until::replaced : event.qos == 2 ? Until::delivery : Until::next_message;
}

}  // namespace

ReadDelivery::ReadDelivery(engine::Engine& engine, engine::Worker& worker, const observe::Log& log,
                           const Settings& settings, state::DeliveryJournal journal)
    : engine_(&engine),
      worker_(&worker),
      log_(&log),
      queue_clear_(settings.queue_clear),
      path_(settings.state + "/subscriptions"),
      next_save_(Clock::now() + save_interval),
      journal_(std::move(journal)) {
    std::error_code missing;
    const bool first = !std::filesystem::exists(path_, missing);
    const auto saved = first ? Checked<std::string>(std::string()) : read_own_file(path_, saved_most);
    if (!first && (!saved || !subscriptions_.read(*saved))) {
        log_->note(observe::Level::warning,
                   path_ +
                       ": not readable; restored sessions may get messages at a higher QoS than they were granted, "
                       "until they subscribe again");
    }
    changed_ = true;
    save();
}

std::string ReadDelivery::description() const {
    std::string out =
        "Mosquitto 2.0: each message is sealed when it is queued; docs/compatibility.md lists what differs";
    out += queue_clear_ ? "; clear deliveries are queued in clear (queue_clear)"
                        : "; clear deliveries at QoS 0, to connected clients only";
    return properties_readable() ? out : out + "; without MQTT 5 properties, as libmosquitto.so.1 is not installed";
}

// The usual property of a sealed message is not kept, because each delivery gets it anyway. The broker's own list stays
// as it is: the versions of 2.0 differ in whether the broker frees a list that is taken away from it.
void ReadDelivery::arrived(mosquitto_evt_message& event, bool properties) {
    std::size_t memory = 0;
    Properties list = properties && !only_marked_sealed(event.properties) ? copy_of(event.properties, memory) : nullptr;
    shelf_.put(text(event.topic), payload_of(event.payload, event.payloadlen), std::move(list), wanted_until(event),
               memory);
    arriving_ = ticks_;
}

// While the broker handles packets, it does not read the messages handed to it, but in its next loop round, after a
// tick. A message published between two rounds, for instance by this plugin, is fanned out during that reading.
void ReadDelivery::fanout_over() {
    worker_->complete();
    journal_.fanout_over();
    if ((round_over_ || !hold_.waiting()) && !left_over_) {
        queued();
    }
    arriving_ = false;
    ++fanout_;
    copies_.clear();
    subscribing_ = {};
    shelf_.delivered();
}

// Everything handed over so far has reached the broker's clients or their queues.
void ReadDelivery::queued() {
    round_over_ = false;
    engine_->settle();
    journal_.clear();
}

std::vector<std::string> ReadDelivery::tick(Clock::time_point now) {
    if (!std::exchange(ticks_, true)) {
        recover();
    }
    round_over_ = hold_.waiting();
    hold_.tick();
    if (now >= next_look_) {
        next_look_ = now + look_interval;
        if (const auto fault = journal_.look()) {
            log_->alert(observe::Alert::file_replaced, {}, fault->text());
        }
    }
    if (changed_ && now >= next_save_) {
        next_save_ = now + save_interval;
        save();
    }
    return {};
}

// If the broker did not wait for the last round, the messages handed over in it stay in the journal.
void ReadDelivery::finish() {
    if (all_queued()) {
        queued();
    }
    save();
}

// Without this file a restored session gets some messages at a higher QoS than it was granted. No message is lost.
void ReadDelivery::save() {
    if (!changed_) {
        return;
    }
    changed_ = false;
    if (const auto saved = replace_file(path_, as_bytes(subscriptions_.write())); !saved) {
        log_->note(observe::Level::warning, "granted subscriptions are not saved: " + saved.error().text());
    }
    auto file = open_own(path_, O_WRONLY | O_APPEND);
    file_ = file ? std::move(*file) : Descriptor();  // else the next save tries again
}

// Written at once. A broker killed before the next save would give a restored session messages at a higher QoS.
void ReadDelivery::append(const Client& client, std::string_view filter, std::uint8_t qos) {
    const std::string line = Subscriptions::line(client.id, filter, qos);
    if (!file_ || ::write(file_.get(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
        file_ = Descriptor();  // a full disk: the next save writes it
    }
}

void ReadDelivery::began(Client& client, bool clean) {
    if (clean) {
        subscriptions_.forget(client.id);
    } else {
        subscriptions_.returned(client.id);
    }
    client.lowest_qos = subscriptions_.lowest_qos(client.id);
    changed_ = true;
    if (!clean) {
        deliver_recovered(client, "#");
    }
}

// With MQTT 5, a session that began clean may outlive the connection. The broker does not tell.
void ReadDelivery::left(const Client& client, bool clean) {
    if (clean && client.version < mqtt_5) {
        subscriptions_.forget(client.id);
    } else {
        using Session = Subscriptions::Session;
        subscriptions_.left(client.id, clean ? Session::doubtful : Session::lasting);
    }
    changed_ = true;
}

void ReadDelivery::subscribed(Client& client, std::string_view filter, std::uint8_t qos) {
    subscriptions_.add(client.id, filter, qos);
    client.lowest_qos = std::min(client.lowest_qos, qos);
    subscribing_ = {.client = &client, .qos = qos};
    append(client, filter, qos);
    changed_ = true;
    deliver_recovered(client, filter);
}

void ReadDelivery::unsubscribed(const Client& client, std::string_view filter) {
    subscriptions_.remove(client.id, filter);
    changed_ = true;
}

// Counted here, because Mosquitto 2.0.11 does not count shared subscriptions.
std::size_t ReadDelivery::filters_besides(const Client& client, const mosquitto_evt_acl_check& event) const {
    return subscriptions_.besides(client.id, text(event.topic));
}

int ReadDelivery::read(Client& client, const mosquitto_evt_acl_check& event, engine::Occasion occasion) {
    using Form = engine::Delivered::Form;
    if (round_over_ && !left_over_) {
        queued();  // the round began with the release of a message, so no other event has told that it began
    }
    count_copies(client, event);
    if (client.copies > 0 && client.version < mqtt_5) {
        return MOSQ_ERR_ACL_DENIED;  // a client with overlapping subscriptions gets one copy
    }
    engine::Delivered delivered = worker_->deliver(client.session, stored(event, occasion),
                                                   arriving_ ? engine::Sealing::together : engine::Sealing::at_once);
    switch (delivered.form) {
        case Form::refused:
            return MOSQ_ERR_ACL_DENIED;
        case Form::as_it_is:
            return MOSQ_ERR_SUCCESS;
        case Form::sealed:
        case Form::clear:
            return send(client, event, std::move(delivered));
    }
    return MOSQ_ERR_ACL_DENIED;
}

// If subscriptions overlap, the broker asks once for each.
void ReadDelivery::count_copies(Client& client, const mosquitto_evt_acl_check& event) const {
    const bool again = client.fanout == fanout_ && client.fanout_payload == event.payload;
    client.fanout = fanout_;
    client.fanout_payload = event.payload;
    client.copies = again ? client.copies + 1 : 0;
}

// A message released while the broker ends is left to the next start, because everything that the broker has not
// written by its end is lost.
int ReadDelivery::send(const Client& client, const mosquitto_evt_acl_check& event, engine::Delivered delivered) {
    const bool clear = delivered.form == engine::Delivered::Form::clear;
    if (clear && !queue_clear_ && !client.connected) {
        return MOSQ_ERR_ACL_DENIED;
    }
    const std::uint8_t granted = qos(client, event, clear);
    if (hold_.closing() && granted > 0) {
        left_over_ = true;
        worker_->complete();  // before its memory is freed
        note_in_journal(client, event, granted);
        return MOSQ_ERR_ACL_DENIED;
    }
    mosquitto_property* carried = properties(client, payload_of(event.payload, event.payloadlen), !clear).release();
    const int result =
        mosquitto_broker_publish(client.id.c_str(), event.topic, static_cast<int>(delivered.payload.size()),
                                 delivered.payload.data(), granted, false, carried);
    if (result != MOSQ_ERR_SUCCESS) {
        log_->note(observe::Level::error, "a delivery was lost: the broker did not take it (out of memory?)");
        mosquitto_property_free_all(&carried);
        worker_->complete();  // before its memory is freed
    } else {
        (void)delivered.payload.release();
        hold_.published();
        if (event.qos > 0) {
            note_in_journal(client, event, granted);
        }
    }
    return MOSQ_ERR_ACL_DENIED;
}

// Only for QoS 1 and 2: a message published at QoS 0 was promised to nobody.
void ReadDelivery::note_in_journal(const Client& client, const mosquitto_evt_acl_check& event, std::uint8_t qos) {
    if (journaled_ != event.payload || journaled_fanout_ != fanout_) {
        journaled_ = event.payload;
        journaled_fanout_ = fanout_;
        (void)journal_.message(text(event.topic), payload_of(event.payload, event.payloadlen), event.retain);
    }
    journal_.recipient(client.id, qos);
}

// A retained message goes to all who subscribe to its topic now or later. Any other goes to its recipients when they
// are back. The broker is in its first round.
void ReadDelivery::recover() {
    std::size_t count = 0;
    for (Recovered::Message& message : journal_.unfinished()) {
        if (!worker_->recover({.topic = message.topic, .payload = message.payload, .retain = message.retain},
                              message.whole && !message.retain)) {
            continue;
        }
        ++count;
        if (message.retain) {
            (void)mosquitto_broker_publish_copy(nullptr, message.topic.c_str(),
                                                static_cast<int>(message.payload.size()), message.payload.data(), 1,
                                                true, nullptr);
        } else {
            recovered_.add(std::move(message));
        }
    }
    journal_.unfinished().clear();
    if (count > 0) {
        log_->note(observe::Level::notice,
                   std::to_string(count) +
                       " messages that the broker had accepted when it was killed are delivered now, or "
                       "when their subscribers are back");
    }
}

void ReadDelivery::deliver_recovered(Client& client, std::string_view filter) {
    if (recovered_.empty()) {
        return;
    }
    for (const Recovered::Delivery& each : recovered_.take(client.id, filter)) {
        engine::Delivered delivered = worker_->deliver(
            client.session,
            {.topic = each.message->topic, .payload = each.message->payload, .occasion = engine::Occasion::stored});
        if (delivered.payload &&
            mosquitto_broker_publish(client.id.c_str(), each.message->topic.c_str(),
                                     static_cast<int>(delivered.payload.size()), delivered.payload.data(), each.qos,
                                     false, nullptr) == MOSQ_ERR_SUCCESS) {
            (void)delivered.payload.release();
        }
    }
}

std::uint8_t ReadDelivery::qos(const Client& client, const mosquitto_evt_acl_check& event, bool clear) {
    if (event.qos == 0 || (clear && !queue_clear_)) {
        return 0;  // in clear, QoS 1 and 2 would keep the payload in the broker's store until it is acknowledged
    }
    if (event.qos <= client.lowest_qos) {
        return event.qos;  // right for each of the client's filters, which is the usual case
    }
    if (subscribing_.client == &client) {
        return std::min(event.qos, subscribing_.qos);
    }
    return std::min(event.qos, qos_of_copy(client, text(event.topic)).value_or(event.qos));
}

std::optional<std::uint8_t> ReadDelivery::qos_of_copy(const Client& client, std::string_view topic) {
    if (client.copies == 0) {
        return subscriptions_.qos(client.id, topic);
    }
    std::vector<std::uint8_t>& found = copies_[&client];
    if (client.copies == 1) {
        found = subscriptions_.all_qos(client.id, topic);
    }
    return found.empty() ? std::nullopt : std::optional(found[std::min<std::size_t>(client.copies, found.size() - 1)]);
}

Properties ReadDelivery::properties(const Client& client, engine::Payload payload, bool sealed) {
    if (client.version < mqtt_5) {
        return nullptr;
    }
    Properties out = copy_of(shelf_.find(payload));
    if (sealed) {
        mark_sealed(out);
    }
    return out;
}

}  // namespace reseal::broker
