// A broker with the plugin loses and doubles no more than the same broker without it: at every packet of a publisher's
// exchange the connection is cut, or the broker ends.
#include <gtest/gtest.h>

#include <iostream>

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

}  // namespace
}  // namespace faults
