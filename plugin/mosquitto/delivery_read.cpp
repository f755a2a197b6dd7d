#include "mosquitto/delivery_read.h"

#include <algorithm>

#include "mosquitto/identity.h"

namespace reseal::broker {

namespace {

constexpr const char* content_type = R"(application/cose; cose-type="cose-encrypt0")";

// A message sealed on arrival keeps the type its publisher gave to what is inside; the envelope says what it is by
// itself.
bool has_content_type(const mosquitto_property* properties) {
    return mosquitto_property_read_string(properties, MQTT_PROP_CONTENT_TYPE, nullptr, false) != nullptr;
}

}  // namespace

ReadDelivery::~ReadDelivery() {
    mosquitto_property_free_all(&properties_);
}

std::string_view ReadDelivery::description() const {
    return queue_clear_ ? "by the READ check (Mosquitto 2.0); clear deliveries are queued in clear (queue_clear)"
                        : "by the READ check (Mosquitto 2.0); clear deliveries at QoS 0, to connected clients only";
}

void ReadDelivery::arrived(const mosquitto_evt_message& event) {
    mosquitto_property_free_all(&properties_);
    properties_of_ = nullptr;
    if (event.properties != nullptr &&
        mosquitto_property_copy_all(&properties_, event.properties) == MOSQ_ERR_SUCCESS) {
        properties_of_ = event.payload;
    }
}

void ReadDelivery::subscribed(const Client& client, std::string_view filter, std::uint8_t qos) {
    subscriptions_.add(client.session->client_id, filter, qos);
}

void ReadDelivery::unsubscribed(const Client& client, std::string_view filter) {
    subscriptions_.remove(client.session->client_id, filter);
}

void ReadDelivery::began_clean(const Client& client) {
    subscriptions_.forget(client.session->client_id);
}

int ReadDelivery::read(Client& client, const mosquitto_evt_acl_check& event) {
    using Form = gateway::Delivered::Form;
    if (repeated(client, event)) {
        return MOSQ_ERR_ACL_DENIED;
    }
    const gateway::Payload payload{static_cast<const std::uint8_t*>(event.payload), event.payloadlen};
    const gateway::Delivered delivered = gateway_->deliver(*client.session, text(event.topic), payload);
    switch (delivered.form) {
        case Form::refused:
            return MOSQ_ERR_ACL_DENIED;
        case Form::as_it_is:
            return MOSQ_ERR_SUCCESS;
        case Form::sealed:
        case Form::clear:
            return send(client, event, delivered);
    }
    return MOSQ_ERR_ACL_DENIED;
}

// A 3.1.1 client with overlapping subscriptions is asked about once for each; it gets one copy.
bool ReadDelivery::repeated(Client& client, const mosquitto_evt_acl_check& event) const {
    const bool again = client.fanout == fanout_ && client.fanout_payload == event.payload;
    client.fanout = fanout_;
    client.fanout_payload = event.payload;
    return again && client.version < mqtt_5;
}

int ReadDelivery::send(const Client& client, const mosquitto_evt_acl_check& event,
                       const gateway::Delivered& delivered) {
    const bool clear = delivered.form == gateway::Delivered::Form::clear;
    if (clear && !queue_clear_ && !client.connected) {
        mosquitto_free(delivered.payload.data);
        return MOSQ_ERR_ACL_DENIED;
    }
    mosquitto_property* copied = properties(client, event.payload, !clear);
    const int result = mosquitto_broker_publish(client.session->client_id.c_str(), event.topic,
                                                static_cast<int>(delivered.payload.size), delivered.payload.data,
                                                qos(client, event, clear), false, copied);
    if (result != MOSQ_ERR_SUCCESS) {
        log_->note(observe::Level::error, "a delivery was lost: the broker did not take it (out of memory?)");
        mosquitto_free(delivered.payload.data);
        mosquitto_property_free_all(&copied);
    } else {
        hold_.published();
    }
    return MOSQ_ERR_ACL_DENIED;
}

std::uint8_t ReadDelivery::qos(const Client& client, const mosquitto_evt_acl_check& event, bool clear) const {
    if (clear && !queue_clear_) {
        return 0;  // QoS 1 and 2 would keep the payload in the broker's store until it is acknowledged
    }
    const auto granted = subscriptions_.qos(client.session->client_id, text(event.topic));
    return std::min(event.qos, granted.value_or(event.qos));
}

mosquitto_property* ReadDelivery::properties(const Client& client, const void* payload, bool sealed) const {
    mosquitto_property* out = nullptr;
    if (client.version < mqtt_5) {
        return out;
    }
    if (properties_of_ != nullptr && properties_of_ == payload) {
        (void)mosquitto_property_copy_all(&out, properties_);
    }
    if (sealed && !has_content_type(out)) {
        (void)mosquitto_property_add_string(&out, MQTT_PROP_CONTENT_TYPE, content_type);
    }
    return out;
}

}  // namespace reseal::broker
