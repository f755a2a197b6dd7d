// SPDX-License-Identifier: Apache-2.0
// Run with libmosquitto, whose lists and functions are those of the broker.
#include "broker/properties.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <string>

namespace reseal::broker {
namespace {

Properties of_a_publisher() {
    constexpr std::array<std::uint8_t, 3> correlation = {1, 0, 2};
    mosquitto_property* out = nullptr;
    (void)mosquitto_property_add_string_pair(&out, MQTT_PROP_USER_PROPERTY, "unit", "bpm");
    (void)mosquitto_property_add_byte(&out, MQTT_PROP_PAYLOAD_FORMAT_INDICATOR, 1);
    (void)mosquitto_property_add_string(&out, MQTT_PROP_RESPONSE_TOPIC, "answers/1");
    (void)mosquitto_property_add_binary(&out, MQTT_PROP_CORRELATION_DATA, correlation.data(), correlation.size());
    (void)mosquitto_property_add_string_pair(&out, MQTT_PROP_USER_PROPERTY, "unit", "again");
    return Properties(out);
}

std::string string_of(const Properties& list, int identifier) {
    char* value = nullptr;
    (void)mosquitto_property_read_string(list.get(), identifier, &value, false);
    std::string out = value == nullptr ? "" : value;
    std::free(value);
    return out;
}

// The identifiers, and for user properties name and value, in order.
std::string summary(const Properties& list) {
    std::string out;
    for (const mosquitto_property* at = list.get(); at != nullptr; at = mosquitto_property_next(at)) {
        out += std::to_string(mosquitto_property_identifier(at));
        char* name = nullptr;
        char* value = nullptr;
        if (mosquitto_property_read_string_pair(at, MQTT_PROP_USER_PROPERTY, &name, &value, false) == at) {
            out += std::string("(") + name + "=" + value + ")";
        }
        std::free(name);
        std::free(value);
        out += " ";
    }
    return out;
}

TEST(Properties, AreCopiedInOrder) {
    const Properties original = of_a_publisher();
    const Properties copy = copy_of(original.get());
    EXPECT_EQ(summary(copy), "38(unit=bpm) 1 8 9 38(unit=again) ");
    EXPECT_EQ(string_of(copy, MQTT_PROP_RESPONSE_TOPIC), "answers/1");
    void* data = nullptr;
    std::uint16_t size = 0;
    ASSERT_NE(mosquitto_property_read_binary(copy.get(), MQTT_PROP_CORRELATION_DATA, &data, &size, false), nullptr);
    EXPECT_EQ(std::string(static_cast<const char*>(data), size), std::string("\1\0\2", 3));
    std::free(data);
}

TEST(Properties, StayEmptyIfTheyAreEmpty) {
    EXPECT_EQ(copy_of(nullptr), nullptr);
}

TEST(Properties, SayThatTheMessageIsSealed) {
    Properties list = of_a_publisher();
    mark_sealed(list);
    EXPECT_EQ(string_of(list, MQTT_PROP_CONTENT_TYPE), R"(application/cose; cose-type="cose-encrypt0")");
}

TEST(Properties, KeepThePublishersContentType) {
    mosquitto_property* of_publisher = nullptr;
    (void)mosquitto_property_add_string(&of_publisher, MQTT_PROP_CONTENT_TYPE, "application/json");
    Properties list(of_publisher);
    mark_sealed(list);
    EXPECT_EQ(summary(list), "3 ");
    EXPECT_EQ(string_of(list, MQTT_PROP_CONTENT_TYPE), "application/json");
}

}  // namespace
}  // namespace reseal::broker
