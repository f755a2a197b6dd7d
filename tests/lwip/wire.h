// SPDX-License-Identifier: Apache-2.0
// A device and a broker's machine on one wire, both in one lwIP: what the wire does to packets, which allocation fails,
// and what time it is, a test decides.
#pragma once

#include <lwip/netif.h>

#include <cstdint>
#include <deque>
#include <functional>
#include <random>
#include <vector>

namespace reseal::lwip {

inline constexpr const char* broker_address = "10.0.0.2";

struct Faults {
    unsigned lost = 0;  // of 100 packets
    unsigned duplicated = 0;
    unsigned longest_ms = 0;  // delay, at random: packets overtake each other
    bool cut = false;         // all are lost
};

class Wire {
  public:
    // There is one at a time.
    Wire();
    ~Wire();
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;

    // Time passes, packets arrive, and lwIP's timers run.
    void pass_ms(std::uint32_t ms);
    [[nodiscard]] std::uint32_t now() const;

    // The Nth allocation from now on fails, from 1; 0: none does.
    static void fail_allocation(std::uint64_t nth);
    // How many there were since.
    static std::uint64_t allocations();

    Faults faults;
    std::minstd_rand random{1};

  private:
    struct Packet {
        std::uint64_t due;
        netif* to;
        std::vector<std::uint8_t> bytes;
    };

    static err_t start(netif* interface);
    static err_t output(netif* interface, pbuf* packet, const ip4_addr_t* destination);
    void queue(netif* to, const std::vector<std::uint8_t>& bytes);
    void deliver();
    bool happens(unsigned percent) { return random() % 100 < percent; }

    netif device_{};
    netif broker_{};
    std::deque<Packet> packets_;
};

}  // namespace reseal::lwip
