#include "mosquitto/property_shelf.h"

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

TEST(PropertyShelf, KeepsThoseOfALiveMessageUntilTheNextOne) {
    PropertyShelf shelf;
    shelf.put("topic/1", message(1), list("one"), Until::next_message);
    EXPECT_EQ(found(shelf, message(1)), "one");
    shelf.delivered();
    EXPECT_EQ(found(shelf, message(1)), "one");
    shelf.put("topic/2", message(2), nullptr, Until::next_message);
    EXPECT_EQ(found(shelf, message(1)), "");
    EXPECT_EQ(found(shelf, message(2)), "");
}

TEST(PropertyShelf, KeepsThoseOfAQoS2MessageUntilItIsDelivered) {
    PropertyShelf shelf;
    shelf.put("topic/1", message(1), list("one"), Until::delivery);
    shelf.put("topic/2", message(2), list("two"), Until::next_message);
    EXPECT_EQ(found(shelf, message(1)), "one");
    EXPECT_EQ(found(shelf, message(1)), "one");
    shelf.delivered();
    EXPECT_EQ(found(shelf, message(1)), "");
    EXPECT_EQ(found(shelf, message(2)), "two");
}

TEST(PropertyShelf, KeepsThoseOfARetainedMessage) {
    PropertyShelf shelf;
    shelf.put("topic/1", message(1), list("one"), Until::replaced);
    shelf.put("topic/2", message(2), list("two"), Until::next_message);
    for (int subscribers = 0; subscribers < 3; ++subscribers) {
        EXPECT_EQ(found(shelf, message(1)), "one");
        shelf.delivered();
    }
}

TEST(PropertyShelf, KeepsNothingOfARetainedMessageThatWasReplacedOrCleared) {
    PropertyShelf shelf;
    shelf.put("a", message(1), list("one"), Until::replaced);
    shelf.put("b", message(2), list("two"), Until::replaced);
    shelf.put("a", message(3), list("three"), Until::replaced);
    EXPECT_EQ(found(shelf, message(1)), "");
    EXPECT_EQ(found(shelf, message(3)), "three");
    shelf.put("a", {}, nullptr, Until::replaced);
    EXPECT_EQ(found(shelf, message(3)), "");
    EXPECT_EQ(found(shelf, message(2)), "two");
}

TEST(PropertyShelf, HoldsNoMoreThanItsMost) {
    PropertyShelf shelf(2);
    shelf.put("topic/1", message(1), list("one"), Until::replaced);
    shelf.put("topic/2", message(2), list("two"), Until::replaced);
    shelf.put("topic/1", message(1), list("again"), Until::replaced);
    EXPECT_EQ(found(shelf, message(1)), "again");
    shelf.put("topic/3", message(3), list("three"), Until::delivery);
    EXPECT_EQ(found(shelf, message(1)), "again");
    EXPECT_EQ(found(shelf, message(2)), "");
    EXPECT_EQ(found(shelf, message(3)), "three");
}

TEST(PropertyShelf, KnowsNothingTooShortToBeSealed) {
    PropertyShelf shelf;
    shelf.put("topic", Payload(15, 1), list("one"), Until::replaced);
    EXPECT_EQ(found(shelf, Payload(15, 1)), "");
}

}  // namespace
}  // namespace reseal::broker
