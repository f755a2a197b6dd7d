// SPDX-License-Identifier: Apache-2.0
// Properties of an MQTT 5 packet.
#pragma once

#include <mosquitto.h>
#include <mqtt_protocol.h>

#include <cstdint>
#include <utility>

namespace reseal::tools {

// Freed on destruction.
class Properties {
  public:
    Properties() = default;
    ~Properties() { mosquitto_property_free_all(&list_); }
    Properties(const Properties&) = delete;
    Properties& operator=(const Properties&) = delete;

    void add_content_type() {
        mosquitto_property_add_string(&list_, MQTT_PROP_CONTENT_TYPE, R"(application/cose; cose-type="cose-encrypt0")");
    }
    void add_session_expiry(std::uint32_t seconds) {
        mosquitto_property_add_int32(&list_, MQTT_PROP_SESSION_EXPIRY_INTERVAL, seconds);
    }

    [[nodiscard]] const mosquitto_property* get() const { return list_; }
    mosquitto_property* release() { return std::exchange(list_, nullptr); }

  private:
    mosquitto_property* list_ = nullptr;
};

}  // namespace reseal::tools
