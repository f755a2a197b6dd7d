// SPDX-License-Identifier: Apache-2.0
// The Pico's Wi-Fi under the link, with the chip's driver in the test's hands.
#include <gtest/gtest.h>
#include <pico/cyw43_arch.h>
#include <reseal/pico/mqtt.h>

#include <string>
#include <vector>

namespace {

int status = CYW43_LINK_DOWN;
std::vector<std::string> calls;
reseal_lwip_config opened;

}  // namespace

extern "C" {

cyw43_t cyw43_state;

int cyw43_wifi_leave(cyw43_t * /*self*/, int /*interface*/) {
    calls.emplace_back("leave");
    return 0;
}

int cyw43_tcpip_link_status(cyw43_t * /*self*/, int /*interface*/) {
    return status;
}

int cyw43_arch_wifi_connect_async(const char *name, const char *password, uint32_t security) {
    const char *kind = security == CYW43_AUTH_OPEN ? "open" : security == CYW43_AUTH_WPA2_AES_PSK ? "wpa2" : "wpa3";
    calls.push_back(std::string("join ") + name + " " + (password == nullptr ? "-" : password) + " " + kind);
    return 0;
}

void cyw43_arch_enable_sta_mode(void) {
    calls.emplace_back("station");
}

const reseal_link_driver *reseal_lwip_open(reseal_lwip *lwip, const reseal_lwip_config *config) {
    opened = *config;
    return &lwip->driver;
}
}

namespace reseal::test {
namespace {

class PicoWifi : public testing::Test {
  protected:
    PicoWifi() { open("secret"); }

    void open(const char *password) {
        calls.clear();
        status = CYW43_LINK_DOWN;
        wifi = {"ward", password};
        const reseal_lwip_config lwip{};
        EXPECT_NE(reseal_pico_mqtt_open(&wifi, &lwip), nullptr);
        EXPECT_EQ(calls, std::vector<std::string>{"station"});
        calls.clear();
    }

    reseal_link_network state(std::uint32_t now_ms) { return opened.network.state(opened.network.context, now_ms); }
    void join(std::uint32_t now_ms) { opened.network.join(opened.network.context, now_ms); }

    reseal_pico_wifi wifi{};
};

TEST_F(PicoWifi, LeavesBeforeItJoinsAndWaitsUntilItHasLeft) {
    status = CYW43_LINK_JOIN;
    join(1000);
    EXPECT_EQ(state(1010), RESEAL_LINK_NETWORK_JOINING);
    EXPECT_EQ(calls, std::vector<std::string>{"leave"});
    status = CYW43_LINK_DOWN;
    EXPECT_EQ(state(1020), RESEAL_LINK_NETWORK_DOWN);
    EXPECT_EQ(calls, (std::vector<std::string>{"leave", "join ward secret wpa2"}));
}

TEST_F(PicoWifi, JoinsAfterHalfASecondEvenIfTheChipDoesNotSayThatItHasLeft) {
    status = CYW43_LINK_UP;
    join(1000);
    EXPECT_EQ(state(1499), RESEAL_LINK_NETWORK_JOINING) << "not up: it is leaving";
    EXPECT_EQ(calls.size(), 1U);
    EXPECT_EQ(state(1500), RESEAL_LINK_NETWORK_UP);
    EXPECT_EQ(calls.size(), 2U);
}

TEST_F(PicoWifi, TriesWpa2AndWpa3InTurnAndStaysWithWhatWorked) {
    for (const char *kind : {"wpa2", "wpa3", "wpa2", "wpa3"}) {
        status = CYW43_LINK_DOWN;
        join(1000);
        state(1010);
        EXPECT_EQ(calls.back(), std::string("join ward secret ") + kind);
    }
    status = CYW43_LINK_UP;
    EXPECT_EQ(state(1020), RESEAL_LINK_NETWORK_UP);
    status = CYW43_LINK_DOWN;
    join(2000);
    state(2010);
    EXPECT_EQ(calls.back(), "join ward secret wpa3");
}

TEST_F(PicoWifi, JoinsAnOpenNetworkWithoutAPassword) {
    open("");
    join(1000);
    state(1010);
    EXPECT_EQ(calls.back(), "join ward - open");
}

TEST_F(PicoWifi, TellsWhyItCannotJoin) {
    const std::vector<std::pair<int, reseal_link_network>> all{{CYW43_LINK_NOIP, RESEAL_LINK_NETWORK_WITHOUT_ADDRESS},
                                                               {CYW43_LINK_NONET, RESEAL_LINK_NETWORK_NOT_FOUND},
                                                               {CYW43_LINK_BADAUTH, RESEAL_LINK_NETWORK_WRONG_PASSWORD},
                                                               {CYW43_LINK_FAIL, RESEAL_LINK_NETWORK_FAILED},
                                                               {CYW43_LINK_JOIN, RESEAL_LINK_NETWORK_JOINING}};
    for (const auto& [chip, told] : all) {
        status = chip;
        EXPECT_EQ(state(1000), told) << chip;
    }
}

TEST_F(PicoWifi, RefusesToWorkWithoutANameOrAPassword) {
    const reseal_lwip_config lwip{};
    const reseal_pico_wifi nameless{nullptr, ""};
    EXPECT_EQ(reseal_pico_mqtt_open(&nameless, &lwip), nullptr);
    EXPECT_EQ(reseal_pico_mqtt_open(nullptr, &lwip), nullptr);
}

}  // namespace
}  // namespace reseal::test
