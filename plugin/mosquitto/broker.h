// Mosquitto's headers, with the two things they lack: integer types of their own and C linkage for C++.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>

extern "C" {
#include <mosquitto.h>
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>
#include <mqtt_protocol.h>
}
