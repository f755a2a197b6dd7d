// SPDX-License-Identifier: Apache-2.0
// The link over lwIP's own TCP, on a wire that loses, delays and repeats packets, with a heap that fails, in a time
// that the test decides.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <set>

#include "device.h"
#include "mqtt_server.h"
#include "wire.h"

namespace reseal::lwip {
namespace {

using namespace std::string_literals;

constexpr std::uint16_t port = 1883;
const std::string command = "commands/bed-12/interval";

class Lwip : public testing::Test {
  protected:
    Lwip() { start({.broker = broker_address, .port = port}); }

    void start(const DeviceOptions& options) {
        device.reset();
        device = std::make_unique<Device>(options);
    }

    void pass(std::uint32_t ms) {
        for (std::uint32_t i = 0; i < ms; i += 10) {
            wire.pass_ms(10);
            device->step(wire.now());
            server.step();
        }
    }

    bool comes(const std::function<bool()>& condition, std::uint32_t limit_ms = 300'000) {
        for (std::uint32_t i = 0; i < limit_ms && !condition(); i += 10) {
            pass(10);
        }
        return condition();
    }

    bool comes_online() {
        return comes([&] { return device->online() && !server.filters.empty(); });
    }

    void send_command(const std::string& text) {
        const test::Bytes sealed = device->seal_for_device(command, text);
        server.publish(command, std::string(sealed.begin(), sealed.end()));
    }

    // The broker has every message that the device has sealed; it knows repeats.
    [[nodiscard]] bool everything_arrived() const {
        const std::set<std::string> arrived(server.payloads.begin(), server.payloads.end());
        return std::all_of(device->sealed.begin(), device->sealed.end(),
                           [&](const std::string& each) { return arrived.count(each) == 1; });
    }

