#include "mosquitto/socket_table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace reseal::broker {
namespace {

const std::string heading = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n";

bool beyond(const std::string& line, std::uint16_t port) {
    std::istringstream table(heading + line + " 00000000:00000000 00:00000000 00000000 0 0 1\n");
    return listens_beyond_loopback(table, port);
}

const std::string row = " 00000000:00000000 00:00000000 00000000   106        0 ";

TEST(SocketTable, KnowsLoopbackAddresses) {
    EXPECT_FALSE(beyond("   0: 0100007F:075B 00000000:0000 0A", 1883));
    EXPECT_FALSE(beyond("   0: 0200017F:075B 00000000:0000 0A", 1883));
    EXPECT_FALSE(beyond("   0: 00000000000000000000000001000000:075B 00000000000000000000000000000000:0000 0A", 1883));
    EXPECT_FALSE(beyond("   0: 0000000000000000FFFF00000100007F:075B 00000000000000000000000000000000:0000 0A", 1883));
}

TEST(SocketTable, KnowsWhatOtherMachinesReach) {
    EXPECT_TRUE(beyond("   0: 00000000:075B 00000000:0000 0A", 1883));
    EXPECT_TRUE(beyond("   0: 7F00000A:075B 00000000:0000 0A", 1883)) << "10.0.0.127";
    EXPECT_TRUE(beyond("   0: 00000000000000000000000000000000:075B 00000000000000000000000000000000:0000 0A", 1883));
    EXPECT_TRUE(beyond("   0: 0000000000000000000000000000007F:075B 00000000000000000000000000000000:0000 0A", 1883));
}

TEST(SocketTable, LooksAtListeningSocketsOfThePortOnly) {
    EXPECT_FALSE(beyond("   0: 00000000:075B 0100007F:1000 01", 1883)) << "established";
    EXPECT_FALSE(beyond("   0: 00000000:22B3 00000000:0000 0A", 1883)) << "port 8883";
    EXPECT_FALSE(beyond("", 1883));
    EXPECT_FALSE(beyond("nonsense", 1883));
}

TEST(SocketTable, KnowsThePortsOnWhichAProcessListensByItsSockets) {
    std::istringstream table(heading + "   0: 00000000:075B 00000000:0000 0A" + row + "4711 1 0000\n" +
                             "   1: 00000000:22B3 00000000:0000 0A" + row + "4712 1 0000\n" +
                             "   2: 0100007F:075C 0200007F:C000 01" + row + "4713 1 0000\n");
    EXPECT_EQ(listening_ports(table, {4711, 4713}), std::set<std::uint16_t>{1883});
}

TEST(SocketTable, KnowsTheConnectionsOfAnAddress) {
    const std::string lines =
        heading + "   0: 0A00000A:075B 0B00000A:C001 01" + row + "1 1 0000\n" + "   1: 0A00000A:22B3 0B00000A:C002 01" +
        row + "2 1 0000\n" + "   2: 0A00000A:22B4 0C00000A:C002 01" + row + "3 1 0000\n" +
        "   3: 0A00000A:22B5 0B00000A:C003 06" + row + "4 1 0000\n" +
        "   4: 0000000000000000FFFF00000A00000A:075D 0000000000000000FFFF00000B00000A:C004 01" + row + "5 1 0000\n";
    std::istringstream table(lines);
    EXPECT_EQ(connected_ports(table, *parse_address("10.0.0.11")), (std::set<std::uint16_t>{1883, 1885, 8883}));
    std::istringstream again(lines);
    EXPECT_EQ(connected_ports(again, *parse_address("::ffff:10.0.0.12")), std::set<std::uint16_t>{8884});
    EXPECT_FALSE(parse_address("bed-12"));
}

}  // namespace
}  // namespace reseal::broker
