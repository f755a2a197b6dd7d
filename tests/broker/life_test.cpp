// SPDX-License-Identifier: Apache-2.0
// What happens to a principal while the broker runs.
#include "harness/ward.h"

#include <filesystem>

namespace harness {
namespace {

class Life : public Ward {
  protected:
    bool shows(const std::string& id, const std::string& part) const {
        return site.provision({"show", id}).find(part) != std::string::npos;
    }
    static int times(const std::string& content, const std::string& part) {
        int out = 0;
        for (std::size_t at = 0; (at = content.find(part, at)) != std::string::npos; at += part.size()) {
            ++out;
        }
        return out;
    }
};

TEST_F(Life, ContinuesUnderTheOldKeyAndThenTheNewOneWithoutAReconnect) {
    Broker broker(site);
    Client pico(site, broker, "pico1");
    Client clinician(site, broker, "clinician");
    Application clinic(site, "clinician");
    ASSERT_EQ(pico.connect(), 0);
    ASSERT_EQ(clinician.connect(), 0);
    ASSERT_EQ(clinician.subscribe("ward/#"), 1);
    Device before(site, "pico1");
    site.provision({"rotate", "pico1", "--overlap", "1h"});
    Device after(site, "pico1");
    ASSERT_TRUE(eventually([&] { return pico.publish(pulse_topic, after.seal(pulse_topic, "new")) == 0; }));
    EXPECT_TRUE(broker.logs("pico1 uses key generation 2 from now on"));
    EXPECT_EQ(pico.publish(pulse_topic, before.seal(pulse_topic, "old")), 0);
    for (const char* text : {"new", "old"}) {
        const auto message = clinician.receive();
        ASSERT_TRUE(message);
        EXPECT_EQ(clinic.open(pulse_topic, message->payload), text);
    }
    site.provision({"rotate", "pico1", "--finish"});
    EXPECT_TRUE(eventually([&] { return pico.publish(pulse_topic, before.seal(pulse_topic, "late")) != 0; }));
    EXPECT_TRUE(broker.logs("refused publish: reason=unknown_key principal=\"pico1\""));
    EXPECT_EQ(pico.publish(pulse_topic, after.seal(pulse_topic, "on")), 0);
}

TEST_F(Life, WipesAnOldKeyAutomaticallyWhenItsOverlapEnds) {
    Broker broker(site);
    site.provision({"rotate", "pico1", "--overlap", "1s"});
    EXPECT_TRUE(eventually([&] { return !shows("pico1", "generation 1,"); })) << site.provision({"show", "pico1"});
    EXPECT_TRUE(shows("pico1", "overlap over, older keys wiped"));
    EXPECT_TRUE(broker.logs("wiped the older keys of"));
}

TEST_F(Life, LeavesNothingThatCanBeOpenedAfterItsEnd) {
    Broker broker(site);
    Device device(site, "pico1");
    {
        Client pico(site, broker, "pico1");
        ASSERT_EQ(pico.connect(), 0);
        ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, reading), 1, true), 0);
    }
    std::filesystem::copy(site.path("principals/pico1"), site.path("kept"));
    site.provision({"decommission", "pico1", "--why", "scrapped"});
    Client pico(site, broker, "pico1", {.certificate_folder = site.path("kept")});
    ASSERT_TRUE(comes_to(not_authorised, pico)) << broker.log();
    Client clinician(site, broker, "clinician");
    ASSERT_EQ(clinician.connect(), 0);
    ASSERT_EQ(clinician.subscribe("ward/#"), 1);
    EXPECT_TRUE(silent(clinician)) << "the retained message stays closed";
}

