#include "mosquitto/socket_table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace reseal::broker {
namespace {

constexpr const char* heading = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n";

bool beyond(const std::string& line, std::uint16_t port) {
    std::istringstream table(heading + line + "\n");
    return listens_beyond_loopback(table, port);
}

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

}  // namespace
}  // namespace reseal::broker
