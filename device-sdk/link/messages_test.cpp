// SPDX-License-Identifier: Apache-2.0
// What goes through the link: messages out until they are accepted, messages in, and new keys.
#include "link/link_fixture.h"

namespace reseal::test {
namespace {

TEST_F(Link, WithTlsTakesPubackForAcceptance) {
    go_online();
    const reseal_message& message = seal("72");
    ASSERT_EQ(reseal_link_publish(&link, &message, 7), RESEAL_LINK_SENT);
    pass(1000);
    EXPECT_TRUE(accepted.empty());
    driver.acknowledge(driver.sent.back().handle);
    step();
    EXPECT_EQ(accepted, std::vector<std::uint32_t>{7});
}

TEST_F(Link, WithoutTlsTakesOnlyASealedAcknowledgementForAcceptance) {
    open(RESEAL_LISTENER_SEALED);
    go_online();
    EXPECT_EQ(driver.filters.front(), "$reseal/bed-12/ack");
    const reseal_message& message = seal("72");
    ASSERT_EQ(reseal_link_publish(&link, &message, 7), RESEAL_LINK_SENT);
    driver.acknowledge(driver.sent.back().handle);
    driver.receive("$reseal/bed-12/ack", Bytes(message.payload.data, message.payload.data + message.payload.size));
    pass(1000);
    EXPECT_TRUE(accepted.empty()) << "anybody can say PUBACK there, or send something back";
    EXPECT_EQ(link.status.refused, 1U);
    acknowledge_sealed(device.sender.counter - 1);
    step();
    EXPECT_EQ(accepted, std::vector<std::uint32_t>{7});
}

TEST_F(Link, WithoutTlsNeedsNotSendAgainWhatWasNamedBefore) {
    open(RESEAL_LISTENER_SEALED);
    go_online();
    const reseal_message& message = seal("72");
    acknowledge_sealed(device.sender.counter - 1);
    step();
    ASSERT_EQ(reseal_link_publish(&link, &message, 7), RESEAL_LINK_SENT);
    EXPECT_TRUE(accepted.empty()) << "not from inside the call";
    step();
    EXPECT_EQ(accepted, std::vector<std::uint32_t>{7}) << "the broker would not name it again";
    EXPECT_TRUE(driver.sent.empty());
}

TEST_F(Link, WithoutTlsUsesAPacketIdAgainOnlyAfterPuback) {
    open(RESEAL_LISTENER_SEALED);
    go_online();
    ASSERT_EQ(reseal_link_publish(&link, &seal("1"), 1), RESEAL_LINK_SENT);
    acknowledge_sealed(device.sender.counter - 1);
    step();
    ASSERT_EQ(accepted.size(), 1U);
    ASSERT_EQ(reseal_link_publish(&link, &seal("2"), 2), RESEAL_LINK_SENT);
    EXPECT_NE(driver.sent[0].handle, driver.sent[1].handle);
    driver.acknowledge(driver.sent[0].handle);
    step();
    ASSERT_EQ(reseal_link_publish(&link, &seal("3"), 3), RESEAL_LINK_SENT);
    EXPECT_EQ(driver.sent[0].handle, driver.sent[2].handle);
}

TEST_F(Link, ConnectsAgainWhenNothingIsAcknowledged) {
    go_online();
    ASSERT_EQ(reseal_link_publish(&link, &seal("72"), 1), RESEAL_LINK_SENT);
    pass(RESEAL_LINK_ANSWER_MS + 10);
    EXPECT_EQ(link.status.reason, RESEAL_LINK_NO_ACKNOWLEDGEMENT);
    EXPECT_EQ(driver.disconnects, 1);
}

TEST_F(Link, HasNothingInFlightAfterALostConnection) {
    go_online();
    const reseal_message& message = seal("72");
    for (std::uint32_t i = 0; i < RESEAL_LINK_IN_FLIGHT; ++i) {
        ASSERT_EQ(reseal_link_publish(&link, &message, i), RESEAL_LINK_SENT);
    }
    EXPECT_EQ(reseal_link_publish(&link, &message, 99), RESEAL_LINK_BUSY);
    lose(RESEAL_LINK_RESET);
    EXPECT_EQ(reseal_link_publish(&link, &message, 99), RESEAL_LINK_BUSY) << "not online";
    go_online();
    driver.acknowledge(3);
    step();
    EXPECT_TRUE(accepted.empty()) << "that was for the connection before";
    EXPECT_EQ(reseal_link_publish(&link, &message, 0), RESEAL_LINK_SENT);
}

TEST_F(Link, CountsMessagesThatDoNotFitAndStaysOnline) {
    go_online();
    driver.largest = 10;
    EXPECT_EQ(reseal_link_publish(&link, &seal("72"), 1), RESEAL_LINK_SENT_TOO_LARGE);
    driver.happen(RESEAL_LINK_EVENT_TOO_LARGE);
    const std::string topic = "commands/bed-12/text";
    driver.receive(topic, seal_for_device(topic, std::string(300, 'x')));
    step();
    EXPECT_EQ(line(), "online; messages too large: 3");
    EXPECT_EQ(lines.back(), line());
}

TEST_F(Link, OpensWhatArrivesOnceAndCountsWhatDoesNotOpen) {
    go_online();
    const std::string topic = "commands/bed-12/interval";
    const Bytes sealed = seal_for_device(topic, "500");
    driver.receive(topic, sealed);
    driver.receive(topic, sealed);
    driver.receive(topic, Bytes{'5', '0', '0'});
    driver.receive("$reseal/bed-12/ack", sealed);
    step();
    EXPECT_EQ(received, std::vector<std::string>{topic + " 500"});
    EXPECT_EQ(link.status.refused, 3U);
}

TEST_F(Link, TakesANewKeyAndConnectsWithItAtOnce) {
    open(RESEAL_LISTENER_TLS, true);
    go_online();
    EXPECT_EQ(driver.filters.front(), "$reseal/bed-12/key");
    reseal_credentials fresh = credentials();
    fresh.key_id[0] ^= 1U;
    fresh.master[0] ^= 1U;
    std::string record(RESEAL_REKEY_RECORD_MAX, '\0');
    record.resize(reseal_rekey_record_write(reinterpret_cast<std::uint8_t *>(record.data()), &fresh));
    driver.receive("$reseal/bed-12/key", seal_for_device("$reseal/bed-12/key", record));
    step();
    ASSERT_EQ(keys.size(), 1U);
    EXPECT_EQ(link.status.state, RESEAL_LINK_CONNECTING) << line();
    EXPECT_EQ(line(), "connects: connects with the key that came over the air");
    EXPECT_EQ(link.status.attempt, 0U);
    go_online();
    pass(1000);
    EXPECT_EQ(driver.connect_times.size(), 2U);
}

TEST_F(Link, AsksForALastingSessionWhereItIsTold) {
    go_online();
    EXPECT_FALSE(driver.lasting);
    lose(RESEAL_LINK_RESET);
    link.config.lasting = true;
    go_online();
    EXPECT_TRUE(driver.lasting);
}

}  // namespace
}  // namespace reseal::test
