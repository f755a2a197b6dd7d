// SPDX-License-Identifier: Apache-2.0
// Joining, connecting, pausing: what the link does when something fails, and what it says.
#include "link/link_fixture.h"

#include <algorithm>

namespace reseal::test {
namespace {

TEST_F(Link, JoinsConnectsLogsInAndSubscribes) {
    driver.network = RESEAL_LINK_NETWORK_DOWN;
    step();
    EXPECT_EQ(driver.joins, 1);
    driver.network = RESEAL_LINK_NETWORK_UP;
    go_online();
    EXPECT_EQ(driver.client_ids, std::vector<std::string>{"bed-12"});
    EXPECT_FALSE(driver.passwords[0].empty());
    EXPECT_EQ(driver.filters, (std::vector<std::string>{"commands/bed-12/#", "ward/all/#"}));
    EXPECT_EQ(lines, (std::vector<std::string>{"joins the network", "connects", "online"}));
}

// The Wi-Fi driver of the Pico can stay in this state for ever after a lost link.
TEST_F(Link, JoinsAgainByForceWhenJoiningTakesTooLong) {
    driver.network = RESEAL_LINK_NETWORK_JOINING;
    pass(120'000);
    EXPECT_GE(driver.joins, 3);
    EXPECT_NE(std::count(lines.begin(), lines.end(),
                         "waits " + std::to_string(link.status.pause_ms) + " ms before attempt " +
                             std::to_string(link.status.attempt + 1) + ": the Wi-Fi network could not be joined"),
              0)
        << line();
}

TEST_F(Link, JoinsAgainByForceWhenTheNetworkOfAConnectionIsLost) {
    go_online();
    driver.network = RESEAL_LINK_NETWORK_JOINING;
    pass(10);
    EXPECT_NE(line().find("the network was lost"), std::string::npos) << line();
    pass(2000);
    EXPECT_EQ(driver.joins, 1);
    pass(60'000);
    EXPECT_GE(driver.joins, 2);
}

TEST_F(Link, SaysWhyTheNetworkCannotBeJoined) {
    const std::vector<std::pair<reseal_link_network, std::string>> all{
        {RESEAL_LINK_NETWORK_NOT_FOUND, "no Wi-Fi network of this name"},
        {RESEAL_LINK_NETWORK_WRONG_PASSWORD, "the Wi-Fi password is wrong"},
        {RESEAL_LINK_NETWORK_FAILED, "could not be joined"},
        {RESEAL_LINK_NETWORK_WITHOUT_ADDRESS, "DHCP does not answer"}};
    for (const auto& [state, words] : all) {
        driver.network = state;
        ASSERT_TRUE(comes([&] { return line().find(words) != std::string::npos; })) << words << ", not " << line();
    }
}

// A radio can believe that it is joined when it is not.
TEST_F(Link, JoinsAgainByForceWhenNobodyAnswersAnyMore) {
    for (int i = 0; i < RESEAL_LINK_UNANSWERED_MAX; ++i) {
        ASSERT_TRUE(comes_to(RESEAL_LINK_CONNECTING));
        EXPECT_EQ(driver.joins, 0);
        lose(i == 0 ? RESEAL_LINK_NO_NAME : RESEAL_LINK_NO_ANSWER);
    }
    ASSERT_TRUE(comes([&] { return driver.joins == 1; }));
    go_online();
}

TEST_F(Link, WaitsTwiceAsLongAfterEachFailureUpToAMinute) {
    random_works = false;
    std::vector<std::uint32_t> pauses;
    for (int i = 0; i < 9; ++i) {
        ASSERT_TRUE(comes_to(RESEAL_LINK_CONNECTING));
        lose(RESEAL_LINK_PORT_CLOSED);
        pauses.push_back(link.status.pause_ms);
    }
    EXPECT_EQ(pauses, (std::vector<std::uint32_t>{1000, 2000, 4000, 8000, 16000, 32000, 64000, 64000, 64000}));
    EXPECT_EQ(link.status.attempt, 9U);
}

TEST_F(Link, SpreadsItsPausesAtRandomBetweenHalfAndOneAndAHalf) {
    std::vector<std::uint32_t> pauses;
    for (int i = 0; i < 40; ++i) {
        ASSERT_TRUE(comes_to(RESEAL_LINK_CONNECTING));
        lose(RESEAL_LINK_PORT_CLOSED);
        if (i >= 6) {
            pauses.push_back(link.status.pause_ms);
        }
    }
    EXPECT_GE(*std::min_element(pauses.begin(), pauses.end()), 32000U);
    EXPECT_LE(*std::max_element(pauses.begin(), pauses.end()), 96000U);
    std::sort(pauses.begin(), pauses.end());
    EXPECT_GT(std::unique(pauses.begin(), pauses.end()) - pauses.begin(), 20);
}

// A broker that accepts and then ends the connection would otherwise be asked for two TLS handshakes a second.
TEST_F(Link, DoesNotTakeConnackForAStableConnection) {
    random_works = false;
    for (int i = 0; i < 6; ++i) {
        go_online();
        const reseal_message& message = seal("72");
        ASSERT_EQ(reseal_link_publish(&link, &message, 1), RESEAL_LINK_SENT);
        driver.acknowledge(driver.sent.back().handle);
        pass(1000);
        lose(RESEAL_LINK_CLOSED);
    }
    EXPECT_EQ(link.status.pause_ms, 32000U);
    go_online();
    pass(RESEAL_LINK_STABLE_MS);
    lose(RESEAL_LINK_CLOSED);
    EXPECT_EQ(link.status.pause_ms, 1000U) << "that one had lasted";
    EXPECT_EQ(link.status.attempt, 1U);
}

TEST_F(Link, SuspectsAnotherBoardOfItsNameWhenConnectionsAreEndedAgainAndAgain) {
    for (int i = 1; i <= RESEAL_LINK_SHORT_LIVES; ++i) {
        EXPECT_NE(link.status.reason, RESEAL_LINK_TAKEN_OVER);
        go_online();
        pass(2000);
        lose(i % 2 == 0 ? RESEAL_LINK_CLOSED : RESEAL_LINK_RESET);
    }
    EXPECT_NE(line().find("is another board using this client id?"), std::string::npos) << line();
}

TEST_F(Link, DoesNotSuspectAnotherBoardWhenTheNetworkIsBad) {
    for (int i = 0; i < 5; ++i) {
        go_online();
        if (i % 2 == 0) {
            lose(RESEAL_LINK_CLOSED);
        } else {
            driver.network = RESEAL_LINK_NETWORK_DOWN;
            pass(10);
            driver.network = RESEAL_LINK_NETWORK_UP;
        }
        EXPECT_NE(link.status.reason, RESEAL_LINK_TAKEN_OVER);
    }
}

TEST_F(Link, SaysWhatDidNotAnswerWithinTheDeadline) {
    for (const reseal_link_reason waits :
         {RESEAL_LINK_NO_NAME, RESEAL_LINK_NO_ANSWER, RESEAL_LINK_TLS_NO_ANSWER, RESEAL_LINK_NO_CONNACK}) {
        ASSERT_TRUE(comes_to(RESEAL_LINK_CONNECTING));
        driver.happen(RESEAL_LINK_EVENT_WAITS, waits);
        pass(RESEAL_LINK_CONNECT_MS - 10);
        EXPECT_EQ(link.status.state, RESEAL_LINK_CONNECTING);
        pass(10);
        EXPECT_EQ(link.status.state, RESEAL_LINK_PAUSE);
        EXPECT_EQ(link.status.reason, waits);
    }
}

TEST_F(Link, ReportsARefusedSubscriptionAndStaysOnline) {
    ASSERT_TRUE(comes_to(RESEAL_LINK_CONNECTING));
    driver.happen(RESEAL_LINK_EVENT_CONNECTED);
    step();
    driver.answer_subscriptions(RESEAL_LINK_EVENT_DENIED);
    pass(120'000);
    EXPECT_EQ(line(), "online; subscriptions refused: 2");
    EXPECT_EQ(lines.back(), line());
    EXPECT_EQ(driver.connect_times.size(), 1U);
}

TEST_F(Link, LeavesABrokerThatDoesNotAnswerASubscription) {
    ASSERT_TRUE(comes_to(RESEAL_LINK_CONNECTING));
    driver.happen(RESEAL_LINK_EVENT_CONNECTED);
    pass(RESEAL_LINK_ANSWER_MS + 10);
    EXPECT_EQ(link.status.reason, RESEAL_LINK_NO_SUBACK);
}

TEST_F(Link, TellsConnackCodesInWords) {
    ASSERT_TRUE(comes_to(RESEAL_LINK_CONNECTING));
    lose(RESEAL_LINK_REFUSED_RIGHTS, 5);
    EXPECT_EQ(line(), "waits " + std::to_string(link.status.pause_ms) +
                          " ms before attempt 2: the broker does not let us in: its log says why (code 5)");
    ASSERT_TRUE(comes_to(RESEAL_LINK_CONNECTING));
    lose(RESEAL_LINK_TLS_FAILED, -0x2700);
    EXPECT_NE(line().find("the TLS handshake failed (code -9984)"), std::string::npos) << line();
}

TEST_F(Link, HasASentenceForEachReasonAndEachLineFits) {
    for (int reason = 0; reason < 60; ++reason) {
        const std::string text = reseal_link_reason_text(static_cast<reseal_link_reason>(reason));
        EXPECT_FALSE(text.empty() || text.back() == '.') << reason;
        link.status = {RESEAL_LINK_PAUSE,
                       static_cast<reseal_link_reason>(reason),
                       INT32_MIN,
                       UINT32_MAX - 1,
                       UINT32_MAX,
                       0,
                       0,
                       0,
                       0};
        EXPECT_NE(line().find(reason == RESEAL_LINK_FINE ? "4294967295" : "(code -2147483648)"), std::string::npos)
            << line();
        EXPECT_LT(line().size(), static_cast<std::size_t>(RESEAL_LINK_LINE_SIZE) - 1);
    }
    link.status.denied = link.status.refused = link.status.too_large = UINT32_MAX;
    EXPECT_LT(line().size(), static_cast<std::size_t>(RESEAL_LINK_LINE_SIZE)) << "cut, never more";
}

TEST_F(Link, UsesAPasswordAgainThatNoBrokerHasSeen) {
    ASSERT_TRUE(comes_to(RESEAL_LINK_CONNECTING));
    lose(RESEAL_LINK_NO_ANSWER);
    ASSERT_TRUE(comes_to(RESEAL_LINK_CONNECTING));
    EXPECT_EQ(driver.passwords[1], driver.passwords[0]);
    lose(RESEAL_LINK_REFUSED_LOGIN, 4);
    ASSERT_TRUE(comes_to(RESEAL_LINK_CONNECTING));
    EXPECT_NE(driver.passwords[2], driver.passwords[1]);
    go_online();
    lose(RESEAL_LINK_RESET);
    ASSERT_TRUE(comes_to(RESEAL_LINK_CONNECTING));
    EXPECT_NE(driver.passwords[3], driver.passwords[2]);
    EXPECT_EQ(link.status.logins, 3U);
}

TEST_F(Link, SaysThatItCannotProveItsKey) {
    epochs.store_fails = true;
    ASSERT_TRUE(comes([&] { return link.status.reason == RESEAL_LINK_NO_LOGIN; }));
    EXPECT_NE(line().find(reseal_status_text(RESEAL_EPOCH_NOT_STORED)), std::string::npos) << line();
    EXPECT_TRUE(driver.connect_times.empty());
    epochs.store_fails = false;
    go_online();
}

TEST_F(Link, ContinuesWhenItsClockWraps) {
    now = UINT32_MAX - 1500;
    go_online();
    pass(4000);
    EXPECT_EQ(link.status.state, RESEAL_LINK_ONLINE);
    lose(RESEAL_LINK_RESET);
    go_online();
}

TEST_F(Link, RefusesAConfigurationThatCannotWork) {
    reseal_link_config config = link.config;
    reseal_link other{};
    config.filter_count = RESEAL_LINK_FILTERS_MAX + 1;
    EXPECT_EQ(reseal_link_open(&other, &config), RESEAL_BAD_ARGUMENT);
    config = link.config;
    config.listener = static_cast<reseal_listener>(0);
    EXPECT_EQ(reseal_link_open(&other, &config), RESEAL_BAD_ARGUMENT);
    config = link.config;
    config.driver = nullptr;
    EXPECT_EQ(reseal_link_open(&other, &config), RESEAL_BAD_ARGUMENT);
    config = link.config;
    reseal_device closed{};
    config.device = &closed;
    EXPECT_EQ(reseal_link_open(&other, &config), RESEAL_CLOSED);
}

}  // namespace
}  // namespace reseal::test
