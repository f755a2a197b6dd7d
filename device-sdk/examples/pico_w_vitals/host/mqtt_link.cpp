// SPDX-License-Identifier: Apache-2.0
#include "host/mqtt_link.h"

#include <mosquitto.h>

#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

namespace reseal::vitals {
namespace {

constexpr int keepalive_seconds = 30;

std::string describe(int result) {
    return result == MOSQ_ERR_ERRNO ? std::strerror(errno) : mosquitto_strerror(result);
}

const char* path_or_null(const std::string& path) {
    return path.empty() ? nullptr : path.c_str();
}

}  // namespace

// libmosquitto is C: no exception may pass through it, so these only record what happened.
struct MqttLink::Callbacks {
    static MqttLink& self(void* object) { return *static_cast<MqttLink*>(object); }

    static void on_connect(mosquitto* /*handle*/, void* object, int code) noexcept {
        if (code == 0) {
            self(object).events_.emplace_back(Connected{});
        } else {
            self(object).end(Refused{mosquitto_connack_string(code)});
        }
    }

    static void on_disconnect(mosquitto* /*handle*/, void* object, int code) noexcept {
        self(object).end(Lost{describe(code)});
    }

    static void on_publish(mosquitto* /*handle*/, void* object, int id) noexcept {
        const auto found = self(object).numbers_.extract(id);
        if (!found.empty()) {
            self(object).events_.emplace_back(Acknowledged{found.mapped()});
        }
    }

    static void on_message(mosquitto* /*handle*/, void* object, const mosquitto_message* message) noexcept {
        const auto* bytes = static_cast<const std::uint8_t*>(message->payload);
        self(object).events_.emplace_back(Received{message->topic, {bytes, bytes + message->payloadlen}});
    }
};

tools::Checked<std::unique_ptr<MqttLink>> MqttLink::make(BrokerAddress address) {
    if (mosquitto_lib_init() != MOSQ_ERR_SUCCESS) {
        return tools::Fault{.problem = "libmosquitto cannot be used"};
    }
    return std::unique_ptr<MqttLink>(new MqttLink(std::move(address)));
}

MqttLink::~MqttLink() {
    destroy();
    mosquitto_lib_cleanup();
}

void MqttLink::destroy() {
    mosquitto_destroy(std::exchange(handle_, nullptr));
    numbers_.clear();
}

// A connection ends once: what the library reports after that is ignored.
void MqttLink::end(LinkEvent how) {
    if (!ended_) {
        events_.push_back(std::move(how));
    }
    ended_ = true;
}

std::string MqttLink::open(const char* client_id, const char* password) {
    handle_ = mosquitto_new(client_id, true, this);
    if (handle_ == nullptr) {
        return std::strerror(errno);
    }
    mosquitto_connect_callback_set(handle_, &Callbacks::on_connect);
    mosquitto_disconnect_callback_set(handle_, &Callbacks::on_disconnect);
    mosquitto_publish_callback_set(handle_, &Callbacks::on_publish);
    mosquitto_message_callback_set(handle_, &Callbacks::on_message);
    int result = mosquitto_int_option(handle_, MOSQ_OPT_PROTOCOL_VERSION, MQTT_PROTOCOL_V311);
    if (result == MOSQ_ERR_SUCCESS) {
        result = mosquitto_username_pw_set(handle_, client_id, password);
    }
    if (result == MOSQ_ERR_SUCCESS && !address_.cafile.empty()) {
        result = mosquitto_tls_set(handle_, address_.cafile.c_str(), nullptr, path_or_null(address_.cert),
                                   path_or_null(address_.key), nullptr);
    }
    if (result == MOSQ_ERR_SUCCESS) {
        result = mosquitto_connect(handle_, address_.host.c_str(), address_.port, keepalive_seconds);
    }
    return result == MOSQ_ERR_SUCCESS ? "" : describe(result);
}

void MqttLink::connect(const char* client_id, const char* password) {
    disconnect();
    ended_ = false;
    if (const std::string problem = open(client_id, password); !problem.empty()) {
        end(Lost{problem});
    }
}

bool MqttLink::publish(const reseal_message& message, std::uint32_t number) {
    int id = 0;
    if (handle_ == nullptr || ended_ ||
        mosquitto_publish(handle_, &id, message.topic, static_cast<int>(message.payload.size), message.payload.data, 1,
                          false) != MOSQ_ERR_SUCCESS) {
        return false;
    }
    numbers_[id] = number;
    return true;
}

bool MqttLink::subscribe(const char* filter) {
    return handle_ != nullptr && !ended_ && mosquitto_subscribe(handle_, nullptr, filter, 1) == MOSQ_ERR_SUCCESS;
}

void MqttLink::disconnect() {
    if (handle_ != nullptr && !ended_) {
        mosquitto_disconnect(handle_);
    }
    destroy();
    events_.clear();
}

std::deque<LinkEvent> MqttLink::work(std::chrono::milliseconds longest) {
    if (handle_ == nullptr || ended_) {
        if (events_.empty()) {
            std::this_thread::sleep_for(longest);  // paces the program while there is no socket
        }
    } else if (const int result = mosquitto_loop(handle_, static_cast<int>(longest.count()), 1);
               result != MOSQ_ERR_SUCCESS) {
        end(Lost{describe(result)});
    }
    if (ended_) {
        destroy();
    }
    return std::exchange(events_, {});
}

}  // namespace reseal::vitals
