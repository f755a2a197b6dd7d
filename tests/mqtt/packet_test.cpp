// SPDX-License-Identifier: Apache-2.0
#include "mqtt/packet.h"

#include <gtest/gtest.h>

namespace mqtt {
namespace {

TEST(Packet, OfAPublishIsReadBackAsWritten) {
    const Publish message{.topic = "ward/1",
                          .payload = std::string("a\0b", 3),
                          .qos = 2,
                          .retain = true,
                          .dup = true,
                          .id = 513,
                          .properties = {{.id = Id::payload_format, .number = 1},
                                         {.id = Id::message_expiry, .number = 70000},
                                         {.id = Id::correlation_data, .text = std::string("\0\1", 2)},
                                         {.id = Id::user_property, .text = "bpm", .name = "unit"},
                                         {.id = Id::subscription_id, .number = 300},
                                         {.id = Id::topic_alias, .number = 7}}};
    const Bytes bytes = encode(message, v5);
    std::size_t at = 0;
    const auto packet = next_packet(bytes, at);
    ASSERT_TRUE(packet);
    EXPECT_EQ(at, bytes.size());
    const Publish read = decode_publish(*packet, v5);
    EXPECT_EQ(read.topic, message.topic);
    EXPECT_EQ(read.payload, message.payload);
    EXPECT_EQ(read.qos, 2);
    EXPECT_TRUE(read.retain && read.dup);
    EXPECT_EQ(read.id, 513);
    EXPECT_EQ(read.properties, message.properties);
}

TEST(Packet, OfMqtt311HasTheBytesOfTheStandard) {
    EXPECT_EQ(encode(Publish{.topic = "a/b", .payload = "x", .qos = 1, .id = 10}, v311),
              (Bytes{0x32, 8, 0, 3, 'a', '/', 'b', 0, 10, 'x'}));
    EXPECT_EQ(encode(Connect{.version = v311, .client_id = "c", .keepalive = 60}),
              (Bytes{0x10, 13, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, 1, 'c'}));
}

TEST(Packet, IsConsumedOnlyWhenComplete) {
    Bytes bytes = encode(Publish{.topic = "t", .payload = std::string(200, 'x')}, v311);
    const Bytes whole = bytes;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        bytes.assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        std::size_t at = 0;
        EXPECT_FALSE(next_packet(bytes, at)) << size;
        EXPECT_EQ(at, 0U);
    }
}

TEST(Packet, ThatEndsTooEarlyIsAnError) {
    const Bytes body{0, 9, 'a'};
    EXPECT_THROW(Reader(body).text(), std::runtime_error);
}

}  // namespace
}  // namespace mqtt
