#include "app/vitals.h"

#include <gtest/gtest.h>

#include <reseal/rekey.h>
#include <memory>
#include <set>

#include "app/test_board.h"

namespace reseal::vitals {
namespace {

class Vitals : public testing::Test {
  protected:
    Vitals() { open(false); }
    ~Vitals() override { vitals_close(&app); }

    void open(bool sealed_connect) {
        const reseal_credentials credentials = test_credentials();
        port = board.port();
        ASSERT_EQ(vitals_open(&app, board.get(), &credentials, &port, sealed_connect), RESEAL_OK);
    }

    void pass(std::uint32_t ms) {
        for (std::uint32_t gone = 0; gone < ms; gone += 10) {
            board.ms += 10;
            vitals_step(&app);
        }
    }

    void go_online() {
        while (app.state != VITALS_CONNECTING) {
            pass(10);
        }
        vitals_connected(&app);
        vitals_step(&app);
    }

    // What is on its way arrives, and is acknowledged as far as `acknowledges`.
    void arrive(bool acknowledges = true) {
        while (!board.sent.empty()) {
            const Sent message = board.sent.front();
            board.sent.pop_front();
            last_status = broker.take(message.topic, message.payload);
            if (acknowledges) {
                vitals_acknowledged(&app, message.number);
                vitals_step(&app);
            }
        }
    }

    void lose_connection() {
        board.sent.clear();
        vitals_lost(&app);
    }

    // The "n" of what was delivered, in this order.
    [[nodiscard]] std::vector<int> numbers() const {
        std::vector<int> found;
        for (const auto &[topic, text] : broker.delivered) {
            found.push_back(std::stoi(text.substr(std::string(R"({"n":)").size())));
        }
        return found;
    }

    static std::vector<int> range(int first, int last) {
        std::vector<int> all;
        for (int n = first; n <= last; ++n) {
            all.push_back(n);
        }
        return all;
    }

    void command(const std::string &topic, const std::string &text) {
        std::vector<std::uint8_t> memory(text.size() + RESEAL_OVERHEAD_MAX);
        reseal_buffer out{memory.data(), memory.size(), 0};
        ASSERT_EQ(reseal_sender_seal(&commander(), {reinterpret_cast<const std::uint8_t *>(topic.data()), topic.size()},
                                     {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()}, &out),
                  RESEAL_OK);
        memory.resize(out.size);
        last_command = memory;
        vitals_received(&app, topic.c_str(), {memory.data(), memory.size()});
        vitals_step(&app);
    }

    reseal_sender &commander() {
        if (!commander_) {
            commander_ = std::make_unique<reseal_sender>();
            const reseal_credentials credentials = test_credentials();
            const reseal_port same = commander_board_.port();
            reseal_sender_open(commander_.get(), &credentials, RESEAL_DOWNLINK, same.crypto, &same.epochs,
                               &same.random);
        }
        return *commander_;
    }

    TestBoard board;
    TestBroker broker;
    reseal_port port{};
    ::vitals app{};
    reseal_status last_status = RESEAL_OK;
    std::vector<std::uint8_t> last_command;

