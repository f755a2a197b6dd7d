// SPDX-License-Identifier: Apache-2.0
// Whatever stations send to the open access point: nothing is read past a packet's end. An answer is a BOOTREPLY of
// even length with the client's own transaction and address, and offers one of the eight addresses. No two clients hold
// the same one. The input is two bytes of size, then a packet, and so on; a minute passes after each.
#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <set>

#include "app/dhcp.h"

namespace {

constexpr std::size_t kTransaction = 4;
constexpr std::size_t kYourAddress = 16;
constexpr std::size_t kClientAddress = 28;
constexpr std::size_t kMessageType = 242;
constexpr std::uint8_t kNak = 6;

void require(bool property) {
    if (!property) {
        std::abort();
    }
}

void check_answer(const std::uint8_t* request, const std::array<std::uint8_t, DHCP_ANSWER_SIZE>& answer) {
    require(answer[0] == 2);
    require(std::memcmp(&answer[kTransaction], request + kTransaction, 4) == 0);
    require(std::memcmp(&answer[kClientAddress], request + kClientAddress, DHCP_MAC_SIZE) == 0);
    const std::uint8_t* const address = &answer[kYourAddress];
    const bool none = address[0] == 0 && address[3] == 0;
    const bool ours = address[0] == 192 && address[1] == 168 && address[2] == 4 && address[3] >= 2 && address[3] <= 9;
    require(answer[kMessageType] == kNak ? none : none || ours);
}

void check_leases(const dhcp_server& server) {
    std::set<std::array<std::uint8_t, DHCP_MAC_SIZE>> holders;
    for (const dhcp_lease& lease : server.leases) {
        std::array<std::uint8_t, DHCP_MAC_SIZE> mac{};
        std::memcpy(mac.data(), lease.mac, mac.size());
        require(!lease.used || holders.insert(mac).second);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    dhcp_server server{};
    std::uint32_t now = 0;
    while (size >= 2) {
        const std::size_t wanted = static_cast<std::size_t>(data[0] << 8U | data[1]);
        const std::size_t length = wanted < size - 2 ? wanted : size - 2;
        const std::unique_ptr<std::uint8_t[]> packet(new std::uint8_t[length]);  // its own memory: its end is watched
        std::memcpy(packet.get(), data + 2, length);
        std::array<std::uint8_t, DHCP_ANSWER_SIZE> answer{};
        if (dhcp_answer(&server, {packet.get(), length}, now, answer.data())) {
            check_answer(packet.get(), answer);
        }
        check_leases(server);
        data += 2 + length;
        size -= 2 + length;
        now += 60;
    }
    return 0;
}
