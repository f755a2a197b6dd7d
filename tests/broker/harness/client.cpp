// SPDX-License-Identifier: Apache-2.0
#include "harness/client.h"

#include <cstdlib>
#include <stdexcept>

#include <mqtt_protocol.h>
#include <reseal/psk.h>
#include <sys/socket.h>

#include "base/hex.h"

namespace harness {

namespace {

std::string content_type_of(const mosquitto_property* properties) {
    char* value = nullptr;
    mosquitto_property_read_string(properties, MQTT_PROP_CONTENT_TYPE, &value, false);
    std::string out = value == nullptr ? "" : value;
    free(value);
    return out;
}

Message message_of(const mosquitto_message& message, const mosquitto_property* properties) {
    const auto* data = static_cast<const std::uint8_t*>(message.payload);
    return {.topic = message.topic,
            .payload = Bytes(data, data + message.payloadlen),
            .qos = message.qos,
            .retain = message.retain,
            .content_type = content_type_of(properties)};
}

constexpr Milliseconds farewell{1000};  // an unfinished connection cannot be ended cleanly

struct Library {
    Library() { mosquitto_lib_init(); }
    ~Library() { mosquitto_lib_cleanup(); }
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;
};

}  // namespace

Client::Client(const Site& site, const Broker& broker, const std::string& principal, const ClientOptions& options)
    : port_(options.port != 0 ? options.port
            : options.tls     ? broker.port()
                              : broker.plain_port()),
      options_(options) {
    static const Library library;
    const std::string& id = options.client_id.empty() ? principal : options.client_id;
    handle_ = mosquitto_new(id.c_str(), options.clean, this);
    mosquitto_threaded_set(handle_, true);
    mosquitto_int_option(handle_, MOSQ_OPT_PROTOCOL_VERSION, options.version);
    if (options.psk) {
        use_psk(site, principal);
    } else if (options.tls) {
        use_tls(site, principal, options.certificate_folder);
    }
    if (!options.username.empty()) {
        mosquitto_username_pw_set(handle_, options.username.c_str(), options.password.c_str());
    }
    if (options.will) {
        mosquitto_will_set_v5(handle_, options.will->topic.c_str(), static_cast<int>(options.will->payload.size()),
                              options.will->payload.data(), options.will->qos, options.will->retain, nullptr);
    }
    listen();
}

Client::~Client() {
    disconnect();
    mosquitto_destroy(handle_);
}

void Client::use_tls(const Site& site, const std::string& principal, const std::string& folder) {
    const std::string base = (folder.empty() ? site.path("principals/" + principal) : folder) + "/" + principal;
    if (mosquitto_tls_set(handle_, site.ca().c_str(), nullptr, (base + ".crt").c_str(), (base + ".key").c_str(),
                          nullptr) != MOSQ_ERR_SUCCESS) {
        throw std::runtime_error("no certificate " + base);
    }
}

void Client::use_psk(const Site& site, const std::string& principal) {
    const reseal_credentials credentials = site.credentials(principal);
    reseal_psk psk{};
    if (reseal_psk_derive(reseal_crypto_openssl(), &credentials, &psk) != RESEAL_OK) {
        throw std::runtime_error("no key for " + principal);
    }
    mosquitto_tls_psk_set(handle_, reseal::hex(psk.key).c_str(), psk.identity, nullptr);
}

void Client::listen() {
    const auto set = [](void* self, auto change) {
        auto& client = *static_cast<Client*>(self);
        const std::lock_guard lock(client.mutex_);
        change(client);
        client.changed_.notify_all();
    };
    static const auto apply = set;
    mosquitto_connect_v5_callback_set(handle_,
                                      [](struct mosquitto*, void* self, int reason, int, const mosquitto_property*) {
                                          apply(self, [reason](Client& client) { client.connected_ = reason; });
                                      });
    mosquitto_disconnect_v5_callback_set(handle_, [](struct mosquitto*, void* self, int, const mosquitto_property*) {
        apply(self, [](Client& client) { client.dropped_ = true; });
    });
    mosquitto_subscribe_v5_callback_set(
        handle_, [](struct mosquitto*, void* self, int, int, const int* granted, const mosquitto_property*) {
            apply(self, [granted](Client& client) { client.subscribed_ = granted[0]; });
        });
    mosquitto_publish_v5_callback_set(handle_,
                                      [](struct mosquitto*, void* self, int, int reason, const mosquitto_property*) {
                                          apply(self, [reason](Client& client) { client.published_ = reason; });
                                      });
    mosquitto_message_v5_callback_set(handle_, [](struct mosquitto*, void* self, const mosquitto_message* message,
                                                  const mosquitto_property* properties) {
        apply(self,
              [message, properties](Client& client) { client.received_.push_back(message_of(*message, properties)); });
    });
}

// Not the library's own thread: that one reconnects by itself while connect() does.
void Client::run() {
    constexpr int round = 100;  // milliseconds
    stopping_ = false;
    ended_ = false;
    loop_ = std::thread([this] {
        while (!stopping_ && mosquitto_loop(handle_, round, 1) == MOSQ_ERR_SUCCESS) {
        }
        const std::lock_guard lock(mutex_);
        ended_ = true;
        changed_.notify_all();
    });
}

// Allows `grace` for pending packets to go out and the connection to end by itself.
void Client::stop(Milliseconds grace) {
    {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, grace, [this] { return ended_; });
    }
    stopping_ = true;
    if (loop_.joinable()) {
        loop_.join();
    }
}

