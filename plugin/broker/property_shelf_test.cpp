// SPDX-License-Identifier: Apache-2.0
#include "broker/property_shelf.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <vector>

namespace reseal::broker {
namespace {

using Until = PropertyShelf::Until;
using Payload = std::vector<std::uint8_t>;

Payload message(std::uint8_t tag) {
    return Payload(40, tag);
}

Properties list(const char* content_type) {
    mosquitto_property* out = nullptr;
    EXPECT_EQ(mosquitto_property_add_string(&out, MQTT_PROP_CONTENT_TYPE, content_type), MOSQ_ERR_SUCCESS);
    return Properties(out);
}

std::string found(PropertyShelf& shelf, const Payload& payload) {
    char* value = nullptr;
    (void)mosquitto_property_read_string(shelf.find(payload), MQTT_PROP_CONTENT_TYPE, &value, false);
    std::string out = value == nullptr ? "" : value;
    std::free(value);
    return out;
}

TEST(PropertyShelf, KeepsPropertiesOfALiveMessageUntilTheNextOne) {
    PropertyShelf shelf;
    shelf.put("topic/1", message(1), list("one"), Until::next_message, 100);
    EXPECT_EQ(found(shelf, message(1)), "one");
    shelf.delivered();
    EXPECT_EQ(found(shelf, message(1)), "one");
    shelf.put("topic/2", message(2), nullptr, Until::next_message, 100);
    EXPECT_EQ(found(shelf, message(1)), "");
    EXPECT_EQ(found(shelf, message(2)), "");
}

TEST(PropertyShelf, KeepsPropertiesOfAQoS2MessageUntilItIsDelivered) {
    PropertyShelf shelf;
    shelf.put("topic/1", message(1), list("one"), Until::delivery, 100);
    shelf.put("topic/2", message(2), list("two"), Until::next_message, 100);
    EXPECT_EQ(found(shelf, message(1)), "one");
    EXPECT_EQ(found(shelf, message(1)), "one");
    shelf.delivered();
    EXPECT_EQ(found(shelf, message(1)), "");
    EXPECT_EQ(found(shelf, message(2)), "two");
}

TEST(PropertyShelf, KeepsPropertiesOfARetainedMessage) {
    PropertyShelf shelf;
    shelf.put("topic/1", message(1), list("one"), Until::replaced, 100);
    shelf.put("topic/2", message(2), list("two"), Until::next_message, 100);
    for (int subscribers = 0; subscribers < 3; ++subscribers) {
        EXPECT_EQ(found(shelf, message(1)), "one");
        shelf.delivered();
    }
}

TEST(PropertyShelf, DropsPropertiesOfAReplacedOrClearedRetainedMessage) {
    PropertyShelf shelf;
    shelf.put("a", message(1), list("one"), Until::replaced, 100);
    shelf.put("b", message(2), list("two"), Until::replaced, 100);
    shelf.put("a", message(3), list("three"), Until::replaced, 100);
    EXPECT_EQ(found(shelf, message(1)), "");
    EXPECT_EQ(found(shelf, message(3)), "three");
    shelf.put("a", {}, nullptr, Until::replaced, 100);
    EXPECT_EQ(found(shelf, message(3)), "");
    EXPECT_EQ(found(shelf, message(2)), "two");
}

TEST(PropertyShelf, HoldsNoMoreThanItsMaximum) {
    PropertyShelf shelf({.lists = 2});
    shelf.put("topic/1", message(1), list("one"), Until::replaced, 100);
    shelf.put("topic/2", message(2), list("two"), Until::replaced, 100);
    shelf.put("topic/1", message(1), list("again"), Until::replaced, 100);
    EXPECT_EQ(found(shelf, message(1)), "again");
    shelf.put("topic/3", message(3), list("three"), Until::delivery, 100);
    EXPECT_EQ(found(shelf, message(1)), "again");
    EXPECT_EQ(found(shelf, message(2)), "");
    EXPECT_EQ(found(shelf, message(3)), "three");
}

TEST(PropertyShelf, IgnoresPayloadsTooShortToBeSealed) {
    PropertyShelf shelf;
    shelf.put("topic", Payload(15, 1), list("one"), Until::replaced, 100);
    EXPECT_EQ(found(shelf, Payload(15, 1)), "");
}

TEST(PropertyShelf, HoldsNoMoreMemoryThanItMay) {
    PropertyShelf shelf({.memory = 1000});
    shelf.put("topic/1", message(1), list("one"), Until::replaced, 400);
    shelf.put("topic/2", message(2), list("two"), Until::replaced, 400);
    shelf.put("topic/3", message(3), list("three"), Until::delivery, 400);
    EXPECT_EQ(found(shelf, message(1)), "") << "the oldest";
    EXPECT_EQ(found(shelf, message(2)), "two");
    EXPECT_EQ(found(shelf, message(3)), "three");
    shelf.delivered();
    shelf.put("topic/4", message(4), list("four"), Until::replaced, 600);
    EXPECT_EQ(found(shelf, message(2)), "two") << "what was delivered has made room";
    shelf.put("topic/5", message(5), list("five"), Until::replaced, 1001);
    EXPECT_EQ(found(shelf, message(5)), "") << "more than all";
}

}  // namespace
}  // namespace reseal::broker
