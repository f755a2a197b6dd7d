// SPDX-License-Identifier: Apache-2.0
// Mosquitto's headers, with what they lack: the integer types they use, C linkage for C++, and the events that 2.0 does
// not have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <string_view>

extern "C" {
#include <mosquitto.h>
#if !__has_include(<mosquitto/broker.h>)  // since 2.1, mosquitto.h includes the rest
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>
#include <mqtt_protocol.h>
#endif
}

namespace reseal::broker {

// The broker's strings may be null.
inline std::string_view text(const char* value) {
    return value == nullptr ? std::string_view() : value;
}

// MOSQ_EVT_MESSAGE_OUT of Mosquitto 2.1: a PUBLISH leaves for one client. Its data is a mosquitto_evt_message whose
// payload and properties may be replaced by others, which the broker then frees.
inline constexpr int message_out_event = 27;
// MOSQ_EVT_CLIENT_OFFLINE of Mosquitto 2.1: a client is gone, but its session stays. DISCONNECT is then not raised. Its
// data is laid out as that of DISCONNECT.
inline constexpr int client_offline_event = 28;

// Of MOSQ_EVT_TICK. 2.0's and 2.1's headers have different names for `next_ms`, and 2.0 does not read it.
struct TickEvent {
    void* future;
    long now_ns;
    long next_ms;
    std::time_t now_s;
    std::time_t next_s;
    void* future2[4];  // NOLINT(*-avoid-c-arrays): the broker's layout
};
static_assert(sizeof(TickEvent) == sizeof(mosquitto_evt_tick));

// MOSQ_EVT_CONNECT of Mosquitto 2.1: the client is connected, and all that its session holds was asked about.
inline constexpr int connect_event = 11;
struct ConnectEvent {
    void* future;
    mosquitto* client;
    void* future2[4];  // NOLINT(*-avoid-c-arrays): the broker's layout
};

}  // namespace reseal::broker
