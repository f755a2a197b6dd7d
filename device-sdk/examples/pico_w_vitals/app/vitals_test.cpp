// SPDX-License-Identifier: Apache-2.0
#include "app/vitals_fixture.h"

#include <set>

namespace reseal::vitals {
namespace {

TEST_F(Vitals, SendsOneReadingPerSecondInOrder) {
    go_online();
    for (int i = 0; i < 5; ++i) {
        pass(1000);
        arrive();
    }
    EXPECT_EQ(numbers(), range(1, 5));
    EXPECT_EQ(broker.delivered[0].first, "ward/pico1/vitals/reading");
    EXPECT_EQ(outbox_size(&app.outbox), 0U);
}

TEST_F(Vitals, SubscribesToItsCommandsAfterEachConnect) {
    go_online();
    lose_connection();
    go_online();
    EXPECT_EQ(board.driver.filters, (std::vector<std::string>{"$reseal/pico1/key", "commands/pico1/#",
                                                              "$reseal/pico1/key", "commands/pico1/#"}));
}

TEST_F(Vitals, KeepsReadingsDuringAnOutageAndSendsThemAfterwards) {
    go_online();
    pass(3000);
    arrive();
    lose_connection();
    board.driver.network = RESEAL_LINK_NETWORK_DOWN;
    pass(60'000);
    board.driver.network = RESEAL_LINK_NETWORK_UP;
    go_online();
    for (int i = 0; i < 20; ++i) {
        arrive();
    }
    EXPECT_EQ(numbers(), range(1, static_cast<int>(app.outbox.last_number)));
    EXPECT_GE(app.outbox.last_number, 63U);
    EXPECT_EQ(app.outbox.dropped, 0U);
}

TEST_F(Vitals, DeliversAnUnacknowledgedReadingOnce) {
    go_online();
    pass(3000);
    arrive(false);
    lose_connection();
    go_online();
    arrive();
    EXPECT_EQ(last_status, RESEAL_REPLAY) << "the same bytes again: the broker knows them";
    EXPECT_EQ(numbers(), range(1, 3));
    EXPECT_EQ(outbox_size(&app.outbox), 0U);
}

TEST_F(Vitals, LosesNothingWhateverTheOrderOfLossesAndAcks) {
    for (int round = 0; round < 40; ++round) {
        go_online();
        pass(1000U + 700U * static_cast<unsigned>(round % 7));
        if (round % 3 == 0) {
            board.driver.sent.clear();
        }
        arrive(round % 2 == 0);
        lose_connection();
    }
    app.paused = true;
    go_online();
    for (int i = 0; i < 20; ++i) {
        arrive();
    }
    EXPECT_EQ(numbers(), range(1, static_cast<int>(app.outbox.last_number)));
}

TEST_F(Vitals, LosesNothingWhenPasswordsMoveTheWindowPastReadings) {
    vitals_close(&app);
    open(RESEAL_LISTENER_SEALED);
    go_online();
    pass(3000);
    app.paused = true;
    board.driver.sent.clear();
    for (int i = 0; i < RESEAL_WINDOW_MIN + 5; ++i) {
        lose_connection();
        go_online();
        EXPECT_EQ(broker.take("$connect/sealed/pico1", decode(board.driver.passwords.back())), RESEAL_OK);
    }
    for (int i = 0; i < 20; ++i) {
        arrive();
    }
    std::set<int> arrived;
    for (const auto& [topic, text] : broker.delivered) {
        if (topic != "$connect/sealed/pico1") {
            arrived.insert(std::stoi(text.substr(5)));
        }
    }
    EXPECT_EQ(arrived.size(), app.outbox.last_number);
}

TEST_F(Vitals, DropsAndCountsTheOldestOnlyWhenFull) {
    board.driver.network = RESEAL_LINK_NETWORK_DOWN;
    pass(1000U * (OUTBOX_WAITING));
    EXPECT_EQ(app.outbox.dropped, 0U);
    pass(3000);
    EXPECT_EQ(app.outbox.dropped, 3U);
    app.paused = true;
    board.driver.network = RESEAL_LINK_NETWORK_UP;
    go_online();
    for (int i = 0; i < 100; ++i) {
        arrive();
    }
    EXPECT_EQ(numbers(), range(4, OUTBOX_WAITING + 3));
}

TEST_F(Vitals, SendsNoMoreThanItsClientCanHold) {
    board.driver.room = 2;
    go_online();
    pass(5000);
    EXPECT_EQ(board.driver.sent.size(), 2U);
    arrive();
    arrive();
    arrive();
    EXPECT_EQ(numbers(), range(1, 5));
}

TEST_F(Vitals, ProvesItsKeyInAdditionToItsCertificate) {
    go_online();
    EXPECT_EQ(broker.take("$connect/tls/pico1", decode(board.driver.passwords.back())), RESEAL_OK);
}

TEST_F(Vitals, ObeysASealedRateCommandAndAnswers) {
    go_online();
    const std::uint32_t commanded_ms = board.ms;
    command("commands/pico1/interval", "100");
    app.last_reading_ms = board.ms;
    pass(500);
    arrive();
    EXPECT_EQ(app.interval_ms, 100U);
    ASSERT_EQ(broker.delivered.size(), 6U);
    EXPECT_EQ(broker.delivered[0].first, "ward/pico1/vitals/answer");
    EXPECT_EQ(broker.delivered[0].second,
              R"({"n":1,"ms":)" + std::to_string(commanded_ms) +
                  R"(,"command":"interval","done":true,"interval_ms":100,"unsent":0,"dropped":0})");
}

TEST_F(Vitals, AnswersAWrongCommandWithWhatWouldBeRight) {
    go_online();
    command("commands/pico1/interval", "99");
    arrive();
    EXPECT_EQ(app.interval_ms, static_cast<std::uint32_t>(VITALS_INTERVAL_MS));
    ASSERT_EQ(broker.delivered.size(), 1U);
    EXPECT_NE(broker.delivered[0].second.find(R"("done":false,"expected":"milliseconds from 100 to 3600000")"),
              std::string::npos)
        << broker.delivered[0].second;
}

TEST_F(Vitals, IgnoresReplayedAndForeignCommands) {
    go_online();
    command("commands/pico1/interval", "500");
    command("commands/pico1/interval", "600");
    board.driver.receive("commands/pico1/interval", last_command);
    board.driver.receive("commands/pico1/interval", {'1', '0', '0'});
    vitals_step(&app);
    EXPECT_EQ(app.link.status.refused, 2U);
    EXPECT_EQ(app.interval_ms, 600U);
}

TEST_F(Vitals, BlinksWhenAskedToIdentifyItself) {
    go_online();
    EXPECT_EQ(vitals_led(&app), LED_ONLINE);
    command("commands/pico1/identify", "2");
    EXPECT_EQ(vitals_led(&app), LED_IDENTIFY);
    pass(2000);
    EXPECT_EQ(vitals_led(&app), LED_ONLINE);
}

TEST_F(Vitals, ShowsEachStateOnTheLed) {
    board.driver.network = RESEAL_LINK_NETWORK_DOWN;
    pass(10);
    EXPECT_EQ(vitals_led(&app), LED_JOINING);
    board.driver.network = RESEAL_LINK_NETWORK_UP;
    pass(10);
    EXPECT_EQ(vitals_led(&app), LED_CONNECTING);
    lose_connection(RESEAL_LINK_REFUSED_LOGIN);
    EXPECT_EQ(vitals_led(&app), LED_REFUSED);
    go_online();
    EXPECT_EQ(vitals_led(&app), LED_ONLINE);
    EXPECT_TRUE(board.led);
}

TEST_F(Vitals, SendsNothingWhenItsEpochCannotBeStored) {
    board.flash_works = false;
    pass(3000);
    EXPECT_TRUE(board.driver.passwords.empty()) << "it cannot prove its key";
    EXPECT_EQ(vitals_led(&app), LED_FAULT);
    board.flash_works = true;
    go_online();
    app.paused = true;
    const auto taken = static_cast<int>(app.readings);
    arrive();
    EXPECT_EQ(numbers(), range(1, taken));
}

TEST_F(Vitals, ContinuesWhenItsClockRestarts) {
    board.ms = UINT32_MAX - 1500;
    vitals_close(&app);
    open(RESEAL_LISTENER_TLS);
    go_online();
    pass(4000);
    arrive();
    EXPECT_EQ(numbers(), range(1, 4));
}

TEST_F(Vitals, WithoutTlsForgetsOnlyWhatASealedAckNames) {
    vitals_close(&app);
    open(RESEAL_LISTENER_SEALED);
    go_online();
    EXPECT_EQ(std::count(board.driver.filters.begin(), board.driver.filters.end(), "$reseal/pico1/ack"), 1);
    pass(3000);
    for (const test::Published& message : board.driver.sent) {
        board.driver.acknowledge(message.handle);
    }
    vitals_step(&app);
    EXPECT_EQ(outbox_size(&app.outbox), 3U) << "anybody can say PUBACK there";
    board.driver.receive("$reseal/pico1/ack", board.driver.sent.front().payload);
    vitals_step(&app);
    EXPECT_EQ(outbox_size(&app.outbox), 3U);
    app.paused = true;
    arrive();
    EXPECT_EQ(outbox_size(&app.outbox), 0U);
}

TEST_F(Vitals, WithoutTlsReconnectsIfNoSealedAckArrives) {
    vitals_close(&app);
    open(RESEAL_LISTENER_SEALED);
    go_online();
    pass(1000);
    board.driver.acknowledge(board.driver.sent.front().handle);
    pass(21000);
    EXPECT_EQ(board.driver.disconnects, 1);
    EXPECT_GT(outbox_size(&app.outbox), 0U);
}

TEST_F(Vitals, OverTlsNeedsOnlyTheMqttAcknowledgement) {
    go_online();
    EXPECT_EQ(std::count(board.driver.filters.begin(), board.driver.filters.end(), "$reseal/pico1/ack"), 0);
    pass(1000);
    arrive();
    EXPECT_EQ(outbox_size(&app.outbox), 0U);
}

}  // namespace
}  // namespace reseal::vitals
