// What survives the sudden death of the broker.
#include "harness/ward.h"

namespace harness {
namespace {

class State : public Ward {};

TEST_F(State, OfTheReplayWindowSurvivesKillMinusNine) {
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

}  // namespace
}  // namespace harness
