// SPDX-License-Identifier: Apache-2.0
#include "broker/recovered.h"

#include <gtest/gtest.h>

namespace reseal::broker {

TEST(Recovered, WaitsForEachClientThatShouldReceiveIt) {
    Recovered recovered;
    recovered.add({.topic = "ward/1", .payload = {1}, .retain = false, .recipients = {{"nurse", 1}, {"monitor", 2}}});
    recovered.add({.topic = "ward/2", .payload = {2}, .retain = false, .recipients = {{"nurse", 1}}});
    EXPECT_TRUE(recovered.take("somebody", "#").empty());
    const auto first = recovered.take("nurse", "ward/2");
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first.front().message->topic, "ward/2");
    EXPECT_EQ(recovered.take("nurse", "$share/group/ward/+").size(), 1U);
    EXPECT_TRUE(recovered.take("nurse", "#").empty()) << "once";
    ASSERT_EQ(recovered.take("monitor", "#").size(), 1U);
    EXPECT_TRUE(recovered.empty());
}

}  // namespace reseal::broker
