// SPDX-License-Identifier: Apache-2.0
// The first refusal of a kind is told at once, the others are counted.
#include "observe/repeats.h"

#include <gtest/gtest.h>

#include <vector>

namespace reseal::observe {
namespace {

Refused refused(std::string_view principal, std::string_view topic, Refusal reason = Refusal::bad_tag) {
    return {.action = "publish", .principal = principal, .client_id = "client", .topic = topic, .reason = reason};
}

Refused stranger(std::string_view address, std::string_view client = "x") {
    return {.action = "connect", .client_id = client, .reason = Refusal::no_certificate, .address = address};
}

struct Told {
    std::string who;
    std::string topic;
    Refusal reason;
    std::uint64_t count;
};

std::vector<Told> summary(Repeats& repeats) {
    std::vector<Told> out;
    repeats.summarise([&](const Refused& event, std::uint64_t count) {
        const std::string_view who = event.principal.empty() ? event.address : event.principal;
        out.push_back({std::string(who), std::string(event.topic), event.reason, count});
    });
    return out;
}

TEST(Repeats, ReportsTheFirstOfAKindAndCountsTheOthers) {
    Repeats repeats;
    EXPECT_TRUE(repeats.first(refused("pico", "ward/pico/pulse")));
    EXPECT_FALSE(repeats.first(refused("pico", "ward/pico/pulse")));
    EXPECT_FALSE(repeats.first(refused("pico", "ward/pico/pulse")));
    const auto told = summary(repeats);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].who, "pico");
    EXPECT_EQ(told[0].topic, "ward/pico/pulse");
    EXPECT_EQ(told[0].count, 2U);
}

TEST(Repeats, CountsPrincipalsReasonsAndTopicsSeparately) {
    Repeats repeats;
    EXPECT_TRUE(repeats.first(refused("pico", "ward/pico")));
    EXPECT_TRUE(repeats.first(refused("pump", "ward/pico")));
    EXPECT_TRUE(repeats.first(refused("pico", "ward/pico", Refusal::replay)));
    EXPECT_TRUE(repeats.first(refused("pico", "commands/pico")));
    EXPECT_TRUE(summary(repeats).empty());
}

TEST(Repeats, CountsStrangersByTheirAddress) {
    Repeats repeats;
    EXPECT_TRUE(repeats.first(stranger("192.0.2.1")));
    EXPECT_TRUE(repeats.first(stranger("192.0.2.2")));
    EXPECT_FALSE(repeats.first(stranger("192.0.2.1")));
    EXPECT_EQ(summary(repeats).at(0).who, "192.0.2.1");
    EXPECT_TRUE(repeats.first(stranger("192.0.2.1", "y"))) << "and by their client id";
}

// What a stranger claims must neither multiply its lines nor use up those of the principal whose name it takes.
TEST(Repeats, CountsUnprovenClaimsAgainstTheAddress) {
    Repeats repeats;
    std::size_t told = 0;
    for (int i = 0; i < 1000; ++i) {
        const std::string claimed = "pico" + std::to_string(i);
        told += repeats.first({.action = "tls-psk",
                               .principal = claimed,
                               .reason = Refusal::unknown_principal,
                               .address = "192.0.2.1",
                               .proven = false})
                    ? 1
                    : 0;
    }
    EXPECT_EQ(told, Repeats::kinds_of_one + 1);
    EXPECT_TRUE(repeats.first(refused("pico1", "ward/pico1")));
    EXPECT_EQ(summary(repeats).at(0).who, "192.0.2.1");
}

TEST(Repeats, ContinuesCountingInTheNextInterval) {
    Repeats repeats;
    (void)repeats.first(refused("pico", "ward/pico"));
    (void)repeats.first(refused("pico", "ward/pico"));
    EXPECT_EQ(summary(repeats).size(), 1U);
    EXPECT_FALSE(repeats.first(refused("pico", "ward/pico")));
    EXPECT_EQ(summary(repeats).at(0).count, 1U);
}

TEST(Repeats, ReportsImmediatelyAgainAfterAQuietInterval) {
    Repeats repeats;
    EXPECT_TRUE(repeats.first(refused("pico", "ward/pico")));
    EXPECT_TRUE(summary(repeats).empty());
    EXPECT_TRUE(repeats.first(refused("pico", "ward/pico")));
}

TEST(Repeats, ReportsOnePrincipalWithManyTopicsOnlyAFewTimes) {
    Repeats repeats;
    std::size_t told = 0;
    for (int i = 0; i < 1000; ++i) {
        told += repeats.first(refused("pico", "topic" + std::to_string(i))) ? 1 : 0;
    }
    EXPECT_EQ(told, Repeats::kinds_of_one + 1);
    EXPECT_TRUE(repeats.first(refused("pump", "ward/pump"))) << "it hides nobody else";
    const auto rest = summary(repeats);
    ASSERT_EQ(rest.size(), 1U);
    EXPECT_EQ(rest[0].topic, "");
    EXPECT_EQ(rest[0].count, 1000 - told);
}

TEST(Repeats, ReportsAPrincipalHoweverManyStrangersThereAre) {
    Repeats repeats;
    for (std::size_t i = 0; i < 2 * Repeats::kinds_of_all; ++i) {
        (void)repeats.first(stranger("192.0.2." + std::to_string(i)));
    }
    EXPECT_TRUE(repeats.first(refused("pico", "ward/pico")));
    EXPECT_FALSE(repeats.first(refused("pico", "ward/pico")));
    for (const Told& told : summary(repeats)) {
        EXPECT_TRUE(told.who != "pico" || told.topic == "ward/pico");
    }
}

TEST(Repeats, ReportsAPrincipalHoweverManyOthersThereAre) {
    Repeats repeats;
    for (std::size_t i = 0; i < 2 * Repeats::kinds_of_all; ++i) {
        (void)repeats.first(refused("pump" + std::to_string(i), "ward/pump"));
    }
    EXPECT_TRUE(repeats.first(refused("pico", "ward/pico")));
}

TEST(Repeats, HoldsABoundedNumberOfKinds) {
    Repeats repeats;
    std::size_t told = 0;
    constexpr std::size_t strangers = 2 * Repeats::kinds_of_all;
    for (std::size_t i = 0; i < strangers; ++i) {
        told += repeats.first(stranger("192.0.2." + std::to_string(i))) ? 1 : 0;
    }
    EXPECT_EQ(told, Repeats::kinds_of_all + 1);
    EXPECT_EQ(summary(repeats).at(0).count, strangers - told);
}

}  // namespace
}  // namespace reseal::observe