    Wire wire;
    MqttServer server{port};
    std::unique_ptr<Device> device;
};

TEST_F(Lwip, ConnectsPublishesSubscribesAndReceives) {
    device->send("72");
    send_command("");
    ASSERT_TRUE(comes_online()) << device->line();
    send_command("500");
    ASSERT_TRUE(comes([&] { return device->waiting() == 0 && device->received.size() == 1; }));
    EXPECT_EQ(device->received[0], command + " 500");
    EXPECT_TRUE(everything_arrived());
    EXPECT_EQ(server.filters, std::vector<std::string>{"commands/bed-12/#"});
    EXPECT_EQ(server.connects, 1);
}

TEST_F(Lwip, StaysConnectedWhileNothingIsSent) {
    ASSERT_TRUE(comes_online());
    pass(600'000);
    EXPECT_EQ(server.connects, 1) << device->line();
    EXPECT_GT(server.pings, 20);
}

// Larger than the header buffer of lwIP's own MQTT client, which ends the connection then.
TEST_F(Lwip, SurvivesMessagesOfAnySize) {
    ASSERT_TRUE(comes_online());
    const int before = server.pubacks;
    server.publish(std::string(250, 't'), "x");
    server.publish(std::string(65'000, 't'), "x");
    server.publish("commands/bed-12/x", std::string(200'000, 'x'));
    send_command("500");
    ASSERT_TRUE(comes([&] { return device->received.size() == 1; })) << device->line();
    EXPECT_TRUE(comes([&] { return server.pubacks == before + 4; }));
    EXPECT_EQ(device->line(), "online; messages too large: 3");
    pass(60'000);
    EXPECT_EQ(server.connects, 1);
}

// lwIP's own MQTT client takes a head that is split between two segments for a short packet, and ends the connection.
TEST_F(Lwip, SurvivesHeadsThatAreSplitBetweenSegments) {
    ASSERT_TRUE(comes_online());
    const test::Bytes sealed = device->seal_for_device(command, "500");
    const std::string bytes = packet(0x32, text_of(command) + "\x00\x07"s + std::string(sealed.begin(), sealed.end()));
    for (const char byte : bytes) {
        server.send(std::string(1, byte));
        pass(50);
    }
    ASSERT_TRUE(comes([&] { return device->received.size() == 1; })) << device->line();
    EXPECT_EQ(device->received[0], command + " 500");
    EXPECT_EQ(server.connects, 1);
}

// lwIP's own MQTT client never returns from this: anybody on the path could stop a device that has no TLS.
TEST_F(Lwip, LeavesWhoeverSendsWhatIsNotMqtt) {
    ASSERT_TRUE(comes_online());
    server.send(std::string(300, '\xFF'));
    ASSERT_TRUE(comes([&] { return device->said("the other side does not speak MQTT 3.1.1"); }));
    ASSERT_TRUE(comes([&] { return device->online() && server.connects == 2; }));
}

TEST_F(Lwip, LosesNothingOnABadWire) {
    for (unsigned seed = 1; seed <= 5; ++seed) {
        wire.random.seed(seed);
        wire.faults = {.lost = 15, .duplicated = 10, .longest_ms = 400};
        for (int i = 0; i < 40; ++i) {
            device->send(std::to_string(i));
            pass(1000);
        }
        wire.faults = {};
        ASSERT_TRUE(comes([&] { return device->waiting() == 0; })) << device->line();
        EXPECT_TRUE(everything_arrived());
    }
}

TEST_F(Lwip, LosesNothingWhenTheOtherSideVanishesWithoutAWord) {
    ASSERT_TRUE(comes_online());
    for (int round = 0; round < 3; ++round) {
        wire.faults.cut = true;
        device->send("in the dark " + std::to_string(round));
        pass(40'000);
        EXPECT_FALSE(device->online());
        EXPECT_TRUE(device->said("the broker does not acknowledge what we send"));
        wire.faults.cut = false;
        ASSERT_TRUE(comes([&] { return device->waiting() == 0; })) << device->line();
    }
    EXPECT_TRUE(everything_arrived());
    wire.faults.cut = true;
    pass(RESEAL_MQTT_SILENCE_MS + 1000);
    EXPECT_TRUE(device->said("the broker has been silent for too long")) << "and with nothing to send";
}

TEST_F(Lwip, JoinsAgainWhenNobodyAnswersAnyMore) {
    ASSERT_TRUE(comes_online());
    wire.faults.cut = true;
    ASSERT_TRUE(comes([&] { return device->joins > 0; }));
    EXPECT_TRUE(device->said("the broker's machine does not answer"));
    wire.faults.cut = false;
    ASSERT_TRUE(comes([&] { return device->online(); }));
}

TEST_F(Lwip, LosesNothingWhenTheBrokerStalls) {
    ASSERT_TRUE(comes_online());
    device->send("72");
    server.acknowledges = false;
    pass(30'000);
    EXPECT_TRUE(device->said("the broker does not acknowledge what we send"));
    server.acknowledges = true;
    ASSERT_TRUE(comes([&] { return device->waiting() == 0; }));
    EXPECT_TRUE(everything_arrived());
    EXPECT_GE(server.payloads.size(), 2U) << "the same bytes, again";
    EXPECT_EQ(server.payloads[0], server.payloads[1]);
}

TEST_F(Lwip, SaysThatTheBrokerDoesNotAnswerConnect) {
    server.answers = false;
    ASSERT_TRUE(comes([&] { return device->said("the broker does not answer CONNECT"); }));
    server.answers = true;
    ASSERT_TRUE(comes([&] { return device->online(); }));
}

TEST_F(Lwip, SaysThatNothingListensOnThePort) {
    start({.broker = broker_address, .port = 1884});
    ASSERT_TRUE(comes([&] { return device->said("nothing listens on this port"); })) << device->line();
    EXPECT_EQ(device->joins, 0);
}

TEST_F(Lwip, SaysThatTheNameHasNoAddress) {
    start({.broker = "broker.example", .port = port});
    ASSERT_TRUE(comes([&] { return device->said("the broker's name has no address"); })) << device->line();
    pass(200'000);
    EXPECT_EQ(server.connects, 0);
}

TEST_F(Lwip, StaysOnlineWithoutASubscriptionThatIsRefused) {
    server.grants = false;
    ASSERT_TRUE(comes_online());
    device->send("72");
    pass(120'000);
    EXPECT_EQ(device->line(), "online; subscriptions refused: 1");
    EXPECT_EQ(server.connects, 1);
    EXPECT_TRUE(everything_arrived());
}

// Two boards with one client id, or whatever else ends each connection after CONNACK.
TEST_F(Lwip, ConnectsLessAndLessOftenToABrokerThatEndsEachConnection) {
    server.closes_after_connack = true;
    pass(300'000);
    EXPECT_LE(server.connects, 14) << "in five minutes";
    EXPECT_TRUE(device->said("is another board using this client id?")) << device->line();
    server.closes_after_connack = false;
    device->send("72");
    ASSERT_TRUE(comes([&] { return device->waiting() == 0; }));
}

// Each allocation of a whole run fails once, on either side of the wire.
TEST_F(Lwip, RecoversWhicheverAllocationFails) {
    std::uint64_t nth = 0;
    std::uint64_t made = 0;
    do {
        server.filters.clear();
        start({.broker = broker_address, .port = port});
        Wire::fail_allocation(++nth);
        device->send("72");
        ASSERT_TRUE(comes_online()) << device->line() << ", allocation " << nth;
        send_command("500");
        ASSERT_TRUE(comes([&] { return device->waiting() == 0 && device->received.size() == 1; }))
            << device->line() << ", allocation " << nth;
        ASSERT_TRUE(everything_arrived());
        made = Wire::allocations();
    } while (nth <= made);
    EXPECT_GT(nth, 20U);
    Wire::fail_allocation(0);
    RecordProperty("allocations", static_cast<int>(nth));
}

}  // namespace
}  // namespace reseal::lwip
