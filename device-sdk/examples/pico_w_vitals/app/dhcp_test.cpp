// SPDX-License-Identifier: Apache-2.0
#include "app/dhcp.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace reseal::vitals {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint8_t discover = 1;
constexpr std::uint8_t offer = 2;
constexpr std::uint8_t ask = 3;
constexpr std::uint8_t ack = 5;
constexpr std::uint8_t nak = 6;
constexpr std::uint8_t release = 7;
constexpr std::uint8_t inform = 8;

Bytes option(std::uint8_t code, const Bytes& value) {
    Bytes all;
    all.reserve(2 + value.size());
    all.push_back(code);
    all.push_back(static_cast<std::uint8_t>(value.size()));
    all.insert(all.end(), value.begin(), value.end());
    return all;
}

Bytes request(std::uint8_t type, std::uint8_t client, const std::vector<Bytes>& options = {}) {
    Bytes packet(240, 0);
    packet[0] = 1;
    packet[1] = 1;
    packet[2] = 6;
    packet[4] = 0xCA;
    packet[33] = client;  // the last byte of its MAC
    const Bytes cookie = {0x63, 0x82, 0x53, 0x63};
    std::copy(cookie.begin(), cookie.end(), packet.begin() + 236);
    const Bytes kind = option(53, {type});
    packet.insert(packet.end(), kind.begin(), kind.end());
    for (const Bytes& more : options) {
        packet.insert(packet.end(), more.begin(), more.end());
    }
    packet.push_back(255);
    return packet;
}

class Dhcp : public testing::Test {
  protected:
    std::optional<Bytes> answer(const Bytes& packet) {
        Bytes out(DHCP_ANSWER_SIZE);
        if (!dhcp_answer(&server, {packet.data(), packet.size()}, now, out.data())) {
            return std::nullopt;
        }
        return out;
    }

    static int type(const std::optional<Bytes>& packet) { return packet ? packet->at(242) : 0; }
    static int host(const std::optional<Bytes>& packet) { return packet ? packet->at(19) : -1; }

    int join(std::uint8_t client) {
        const auto offered = answer(request(discover, client));
        if (type(offered) != offer) {
            return 0;
        }
        const Bytes wanted = {192, 168, 4, static_cast<std::uint8_t>(host(offered))};
        const auto given = answer(request(ask, client, {option(50, wanted), option(54, {192, 168, 4, 1})}));
        return type(given) == ack ? host(given) : 0;
    }

    dhcp_server server{};
    std::uint32_t now = 100;
};

TEST_F(Dhcp, GivesEachClientAStableAddress) {
    EXPECT_EQ(join(1), 2);
    EXPECT_EQ(join(2), 3);
    EXPECT_EQ(join(1), 2);
}

TEST_F(Dhcp, AnswersWithEveryOptionAPhoneRequests) {
    const auto offered = answer(request(discover, 1));
    ASSERT_TRUE(offered);
    EXPECT_EQ(offered->at(0), 2) << "an answer";
    EXPECT_EQ(offered->at(4), 0xCA) << "to this very request";
    EXPECT_EQ(offered->at(33), 1) << "of this client";
    Bytes expected;
    for (const Bytes& part :
         {option(53, {offer}), option(54, {192, 168, 4, 1}), option(51, {0, 0, 0x0E, 0x10}),
          option(1, {255, 255, 255, 0}), option(3, {192, 168, 4, 1}), option(6, {192, 168, 4, 1}), Bytes{255, 0}}) {
        expected.insert(expected.end(), part.begin(), part.end());
    }
    EXPECT_EQ(Bytes(offered->begin() + 240, offered->begin() + 240 + static_cast<long>(expected.size())), expected);
}

TEST_F(Dhcp, RefusesAnAddressThatIsNotTheClients) {
    ASSERT_EQ(join(1), 2);
    EXPECT_EQ(type(answer(request(ask, 2, {option(50, {192, 168, 4, 2})}))), nak);
    EXPECT_EQ(type(answer(request(ask, 1, {option(50, {10, 0, 0, 2})}))), nak);
    EXPECT_EQ(type(answer(request(ask, 1))), nak);
}

TEST_F(Dhcp, RenewsTheClientsAddress) {
    ASSERT_EQ(join(1), 2);
    Bytes renewal = request(ask, 1);
    const Bytes own = {192, 168, 4, 2};
    std::copy(own.begin(), own.end(), renewal.begin() + 12);
    EXPECT_EQ(type(answer(renewal)), ack);
}

TEST_F(Dhcp, HasEightAddressesAndReusesReleasedAndExpiredOnes) {
    for (std::uint8_t client = 1; client <= DHCP_LEASES; ++client) {
        EXPECT_EQ(join(client), client + 1);
    }
    EXPECT_EQ(join(99), 0);
    EXPECT_FALSE(answer(request(release, 3)));
    EXPECT_EQ(join(99), 4);
    now += DHCP_LEASE_SECONDS;
    EXPECT_EQ(join(100), 2);
}

TEST_F(Dhcp, IgnoresOtherServersAndOtherMessages) {
    EXPECT_FALSE(answer(request(ask, 1, {option(50, {192, 168, 4, 2}), option(54, {10, 0, 0, 1})})));
    EXPECT_FALSE(answer(request(inform, 1)));
    EXPECT_FALSE(answer(request(offer, 1)));
}

TEST_F(Dhcp, IgnoresMalformedMessages) {
    const Bytes good = request(discover, 1);
    for (const auto& [place, wrong] : std::vector<std::pair<std::size_t, std::uint8_t>>{
             {0, 2}, {1, 6}, {2, 16}, {24, 10}, {236, 0}, {240, 54}, {241, 2}, {241, 200}, {242, 0}}) {
        Bytes bad = good;
        bad[place] = wrong;
        EXPECT_FALSE(answer(bad)) << place;
    }
    EXPECT_FALSE(answer(request(discover, 1, {option(53, {discover})}))) << "two types";
    EXPECT_FALSE(answer(request(discover, 1, {option(50, {192, 168, 4})}))) << "a short address";
    EXPECT_FALSE(answer(Bytes(2000, 0)));
    for (std::size_t size = 0; size < good.size(); ++size) {
        EXPECT_FALSE(answer(Bytes(good.begin(), good.begin() + static_cast<long>(size)))) << size << " bytes of it";
    }
    EXPECT_TRUE(answer(good));
}

}  // namespace
}  // namespace reseal::vitals
