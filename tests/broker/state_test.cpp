// SPDX-License-Identifier: Apache-2.0
// What survives the sudden death of the broker.
#include <filesystem>

#include "harness/ward.h"

namespace harness {
namespace {

class State : public Ward {
  protected:
    // Runs a broker that accepts these messages from pico1 and shuts down cleanly.
    void run_and_accept(const std::vector<Bytes>& messages) {
        Broker broker(site);
        Client pico(site, broker, "pico1");
        ASSERT_EQ(pico.connect(), 0);
        for (const Bytes& message : messages) {
            ASSERT_EQ(pico.publish(pulse_topic, message, 1), 0);
        }
        pico.disconnect();
        broker.stop();
    }
    // What a clinician opens of these messages from pico1, sent to a running broker, refused or not.
    std::vector<std::string> delivered(const Broker& broker, const std::vector<Bytes>& messages) {
        Client pico(site, broker, "pico1");
        Client clinician(site, broker, "clinician");
        Application clinic(site, "clinician");
        EXPECT_EQ(pico.connect(), 0);
        EXPECT_EQ(clinician.connect(), 0);
        EXPECT_EQ(clinician.subscribe("ward/#"), 1);
        for (const Bytes& message : messages) {
            pico.publish(pulse_topic, message, 1);
        }
        std::vector<std::string> out;
        while (const auto message = clinician.receive(Milliseconds(700))) {
            out.push_back(clinic.open(pulse_topic, message->payload));
        }
        return out;
    }
    // No broker starts because `file` is wrong, and `provision check` reports the same.
    void expect_stopped(const std::string& file, const std::string& said) {
        const std::string expected = site.path(file) + ": " + said;
        const std::string output = refused_start(site);
        EXPECT_NE(output.find("not started: " + expected), std::string::npos) << output;
        EXPECT_NE(check().find(expected), std::string::npos) << check();
    }
};

TEST_F(State, OfTheReplayWindowSurvivesAKill) {
    Broker broker(site);
    Device device(site, "pico1");
    std::vector<Bytes> accepted;
    {
        Client pico(site, broker, "pico1", {.version = MQTT_PROTOCOL_V5});
        ASSERT_EQ(pico.connect(), 0);
        for (int i = 0; i < 300; ++i) {
            accepted.push_back(device.seal(pulse_topic, std::to_string(i)));
            ASSERT_EQ(pico.publish(pulse_topic, accepted.back(), 1), 0);
        }
        // The last one may come again after the kill; all before it are certain.
        ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, "the last"), 1), 0);
        broker.kill();
    }
    broker.start();
    Client pico(site, broker, "pico1", {.client_id = "pico1/after"});
    Client clinician(site, broker, "clinician");
    Application clinic(site, "clinician");
    ASSERT_EQ(pico.connect(), 0);
    ASSERT_EQ(clinician.connect(), 0);
    ASSERT_EQ(clinician.subscribe("ward/#"), 1);
    for (const Bytes& message : accepted) {
        pico.publish(pulse_topic, message, 0);
    }
    EXPECT_TRUE(silent(clinician));
    ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, "fresh")), 0);
    const auto message = clinician.receive();
    ASSERT_TRUE(message);
    EXPECT_EQ(clinic.open(pulse_topic, message->payload), "fresh");
}

TEST_F(State, OfTheBrokersEpochRisesWithEveryStart) {
    Broker broker(site);
    Device device(site, "pico1");
    Application clinic(site, "clinician");  // remembers the highest epoch it accepted
    for (int start = 0; start < 4; ++start) {
        Client pico(site, broker, "pico1");
        Client clinician(site, broker, "clinician");
        ASSERT_EQ(pico.connect(), 0);
        ASSERT_EQ(clinician.connect(), 0);
        ASSERT_EQ(clinician.subscribe("ward/#"), 1);
        ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, reading)), 0);
        const auto message = clinician.receive();
        ASSERT_TRUE(message);
        EXPECT_EQ(clinic.open(pulse_topic, message->payload), reading) << "start " << start;
        broker.kill();
        broker.start();
    }
}

using Strings = std::vector<std::string>;

TEST_F(State, ThatWasEmptiedPreventsTheStartUntilItIsDistrusted) {
    Device device(site, "pico1");
    const std::vector<Bytes> captured{device.seal(pulse_topic, "0"), device.seal(pulse_topic, "1")};
    run_and_accept(captured);
    for (const auto& entry : std::filesystem::directory_iterator(site.path("state"))) {
        std::filesystem::remove(entry.path());
    }
    expect_stopped("state/replay", "is missing, but " + site.path("registry.db") + " knows of one");
    site.provision({"distrust"});
    const Broker broker(site);
    EXPECT_EQ(delivered(broker, captured), Strings());
    EXPECT_TRUE(broker.logs("refused publish: reason=stale_epoch principal=\"pico1\"")) << broker.log();
    Device restarted(site, "pico1");
    EXPECT_EQ(delivered(broker, {restarted.seal(pulse_topic, "after")}), Strings{"after"});
}

TEST_F(State, ThatIsOlderPreventsTheStart) {
    Device device(site, "pico1");
    run_and_accept({device.seal(pulse_topic, "0")});
    const std::string older = read_all(site.path("state/replay"));
    const Bytes captured = device.seal(pulse_topic, "1");
    run_and_accept({captured});
    const std::string newest = read_all(site.path("state/replay"));
    write_all(site.path("state/replay"), older);
    expect_stopped("state/replay", "is older than " + site.path("registry.db") + " knows");
    write_all(site.path("state/replay"), newest);
    const Broker broker(site);
    EXPECT_EQ(delivered(broker, {captured}), Strings());
}

TEST_F(State, WithOneFlippedBitPreventsTheStart) {
    Device device(site, "pico1");
    run_and_accept({device.seal(pulse_topic, "0")});
    std::string contents = read_all(site.path("state/replay"));
    constexpr std::size_t in_the_first_window = 8192 + 40;
    contents.at(in_the_first_window) = static_cast<char>(contents.at(in_the_first_window) ^ 1);
    write_all(site.path("state/replay"), contents);
    EXPECT_NE(refused_start(site).find("state/replay: is damaged: record "), std::string::npos);
}

TEST_F(State, WithoutTheBrokersEpochsPreventsTheStart) {
    Device device(site, "pico1");
    run_and_accept({device.seal(pulse_topic, "0")});
    std::filesystem::remove(site.path("state/epoch"));
    expect_stopped("state/epoch", "is missing, but " + site.path("registry.db") + " knows of it");
    site.provision({"distrust", "--own-epochs"});
    const Broker broker(site);
    EXPECT_EQ(delivered(broker, {device.seal(pulse_topic, "1")}), Strings{"1"}) << "devices go on";
}

TEST_F(State, PassesTheCheckWhileTheBrokerRunsAndAfterAKill) {
    Broker broker(site);
    Device device(site, "pico1");
    EXPECT_EQ(delivered(broker, {device.seal(pulse_topic, "0")}), Strings{"0"});
    EXPECT_EQ(check().find(site.path("state")), std::string::npos) << check();
    broker.kill();
    EXPECT_EQ(check().find(site.path("state")), std::string::npos) << check();
}

}  // namespace
}  // namespace harness
