#include "mosquitto/channel_keys.h"

#include <gtest/gtest.h>

namespace reseal::broker {
namespace {

// Only ever compared.
const mosquitto* client(const char& at) {
    return reinterpret_cast<const mosquitto*>(&at);
}

TEST(ChannelKeys, AreOfThePrincipalInTheirIdentity) {
    const char one = 0;
    const char other = 0;
    ChannelKeys keys;
    keys.asked(client(one), "pico/2c7842c259d94f");
    EXPECT_TRUE(keys.is_of("pico", client(one)));
    EXPECT_FALSE(keys.is_of("pic", client(one)));
    EXPECT_FALSE(keys.is_of("", client(one)));
    EXPECT_FALSE(keys.is_of("pico", client(other)));
    keys.asked(client(one), "nurse/2c7842c259d94f");
    EXPECT_FALSE(keys.is_of("pico", client(one)));
    keys.gone(client(one));
    EXPECT_FALSE(keys.is_of("nurse", client(one)));
}

TEST(ChannelKeys, ForgetHandshakesThatNobodyEnded) {
    const std::string places(ChannelKeys::most + 1, '\0');
    ChannelKeys keys;
    for (const char& place : places) {
        keys.asked(client(place), "pico/2c7842c259d94f");
    }
    EXPECT_FALSE(keys.is_of("pico", client(places.front())));
    EXPECT_TRUE(keys.is_of("pico", client(places.back())));
}

}  // namespace
}  // namespace reseal::broker
