#include "mosquitto/subscriptions.h"

#include <gtest/gtest.h>

namespace reseal::broker {
namespace {

TEST(Subscriptions, GiveTheHighestQoSOfTheFiltersThatMatch) {
    Subscriptions subscriptions;
    subscriptions.add("a", "ward/#", 0);
    subscriptions.add("a", "ward/+/pulse", 2);
    EXPECT_EQ(subscriptions.qos("a", "ward/1/pulse"), 2);
    EXPECT_EQ(subscriptions.qos("a", "ward/1/ecg"), 0);
    EXPECT_EQ(subscriptions.qos("a", "other"), std::nullopt);
    EXPECT_EQ(subscriptions.qos("b", "ward/1/pulse"), std::nullopt);
}

TEST(Subscriptions, AreReplacedRemovedAndForgotten) {
    Subscriptions subscriptions;
    subscriptions.add("a", "ward/#", 2);
    subscriptions.add("a", "ward/#", 1);
    EXPECT_EQ(subscriptions.qos("a", "ward/1"), 1);
    subscriptions.remove("a", "ward/#");
    subscriptions.remove("a", "never/there");
    EXPECT_EQ(subscriptions.qos("a", "ward/1"), std::nullopt);
    subscriptions.add("a", "ward/#", 1);
    subscriptions.forget("a");
    EXPECT_EQ(subscriptions.qos("a", "ward/1"), std::nullopt);
}

TEST(Subscriptions, OfASharedGroupCountByTheirFilter) {
    Subscriptions subscriptions;
    subscriptions.add("a", "$share/group/ward/#", 1);
    EXPECT_EQ(subscriptions.qos("a", "ward/1"), 1);
}

}  // namespace
}  // namespace reseal::broker