int Client::connect(Milliseconds limit) {
    stop(Milliseconds(0));
    mosquitto_property* properties = nullptr;
    if (options_.version == MQTT_PROTOCOL_V5 && options_.session_seconds > 0) {
        mosquitto_property_add_int32(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL, options_.session_seconds);
    }
    connected_.reset();
    dropped_ = false;
    const int result = mosquitto_connect_bind_v5(handle_, "127.0.0.1", port_, 60, nullptr, properties);
    mosquitto_property_free_all(&properties);
    if (result != MOSQ_ERR_SUCCESS) {
        return -1;
    }
    run();
    return answer_or_close(connected_, limit);
}

bool Client::dropped(Milliseconds limit) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [this] { return dropped_; });
}

void Client::crash() {
    shutdown(mosquitto_socket(handle_), SHUT_RDWR);
    stop(patience);
}

void Client::disconnect() {
    mosquitto_disconnect(handle_);
    stop(farewell);
}

int Client::answer(std::optional<int>& to) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&to] { return to.has_value(); }) ? *to : -1;
}

int Client::answer_or_close(std::optional<int>& to, Milliseconds limit) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limit, [this, &to] { return to.has_value() || dropped_; });
    return to.value_or(-1);
}

int Client::subscribe(const std::string& filter, int qos) {
    subscribed_.reset();
    mosquitto_subscribe(handle_, nullptr, filter.c_str(), qos);
    return answer(subscribed_);
}

void Client::unsubscribe(const std::string& filter) {
    mosquitto_unsubscribe(handle_, nullptr, filter.c_str());
}

int Client::publish(const std::string& topic, const Bytes& payload, int qos, bool retain) {
    published_.reset();
    const int result = mosquitto_publish(handle_, nullptr, topic.c_str(), static_cast<int>(payload.size()),
                                         payload.data(), qos, retain);
    if (result != MOSQ_ERR_SUCCESS) {
        return -1;
    }
    const int reason = answer(published_);
    return reason == MQTT_RC_NO_MATCHING_SUBSCRIBERS ? MQTT_RC_SUCCESS : reason;
}

std::optional<Message> Client::receive(Milliseconds limit) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, limit, [this] { return !received_.empty(); })) {
        return std::nullopt;
    }
    Message out = std::move(received_.front());
    received_.pop_front();
    return out;
}

}  // namespace harness
