// SPDX-License-Identifier: Apache-2.0
// The example files in config/ are what their comments say.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "config/config.h"

namespace reseal::config {
namespace {

using policy::Acl;
using policy::Policy;
using policy::Rights;

std::string example(const std::string& name) {
    std::ifstream file(std::string(RESEAL_EXAMPLES) + "/" + name);
    EXPECT_TRUE(file) << name;
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Rights rights_of(const std::string& principal, const std::string& role) {
    const Checked<Acl> acl = parse_acl(example("acl.yaml"), "acl.yaml");
    EXPECT_TRUE(acl) << acl.error().text();
    return Policy(*acl).rights(principal, {role});
}

TEST(ExampleConfig, AgreesWithItsComments) {
    const Checked<Config> config = parse_config(example("reseal.yaml"), "/etc/mosquitto/reseal/reseal.yaml");
    ASSERT_TRUE(config) << config.error().text();
    EXPECT_EQ(config->registry, "/etc/mosquitto/reseal/registry.db");
    EXPECT_EQ(config->master_key, "/etc/mosquitto/reseal/master.key");
    EXPECT_EQ(config->state, "/etc/mosquitto/reseal/state");
    EXPECT_EQ(config->acl, "/etc/mosquitto/reseal/acl.yaml");
    EXPECT_EQ(config->loopback_listeners, std::vector<std::uint16_t>());
    EXPECT_EQ(config->unsealed_topics, (std::vector<std::string>{"$SYS/#"}));
    EXPECT_EQ(config->alerts_topic, "reseal/alerts");
    EXPECT_EQ(config->metrics_port, 0);
}

TEST(ExampleConfig, SpellsOutTheDefaults) {
    const Checked<Config> config = parse_config(example("reseal.yaml"), "reseal.yaml");
    ASSERT_TRUE(config) << config.error().text();
    EXPECT_EQ(config->replay_window, Config{}.replay_window);
    EXPECT_EQ(config->max_payload, Config{}.max_payload);
    EXPECT_EQ(config->queue_clear, Config{}.queue_clear);
    EXPECT_EQ(config->audit, Audit{.folder = "audit"});
    EXPECT_EQ(config->budgets, Config{}.budgets);
    EXPECT_EQ(config->metrics_interval, Config{}.metrics_interval);
}

TEST(ExampleAcl, LetsAWearableSpeakForItselfOnly) {
    const Rights wearable = rights_of("pump-7", "wearable");
    EXPECT_TRUE(wearable.publish("ward/pump-7/vitals/pulse", {}));
    EXPECT_FALSE(wearable.publish("ward/pump-7/vitals/pulse", {}).clear);
    EXPECT_FALSE(wearable.publish("ward/pump-8/vitals/pulse", {}));
    EXPECT_TRUE(wearable.subscribe("commands/pump-7/#", {}));
    EXPECT_FALSE(wearable.subscribe("commands/#", {}));
    EXPECT_TRUE(wearable.deliver("commands/pump-7/dose", {}));
    EXPECT_FALSE(wearable.deliver("ward/pump-7/vitals/pulse", {}));
}

TEST(ExampleAcl, LetsAClinicianReadTheWardAndCommand) {
    const Rights clinician = rights_of("dr-who", "clinician");
    EXPECT_TRUE(clinician.subscribe("ward/#", {}));
    EXPECT_TRUE(clinician.deliver("ward/pump-7/notes", {}));
    EXPECT_TRUE(clinician.publish("commands/pump-7/dose", {}));
    EXPECT_FALSE(clinician.publish("ward/pump-7/vitals/pulse", {}));
    EXPECT_FALSE(clinician.subscribe("$SYS/#", {}));
}

TEST(ExampleAcl, LetsADashboardReadVitalsAndAnAuditorTheBroker) {
    const Rights dashboard = rights_of("screen", "dashboard");
    EXPECT_TRUE(dashboard.deliver("ward/pump-7/vitals/pulse", {}));
    EXPECT_FALSE(dashboard.deliver("ward/pump-7/notes", {}));
    EXPECT_FALSE(dashboard.deliver("ward/pump-7/vitals/pulse", {}).clear);
    EXPECT_TRUE(rights_of("eve", "auditor").deliver("$SYS/broker/uptime", {}));
    EXPECT_FALSE(rights_of("eve", "auditor").deliver("ward/pump-7/vitals/pulse", {}));
}

TEST(ExampleAcl, KeepsClearPayloadsToTheirTopics) {
    const Rights monitor = rights_of("bed-3", "legacy-monitor");
    EXPECT_TRUE(monitor.publish("legacy/bed-3/pulse", {}).clear);
    EXPECT_FALSE(monitor.publish("legacy/bed-4/pulse", {}));
    const Rights display = rights_of("wall", "display");
    EXPECT_TRUE(display.subscribe("ward/+/vitals/pulse", {}));
    EXPECT_TRUE(display.deliver("ward/pump-7/vitals/pulse", {}).clear);
    EXPECT_FALSE(display.deliver("ward/pump-7/vitals/temperature", {}));
}

}  // namespace
}  // namespace reseal::config
