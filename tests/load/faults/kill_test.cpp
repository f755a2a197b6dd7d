// SPDX-License-Identifier: Apache-2.0
// A broker with the plugin loses and doubles no more than the same broker without it: at every packet of a publisher's
// exchange the connection is cut, or the broker ends. Ended at random moments under load, it loses nothing.
#include <gtest/gtest.h>

#include <iostream>
#include <random>

#include "harness/broker.h"
#include "load/faults/document.h"

namespace faults {
namespace {

std::string in_words(const Figures& figures) {
    return std::to_string(figures.accepted) + " accepted, " + std::to_string(figures.lost) + " of " +
           std::to_string(figures.due) + " deliveries lost, " + std::to_string(figures.twice) + " twice";
}

void expect_no_worse(Fault fault, Store store) {
    Hospital hospital(harness::plugin());
    const Column column{.fault = fault, .store = store, .rows = at_every_packet(hospital, fault, store)};
    std::cout << packet_table({column}) << std::flush;
    for (const Compared& row : column.rows) {
        const std::string what =
            "\n  without the plugin: " + in_words(row.without) + "\n  with it: " + in_words(row.with);
        EXPECT_EQ(row.with.accepted, row.without.accepted) << in_words(row.of) << what;
        EXPECT_EQ(row.with.refused + row.with.open, 0U) << in_words(row.of) << what;
        EXPECT_LE(row.with.lost, row.without.lost) << in_words(row.of) << what;
        EXPECT_LE(row.with.twice, row.without.twice) << in_words(row.of) << what;
    }
}

TEST(Killed, OrCutAtAnyPacketNoMessageIsLostOrDoubledByThePlugin) {
    expect_no_worse(Fault::cut, Store::none);
}

TEST(Killed, InOrderAtAnyPacketNoMessageIsLostOrDoubledByThePlugin) {
    expect_no_worse(Fault::sigterm, Store::none);
}

TEST(Killed, InOrderWhereSessionsAreSavedNoMessageIsLostOrDoubledByThePlugin) {
    expect_no_worse(Fault::sigterm, Store::each_change);
}

TEST(Killed, AtOnceAtAnyPacketNoMessageIsLostOrDoubledByThePlugin) {
    expect_no_worse(Fault::sigkill, Store::none);
}

TEST(Killed, AtOnceWhereSessionsAreSavedNoMessageIsLostOrDoubledByThePlugin) {
    expect_no_worse(Fault::sigkill, Store::each_change);
}

// Cases where the broker itself loses nothing: it forgets what it queued for a saved session since it last wrote its
// file.
bool keeps_all(const Row& row) {
    return row.store == Store::none || row.qos == 1 || !row.lasting;
}

void expect_nothing_lost(Event event) {
    constexpr std::size_t rounds = 3;
    const unsigned seed = std::random_device()();
    std::cout << "seed " << seed << "\n" << moment_head();
    for (const Row& row : all_rows()) {
        if (row.event != event || !keeps_all(row)) {
            continue;
        }
        Hospital hospital(harness::plugin());
        const Storm storm = at_random_moments(hospital, row, rounds, seed);
        std::cout << moment_line(storm) << std::flush;
        EXPECT_EQ(storm.with.stopped, "");
        EXPECT_EQ(storm.with.figures.lost, 0U) << moment_line(storm);
    }
}

TEST(Killed, AtOnceUnderLoadNoMessageIsLost) {
    expect_nothing_lost(Event::sigkill);
}

TEST(Killed, InOrderUnderLoadNoMessageIsLost) {
    if (harness::Broker::seals_when_sent()) {
        GTEST_SKIP() << "Mosquitto 2.1 loses some itself: docs/reliability.md has the figures";
    }
    expect_nothing_lost(Event::sigterm);
}

}  // namespace
}  // namespace faults
