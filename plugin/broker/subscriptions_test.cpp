// SPDX-License-Identifier: Apache-2.0
#include "broker/subscriptions.h"

#include <gtest/gtest.h>

#include <vector>

namespace reseal::broker {
namespace {

TEST(Subscriptions, GiveTheQoSOfMatchingFiltersInTheBrokersOrder) {
    Subscriptions subscriptions;
    subscriptions.add("a", "ward/#", 0);
    subscriptions.add("a", "ward/+/pulse", 2);
    subscriptions.add("a", "ward/1/pulse", 1);
    subscriptions.add("a", "ward/1/pulse/#", 0);
    subscriptions.add("a", "$share/group/ward/#", 1);
    EXPECT_EQ(subscriptions.all_qos("a", "ward/1/pulse"), (std::vector<std::uint8_t>{1, 0, 2, 1, 0}));
    EXPECT_EQ(subscriptions.qos("a", "ward/1/pulse"), 1);
    subscriptions.remove("a", "$share/group/ward/#");
    EXPECT_EQ(subscriptions.qos("a", "ward/1/ecg"), 0);
    EXPECT_EQ(subscriptions.qos("a", "other"), std::nullopt);
    EXPECT_TRUE(subscriptions.all_qos("a", "other").empty());
    EXPECT_TRUE(subscriptions.all_qos("b", "ward/1/pulse").empty());
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

TEST(Subscriptions, OfDepartedClientsAreForgottenOldestFirst) {
    constexpr auto lasting = Subscriptions::Session::lasting;
    Subscriptions subscriptions({.lasting = 2, .doubtful = 1});
    for (const char* client : {"a", "b", "c", "stays"}) {
        subscriptions.add(client, "ward/#", 1);
    }
    subscriptions.left("a", lasting);
    subscriptions.left("b", lasting);
    subscriptions.returned("a");
    subscriptions.left("c", lasting);
    subscriptions.left("stays", Subscriptions::Session::doubtful);
    EXPECT_EQ(subscriptions.qos("b", "ward/1"), 1);
    subscriptions.left("a", lasting);
    EXPECT_EQ(subscriptions.qos("b", "ward/1"), std::nullopt);
    for (const char* client : {"a", "c", "stays"}) {
        EXPECT_EQ(subscriptions.qos(client, "ward/1"), 1) << client;
    }
}

TEST(Subscriptions, OfProbablyEndedSessionsDoNotDisplaceLastingOnes) {
    Subscriptions subscriptions({.lasting = 1, .doubtful = 1});
    for (const char* client : {"lasts", "a", "b"}) {
        subscriptions.add(client, "ward/#", 1);
    }
    subscriptions.left("lasts", Subscriptions::Session::lasting);
    subscriptions.left("a", Subscriptions::Session::doubtful);
    EXPECT_EQ(subscriptions.qos("a", "ward/1"), 1) << "it may last after all";
    subscriptions.left("b", Subscriptions::Session::doubtful);
    EXPECT_EQ(subscriptions.qos("a", "ward/1"), std::nullopt);
    EXPECT_EQ(subscriptions.qos("b", "ward/1"), 1);
    EXPECT_EQ(subscriptions.qos("lasts", "ward/1"), 1);
}

TEST(Subscriptions, OfAClientHaveALowestQoS) {
    Subscriptions subscriptions;
    EXPECT_EQ(subscriptions.lowest_qos("a"), 2);
    subscriptions.add("a", "ward/#", 2);
    EXPECT_EQ(subscriptions.lowest_qos("a"), 2);
    subscriptions.add("a", "$share/group/ward/1", 0);
    subscriptions.add("b", "ward/2", 1);
    EXPECT_EQ(subscriptions.lowest_qos("a"), 0);
    EXPECT_EQ(subscriptions.lowest_qos("b"), 1);
    subscriptions.remove("a", "$share/group/ward/1");
    EXPECT_EQ(subscriptions.lowest_qos("a"), 2);
}

TEST(Subscriptions, SurviveARestartAsText) {
    Subscriptions before;
    before.add("a", "ward/#", 2);
    before.add("a", "$share/group/x/+", 0);
    before.add("b/1", "y", 1);
    Subscriptions after;
    ASSERT_TRUE(after.read(before.write()));
    EXPECT_EQ(after.qos("a", "ward/1"), 2);
    EXPECT_EQ(after.qos("a", "x/1"), 0);
    EXPECT_EQ(after.qos("b/1", "y"), 1);
    EXPECT_TRUE(after.read(Subscriptions().write()));
    EXPECT_EQ(after.qos("a", "ward/1"), std::nullopt);
}

TEST(Subscriptions, AppendedLineByLineSurviveAKill) {
    Subscriptions before;
    before.add("a", "ward/#", 2);
    std::string text = before.write();
    text += Subscriptions::line("b", "x", 1);
    text += Subscriptions::line("a", "ward/#", 0);
    const std::string cut = Subscriptions::line("c", "y", 1);
    for (std::size_t size = 0; size < cut.size(); ++size) {
        Subscriptions after;
        ASSERT_TRUE(after.read(text + cut.substr(0, size)));
        EXPECT_EQ(after.qos("a", "ward/1"), 0) << "the last one counts";
        EXPECT_EQ(after.qos("b", "x"), 1);
        EXPECT_EQ(after.qos("c", "y"), std::nullopt);
    }
}

TEST(Subscriptions, AreNotReadFromDamagedText) {
    Subscriptions subscriptions;
    subscriptions.add("a", "ward/#", 1);
    const std::string good = subscriptions.write();
    for (const std::string& bad : {std::string(), good.substr(0, 5), good + "b\tx\n", good + "b\tx\t3\n",
                                   good + "b\tx/#/y\t1\n", good.substr(1)}) {
        EXPECT_FALSE(subscriptions.read(bad)) << bad;
    }
    EXPECT_EQ(subscriptions.qos("a", "ward/1"), 1);
}

TEST(Subscriptions, OfASharedGroupCountByTheirFilter) {
    Subscriptions subscriptions;
    subscriptions.add("a", "$share/group/ward/#", 1);
    EXPECT_EQ(subscriptions.qos("a", "ward/1"), 1);
}

}  // namespace
}  // namespace reseal::broker
