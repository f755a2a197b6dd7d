// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <reseal/ack.h>

#include "core/test_support.h"

namespace reseal::test {
namespace {

reseal_ack up_to(std::uint32_t counter) {
    reseal_ack ack{};
    ack.epoch = {7, {1, 2, 3, 4}};
    ack.counter = counter;
    return ack;
}

Bytes message(std::uint32_t counter, reseal_epoch epoch = {7, {1, 2, 3, 4}}) {
    Draft draft;
    draft.direction = RESEAL_UPLINK;
    draft.epoch = epoch;
    draft.counter = counter;
    return draft.seal();
}

bool names(const reseal_ack& ack, const Bytes& message) {
    return reseal_ack_names(&ack, view(message));
}

TEST(Ack, HasTheFormatOfTheProtocol) {
    reseal_ack ack = up_to(0x000A0B0C);
    for (std::uint8_t i = 0; i < RESEAL_ACK_WINDOW_SIZE; i++) {
        ack.window[i] = static_cast<std::uint8_t>(0xE0 + i);
    }
    Bytes record(RESEAL_ACK_SIZE);
    reseal_ack_write(record.data(), &ack);
    EXPECT_EQ(record, (Bytes{1,    0,    0,    0,    7,    1,    2,    3,    4,    0,    10,   11,   12,   0xE0, 0xE1,
                             0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xEB, 0xEC, 0xED, 0xEE, 0xEF}));
    reseal_ack read{};
    ASSERT_TRUE(reseal_ack_read(view(record), &read));
    EXPECT_EQ(read.counter, ack.counter);
    EXPECT_TRUE(reseal_epoch_equal(&read.epoch, &ack.epoch));
    EXPECT_TRUE(std::equal(std::begin(ack.window), std::end(ack.window), std::begin(read.window)));
}

TEST(Ack, InAnyOtherFormatNamesNothing) {
    Bytes record(RESEAL_ACK_SIZE);
    const reseal_ack ack = up_to(5);
    reseal_ack_write(record.data(), &ack);
    Bytes longer = record;
    longer.push_back(0);
    Bytes other = record;
    other[0] = 2;
    for (const Bytes& wrong : {Bytes{}, Bytes(record.begin(), record.end() - 1), longer, other}) {
        reseal_ack read = ack;
        EXPECT_FALSE(reseal_ack_read(view(wrong), &read));
        EXPECT_FALSE(names(read, message(5)));
    }
}

TEST(Ack, NamesTheHighestCounterAndThoseInItsWindow) {
    reseal_ack ack = up_to(200);
    ack.window[0] = 0x01;   // 199
    ack.window[15] = 0x80;  // 72
    for (const std::uint32_t counter : {200U, 199U, 72U}) {
        EXPECT_TRUE(names(ack, message(counter))) << counter;
    }
    for (const std::uint32_t counter : {201U, 198U, 73U, 71U, 0U}) {
        EXPECT_FALSE(names(ack, message(counter))) << counter;
    }
}

TEST(Ack, NamesNothingOfAnotherEpoch) {
    const reseal_ack ack = up_to(5);
    EXPECT_FALSE(names(ack, message(5, {6, {1, 2, 3, 4}})));
    EXPECT_FALSE(names(ack, message(5, {7, {1, 2, 3, 5}})));
    EXPECT_FALSE(names(ack, Bytes{1, 2, 3}));
    EXPECT_FALSE(names(reseal_ack{}, message(0)));
}

class DeviceAck : public testing::Test {
  protected:
    DeviceAck() { EXPECT_EQ(reseal_device_open(&device, &of, &port), RESEAL_OK); }
    ~DeviceAck() override { reseal_device_close(&device); }
    DeviceAck(const DeviceAck&) = delete;
    DeviceAck& operator=(const DeviceAck&) = delete;

    // Seals an acknowledgement as the broker does.
    static Bytes sealed(const Bytes& plaintext, const std::string& topic = "$reseal/bed-12/ack") {
        Draft draft;
        draft.topic = topic;
        draft.plaintext = plaintext;
        return draft.seal();
    }

    MemoryEpochs epochs;
    CountingRandom random;
    reseal_credentials of = credentials();
    reseal_port port{reseal_crypto_mbedtls(), epochs.port(), random.port(), {}};
    reseal_device device;
    reseal_ack ack = up_to(9);
};

TEST_F(DeviceAck, IsSubscribedUnderATopicOfTheDevice) {
    char topic[RESEAL_ACK_TOPIC_SIZE];
    reseal_ack_topic(&device, topic);
    EXPECT_STREQ(topic, "$reseal/bed-12/ack");
    reseal_device_close(&device);
    reseal_ack_topic(&device, topic);
    EXPECT_STREQ(topic, "");
    reseal_ack_topic(nullptr, topic);
    EXPECT_STREQ(topic, "");
}

TEST_F(DeviceAck, IsAcceptedOnceAndOnlyFromTheBroker) {
    Bytes record(RESEAL_ACK_SIZE);
    reseal_ack_write(record.data(), &ack);
    const Bytes payload = sealed(record);
    reseal_ack taken{};
    ASSERT_EQ(reseal_device_ack(&device, view(payload), &taken), RESEAL_OK);
    EXPECT_TRUE(names(taken, message(9)));
    EXPECT_EQ(reseal_device_ack(&device, view(payload), &taken), RESEAL_REPLAY);
    EXPECT_FALSE(names(taken, message(9)));
    EXPECT_EQ(reseal_device_ack(&device, view(record), &taken), RESEAL_MALFORMED);
    EXPECT_EQ(reseal_device_ack(nullptr, view(payload), &taken), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_device_ack(&device, view(payload), nullptr), RESEAL_BAD_ARGUMENT);
}

TEST_F(DeviceAck, IsNotAnyOtherMessageFromTheBroker) {
    Bytes record(RESEAL_ACK_SIZE);
    reseal_ack_write(record.data(), &ack);
    reseal_ack taken = ack;
    EXPECT_EQ(reseal_device_ack(&device, view(sealed(record, "commands/bed-12/rate")), &taken), RESEAL_BAD_TAG);
    EXPECT_EQ(reseal_device_ack(&device, view(sealed({1, 2, 3})), &taken), RESEAL_MALFORMED);
    EXPECT_FALSE(names(taken, message(9)));
}

}  // namespace
}  // namespace reseal::test