TEST_F(Life, AfterARestoreBeginsWithTheSendersNextEpoch) {
    Broker broker(site);
    Device first(site, "pico1");
    std::vector<Bytes> captured;
    {
        Client pico(site, broker, "pico1");
        ASSERT_EQ(pico.connect(), 0);
        ASSERT_EQ(pico.publish(pulse_topic, first.seal(pulse_topic, "before")), 0);
        site.provision({"backup", site.path("saved")});
        captured.push_back(first.seal(pulse_topic, "same epoch"));
        Device second(site, "pico1");
        captured.push_back(second.seal(pulse_topic, "its next start"));
        for (const Bytes& message : captured) {
            ASSERT_EQ(pico.publish(pulse_topic, message), 0);
        }
        captured.push_back(second.seal(pulse_topic, "never sent"));
    }
    EXPECT_THROW(site.provision({"restore", site.path("saved")}), std::exception) << "a broker uses the state";
    broker.stop();
    std::filesystem::remove(site.path("state/replay"));
    site.provision({"restore", site.path("saved")});
    broker.start();
    Client pico(site, broker, "pico1");
    Client clinician(site, broker, "clinician");
    Application clinic(site, "clinician");
    ASSERT_EQ(pico.connect(), 0);
    ASSERT_EQ(clinician.connect(), 0);
    ASSERT_EQ(clinician.subscribe("ward/#"), 1);
    for (const Bytes& message : captured) {
        EXPECT_NE(pico.publish(pulse_topic, message), 0);
    }
    EXPECT_TRUE(broker.logs("refused publish: reason=stale_epoch principal=\"pico1\""));
    Device restarted(site, "pico1");
    ASSERT_EQ(pico.publish(pulse_topic, restarted.seal(pulse_topic, "after")), 0);
    const auto message = clinician.receive();
    ASSERT_TRUE(message);
    EXPECT_EQ(clinic.open(pulse_topic, message->payload), "after");
    EXPECT_TRUE(silent(clinician));
}

// From 2.1 on the plugin deletes its sessions. Mosquitto 2.0 gives plugins no way to do so: there they remain,
// unusable.
TEST_F(Life, LeavesNoSessionThatAnybodyCanTakeOverOrThatStillFillsUp) {
    const bool deletes = Broker::seals_when_sent();
    Broker broker(site);
    Client here(site, broker, "clinician", {.client_id = "clinician/here", .clean = false, .session_seconds = 600});
    ASSERT_EQ(here.connect(), 0);
    const ClientOptions stored{.client_id = "clinician/away", .clean = false, .session_seconds = 600};
    {
        Client away(site, broker, "clinician", stored);
        ASSERT_EQ(away.connect(), 0);
        ASSERT_EQ(away.subscribe("ward/#"), 1);
    }
    Device device(site, "pico1");
    Client pico(site, broker, "pico1");
    ASSERT_EQ(pico.connect(), 0);
    ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, reading)), 0);
    const reseal_credentials clinician = site.credentials("clinician");
    site.revoke("clinician");
    EXPECT_TRUE(here.dropped());
    for (const char* client : {"clinician/away", "clinician/here"}) {
        EXPECT_EQ(broker.logs(std::string("deleted the stored session of a revoked principal, client ") + client,
                              deletes ? patience : Milliseconds(0)),
                  deletes);
    }
    EXPECT_EQ(Client(site, broker, "clinician", stored).connect(), not_authorised);
    EXPECT_EQ(Client(site, broker, "auditor", stored).connect(), not_authorised);
    ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, reading)), 0);
    broker.stop();
    const std::string content = read_all(site.path("mosquitto.db"));
    ASSERT_FALSE(content.empty());
    EXPECT_EQ(times(content, "clinician/") == 0, deletes);
    EXPECT_EQ(times(content, {clinician.key_id, clinician.key_id + sizeof clinician.key_id}), deletes ? 0 : 1)
        << "what was queued before the revocation alone";
    broker.start();
    EXPECT_EQ(Client(site, broker, "clinician", stored).connect(), not_authorised);
    EXPECT_EQ(pico.connect(), 0) << broker.log();
}

}  // namespace
}  // namespace harness