  private:
    TestBoard commander_board_;
    std::unique_ptr<reseal_sender> commander_;
};

TEST_F(Vitals, SendsAReadingASecondInOrder) {
    go_online();
    for (int i = 0; i < 5; ++i) {
        pass(1000);
        arrive();
    }
    EXPECT_EQ(numbers(), range(1, 5));
    EXPECT_EQ(broker.delivered[0].first, "ward/pico1/vitals/reading");
    EXPECT_EQ(outbox_size(&app.outbox), 0U);
}

TEST_F(Vitals, ListensToItsCommandsAfterEachConnect) {
    go_online();
    lose_connection();
    go_online();
    EXPECT_EQ(board.filters, (std::vector<std::string>{"commands/pico1/#", "$reseal/pico1/key", "commands/pico1/#",
                                                       "$reseal/pico1/key"}));
}

TEST_F(Vitals, KeepsReadingsOverAnOutageAndSendsThemAfterwards) {
    go_online();
    pass(3000);
    arrive();
    lose_connection();
    board.network = BOARD_NETWORK_DOWN;
    pass(60'000);
    board.network = BOARD_NETWORK_UP;
    go_online();
    for (int i = 0; i < 20; ++i) {
        arrive();
    }
    EXPECT_EQ(numbers(), range(1, static_cast<int>(app.outbox.last_number)));
    EXPECT_GE(app.outbox.last_number, 63U);
    EXPECT_EQ(app.outbox.dropped, 0U);
}

TEST_F(Vitals, DeliversOnceWhatTheBrokerTookButCouldNotAcknowledge) {
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

TEST_F(Vitals, LosesNothingWhateverOrderLossesAndAcknowledgementsComeIn) {
    for (int round = 0; round < 40; ++round) {
        go_online();
        pass(1000U + 700U * static_cast<unsigned>(round % 7));
        if (round % 3 == 0) {
            board.sent.clear();
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

TEST_F(Vitals, LosesNothingWhenPasswordsPushWhatIsInFlightOutOfTheWindow) {
    vitals_close(&app);
    open(true);
    go_online();
    pass(3000);
    board.sent.clear();
    for (int i = 0; i < RESEAL_WINDOW_MIN + 5; ++i) {
        lose_connection();
        go_online();
        EXPECT_EQ(broker.take("$connect/pico1", decode(board.connects.back().second)), RESEAL_OK);
    }
    app.paused = true;
    for (int i = 0; i < 20; ++i) {
        arrive();
    }
    std::set<int> arrived;
    for (const auto &[topic, text] : broker.delivered) {
        if (topic != "$connect/pico1") {
            arrived.insert(std::stoi(text.substr(5)));
        }
    }
    EXPECT_EQ(arrived.size(), app.outbox.last_number);
}

TEST_F(Vitals, DropsTheOldestOnlyWhenThereIsNoPlaceAndCountsThem) {
    board.network = BOARD_NETWORK_DOWN;
    pass(1000U * (OUTBOX_WAITING));
    EXPECT_EQ(app.outbox.dropped, 0U);
    pass(3000);
    EXPECT_EQ(app.outbox.dropped, 3U);
    app.paused = true;
    board.network = BOARD_NETWORK_UP;
    go_online();
    for (int i = 0; i < 100; ++i) {
        arrive();
    }
    EXPECT_EQ(numbers(), range(4, OUTBOX_WAITING + 3));
}

TEST_F(Vitals, SendsNoMoreThanItsClientHasRoomFor) {
    board.room = 2;
    go_online();
    pass(5000);
    EXPECT_EQ(board.sent.size(), 2U);
    arrive();
    arrive();
    arrive();
    EXPECT_EQ(numbers(), range(1, 5));
}

TEST_F(Vitals, ConnectsAnewWhenNothingIsAcknowledged) {
    go_online();
    pass(30'000);
    EXPECT_EQ(board.disconnects, 1);
    EXPECT_NE(app.state, VITALS_ONLINE);
}

TEST_F(Vitals, WaitsLongerAfterEachFailedAttemptToConnect) {
    std::vector<std::uint32_t> times;
    while (times.size() < 5) {
        pass(10);
        if (app.state == VITALS_CONNECTING) {
            times.push_back(board.ms);
            vitals_lost(&app);
        }
    }
    for (std::size_t i = 2; i < times.size(); ++i) {
        EXPECT_GT(times[i] - times[i - 1], times[i - 1] - times[i - 2]);
    }
}

TEST_F(Vitals, MakesANewPasswordOnlyForABrokerThatSawTheLastOne) {
    vitals_close(&app);
    open(true);
    pass(10);
    vitals_lost(&app);
    pass(2000);
    ASSERT_EQ(board.connects.size(), 2U);
    EXPECT_EQ(board.connects[1], board.connects[0]) << "nobody saw it";
    vitals_refused(&app);
    pass(5000);
    ASSERT_EQ(board.connects.size(), 3U);
    EXPECT_NE(board.connects[2].second, board.connects[1].second);
    EXPECT_EQ(board.connects[2].first, "pico1");
}

TEST_F(Vitals, WithACertificateHasNoPassword) {
    go_online();
    EXPECT_EQ(board.connects.back().second, "");
}

TEST_F(Vitals, TakesASealedCommandForItsRateAndAnswers) {
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

TEST_F(Vitals, SaysWhatWouldBeRightWhenACommandIsWrong) {
    go_online();
    command("commands/pico1/interval", "99");
    arrive();
    EXPECT_EQ(app.interval_ms, static_cast<std::uint32_t>(VITALS_INTERVAL_MS));
    ASSERT_EQ(broker.delivered.size(), 1U);
    EXPECT_NE(broker.delivered[0].second.find(R"("done":false,"expected":"milliseconds from 100 to 3600000")"),
              std::string::npos)
        << broker.delivered[0].second;
}

TEST_F(Vitals, CarriesOutNothingThatWasNotSealedForItOrCameBefore) {
    go_online();
    command("commands/pico1/interval", "500");
    command("commands/pico1/interval", "600");
    vitals_received(&app, "commands/pico1/interval", {last_command.data(), last_command.size()});
    const std::string clear = "100";
    vitals_received(&app, "commands/pico1/interval",
                    {reinterpret_cast<const std::uint8_t *>(clear.data()), clear.size()});
    EXPECT_EQ(app.not_commands, 2U);
    EXPECT_EQ(app.interval_ms, 600U);
}

reseal_credentials second_generation() {
    reseal_credentials made = test_credentials();
    std::memcpy(made.key_id, "secondk", RESEAL_KEY_ID_SIZE);
    made.master[0] = 2;
    return made;
}

std::string record_of(const reseal_credentials &of) {
    std::string out(RESEAL_REKEY_RECORD_MAX, '\0');
    out.resize(reseal_rekey_record_write(reinterpret_cast<std::uint8_t *>(out.data()), &of));
    return out;
}

TEST_F(Vitals, KeepsANewKeyAndConnectsAnewWithIt) {
    vitals_close(&app);
    open(true);
    go_online();
    pass(3000);
    arrive();
    pass(1000);
    command("$reseal/pico1/key", record_of(second_generation()));
    EXPECT_EQ(board.disconnects, 1);
    ASSERT_EQ(board.keys.size(), 1U);
    EXPECT_EQ(std::memcmp(board.keys[0].key_id, "secondk", RESEAL_KEY_ID_SIZE), 0);
    board.sent.clear();
    go_online();
    TestBroker fresh(RESEAL_WINDOW_MIN, second_generation());
    EXPECT_EQ(fresh.take("$connect/pico1", decode(board.connects.back().second)), RESEAL_OK);
    pass(1000);
    ASSERT_EQ(board.sent.size(), 2U);
    EXPECT_EQ(broker.take(board.sent[0].topic, board.sent[0].payload), RESEAL_OK) << "sealed and sent before";
    EXPECT_EQ(fresh.take(board.sent[1].topic, board.sent[1].payload), RESEAL_OK);
    EXPECT_EQ(board.disconnects, 1) << "once";
}

TEST_F(Vitals, GoesOnUnderItsKeyWhenANewOneCannotBeStoredOrIsNone) {
    go_online();
    board.flash_works = false;
    command("$reseal/pico1/key", record_of(second_generation()));
    board.flash_works = true;
    command("$reseal/pico1/key", "no key");
    command("$reseal/pico1/key", record_of(test_credentials()));
    EXPECT_EQ(app.not_commands, 3U);
    EXPECT_TRUE(board.keys.empty());
    EXPECT_EQ(board.disconnects, 0);
    pass(1000);
    arrive();
    EXPECT_EQ(last_status, RESEAL_OK);
}

TEST_F(Vitals, BlinksToBeFound) {
    go_online();
    EXPECT_EQ(vitals_led(&app), LED_ONLINE);
    command("commands/pico1/identify", "2");
    EXPECT_EQ(vitals_led(&app), LED_IDENTIFY);
    pass(2000);
    EXPECT_EQ(vitals_led(&app), LED_ONLINE);
}

TEST_F(Vitals, ShowsEachStateOnTheLed) {
    board.network = BOARD_NETWORK_DOWN;
    pass(10);
    EXPECT_EQ(vitals_led(&app), LED_JOINING);
    board.network = BOARD_NETWORK_UP;
    pass(10);
    EXPECT_EQ(vitals_led(&app), LED_CONNECTING);
    vitals_refused(&app);
    EXPECT_EQ(vitals_led(&app), LED_REFUSED);
    go_online();
    EXPECT_EQ(vitals_led(&app), LED_ONLINE);
    EXPECT_TRUE(board.led);
}

TEST_F(Vitals, SendsNothingWhenItsEpochCannotBeStored) {
    board.flash_works = false;
    go_online();
    pass(3000);
    EXPECT_TRUE(board.sent.empty());
    EXPECT_EQ(vitals_led(&app), LED_FAULT);
    board.flash_works = true;
    pass(10);
    arrive();
    EXPECT_EQ(numbers(), range(1, 3));
}

TEST_F(Vitals, JoinsTheWirelessNetworkAgain) {
    board.network = BOARD_NETWORK_DOWN;
    pass(50'000);
    EXPECT_EQ(board.joins, 3);
}

TEST_F(Vitals, GoesOnWhenItsClockBeginsAgain) {
    board.ms = UINT32_MAX - 1500;
    vitals_close(&app);
    open(false);
    go_online();
    pass(4000);
    arrive();
    EXPECT_EQ(numbers(), range(1, 4));
}

}  // namespace
}  // namespace reseal::vitals
