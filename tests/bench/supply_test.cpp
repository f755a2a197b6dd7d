// SPDX-License-Identifier: Apache-2.0
#include "bench/supply.h"

#include <gtest/gtest.h>

#include "bench/subscriber.h"

namespace bench {
namespace {

Kind kind_of(int version, int qos) {
    return {.version = version, .qos = qos, .payload = 64, .topics = {"ward/a/bench", "ward/longer/bench"}};
}

TEST(ClearSupply, GivesEachMessageItsTopicNumberAndPacketId) {
    for (const int version : {mqtt::v311, mqtt::v5}) {
        for (const int qos : {0, 1, 2}) {
            const auto supply = clear_supply(kind_of(version, qos));
            mqtt::Bytes bytes;
            for (const std::uint64_t number : {0U, 1U, 300U, 131'070U}) {
                supply->append(number, bytes);
            }
            std::size_t at = 0;
            for (const std::uint64_t number : {0U, 1U, 300U, 131'070U}) {
                const auto packet = mqtt::next_packet(bytes, at);
                ASSERT_TRUE(packet);
                const mqtt::Publish message = decode_publish(*packet, version);
                EXPECT_EQ(message.topic, number % 2 == 0 ? "ward/a/bench" : "ward/longer/bench");
                EXPECT_EQ(message.qos, qos);
                EXPECT_EQ(message.id, qos == 0 ? 0 : number / 2 % 65535 + 1);
                EXPECT_EQ(message.payload.size(), 64U);
                EXPECT_EQ(number_in({reinterpret_cast<const std::uint8_t*>(message.payload.data()), 64}), number);
            }
            EXPECT_EQ(at, bytes.size());
        }
    }
}

TEST(PublishView, ReadsWhatEncodeWrites) {
    for (const int version : {mqtt::v311, mqtt::v5}) {
        for (const int qos : {0, 1, 2}) {
            mqtt::Publish message{.topic = "ward/a/bench", .payload = "seventy-two", .qos = qos};
            message.id = qos == 0 ? 0 : 258;
            if (version == mqtt::v5) {
                message.properties = {{.id = mqtt::Id::content_type, .text = std::string(200, 'c')}};
            }
            const mqtt::Bytes bytes = encode(message, version);
            std::size_t at = 0;
            const PublishView view = view_of(*mqtt::next_frame(bytes, at), version);
            EXPECT_EQ(view.topic, message.topic);
            EXPECT_EQ(view.id, message.id);
            EXPECT_EQ(std::string(view.payload.begin(), view.payload.end()), message.payload);
        }
    }
}

TEST(PublishView, RefusesAPacketThatEndsTooEarly) {
    const mqtt::Bytes topic_longer_than_packet = {0, 9, 'w', 'a'};
    EXPECT_THROW(view_of({mqtt::Type::publish, 0, topic_longer_than_packet}, mqtt::v311), std::runtime_error);
    const mqtt::Bytes properties_longer_than_packet = {0, 1, 'w', 100, 1};
    EXPECT_THROW(view_of({mqtt::Type::publish, 0, properties_longer_than_packet}, mqtt::v5), std::runtime_error);
}

}  // namespace
}  // namespace bench
