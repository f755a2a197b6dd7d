// SPDX-License-Identifier: Apache-2.0
#include "engine/departed.h"

#include <gtest/gtest.h>

namespace reseal::engine {
namespace {

const Departed::Client open_channel{.will = {}, .channel = Channel::bare};

TEST(Departed, RemembersADepartedClientUntilItReturns) {
    Departed departed;
    EXPECT_EQ(departed.of("pico", "pico/1").channel, Channel::guarded);
    departed.left("pico", "pico/1", open_channel);
    EXPECT_EQ(departed.of("pico", "pico/1").channel, Channel::bare);
    EXPECT_EQ(departed.of("pico", "pico/2").channel, Channel::guarded);
    departed.returned("pico", "pico/1");
    EXPECT_EQ(departed.of("pico", "pico/1").channel, Channel::guarded);
}

TEST(Departed, KeepsTheLaterOfTwoDepartures) {
    Departed departed;
    departed.left("pico", "pico/1", {.will = {}, .token = token::Grant{.roles = {}, .id = "a"}});
    departed.left("pico", "pico/1", {.will = {}, .token = token::Grant{.roles = {}, .id = "b"}});
    EXPECT_EQ(departed.of("pico", "pico/1").token->id, "b");
    departed.left("pico", "pico/1", {});
    EXPECT_FALSE(departed.of("pico", "pico/1").token);
}

TEST(Departed, LetsNoPrincipalCrowdOutAnother) {
    Departed departed;
    departed.left("pico", "pico", open_channel);
    for (std::size_t i = 0; i <= Departed::most_of_one; ++i) {
        departed.left("mallory", "mallory/" + std::to_string(i), {.will = {}, .token = token::Grant{}});
    }
    EXPECT_EQ(departed.of("pico", "pico").channel, Channel::bare);
    EXPECT_TRUE(departed.of("mallory", "mallory/1").token);
    EXPECT_FALSE(departed.of("mallory", "mallory/0").token);
}

TEST(Departed, AssumesAnUnprotectedChannelWhenItNoLongerKnows) {
    Departed departed;
    for (std::size_t i = 0; i <= Departed::most_of_one; ++i) {
        departed.left("pico", "pico/" + std::to_string(i), open_channel);
    }
    EXPECT_EQ(departed.of("pico", "pico/0").channel, Channel::bare);
    for (std::size_t i = 0; i <= Departed::most_of_one; ++i) {
        departed.returned("pico", "pico/" + std::to_string(i));
    }
    EXPECT_EQ(departed.of("pico", "pico/0").channel, Channel::bare);
    departed.forget("pico");
    EXPECT_EQ(departed.of("pico", "pico/0").channel, Channel::guarded);
}

}  // namespace
}  // namespace reseal::engine
