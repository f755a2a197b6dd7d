// SPDX-License-Identifier: Apache-2.0
// The broker does not start without its policy. It names file, line and key, and says what would be right.
#include <algorithm>
#include <filesystem>
#include <iterator>
#include <set>
#include <sstream>
#include <thread>

#include <sys/stat.h>

#include "harness/ward.h"

namespace harness {
namespace {

class Startup : public Ward {
  protected:
    void expect_refused(const std::vector<std::string>& parts) {
        const std::string output = refused_start(site);
        for (const std::string& part : parts) {
            EXPECT_NE(output.find(part), std::string::npos) << "no \"" << part << "\" in:\n" << output;
        }
    }
};

TEST_F(Startup, LeavesTheBrokerSingleThreaded) {
    const Broker broker(site);
    const std::filesystem::directory_iterator threads("/proc/" + std::to_string(broker.pid()) + "/task");
    EXPECT_EQ(std::distance(threads, {}), 1);
}

TEST_F(Startup, IsRefusedForMalformedYaml) {
    write_all(site.path("reseal.yaml"), "version: 1\nstate: [\n");
    expect_refused({"not started", "reseal.yaml:2: this is not valid YAML"});
}

TEST_F(Startup, IsRefusedForAnUnknownKey) {
    site.set("replay_windw", "128");
    expect_refused({"not started", "reseal.yaml:", "replay_windw", "replay_window"});
}

TEST_F(Startup, IsRefusedForAnUnknownOptionInMosquittosConfiguration) {
    const std::string conf = site.path("options.conf");
    write_all(conf, broker_conf(site, free_port(), free_port()) + "plugin_opt_confg /etc/reseal.yaml\n");
    const std::string output = refused_start(conf);
    EXPECT_NE(output.find(
                  "not started: plugin_opt_confg: is not an option of this plugin; the only one is plugin_opt_config"),
              std::string::npos)
        << output;
}

// Otherwise each message would be refused as tampered with, and nobody would know why.
TEST_F(Startup, SaysWhatIsWrongInMosquittosConfiguration) {
    Broker broker(site);
    broker.stop();
    write_all(site.path("mosquitto.conf"), read_all(site.path("mosquitto.conf")) + "mount_point ward7/\n");
    broker.start();
    EXPECT_TRUE(broker.logs("mosquitto.conf:"));
    EXPECT_TRUE(broker.logs("mount_point: the broker puts it before the topics of this listener's clients"));
}

TEST_F(Startup, IsRefusedForAPatternThatIsNotAFilter) {
    site.write_acl("version: 1\nroles:\n  wearable:\n    publish: [\"ward/#/x\"]\n");
    expect_refused({"not started", "acl.yaml:4", "ward/#/x"});
}

TEST_F(Startup, IsRefusedForAMissingSecret) {
    std::filesystem::remove(site.path("master.key"));
    expect_refused({"not started", "master.key"});
}

// Nothing else would be opened before the first message, and the audit trail would look tampered with.
TEST_F(Startup, IsRefusedForADamagedSecretBeforeAnythingIsTouched) {
    std::string key = read_all(site.path("master.key"));
    key.at(7) = static_cast<char>(key.at(7) ^ 0x10);
    write_all(site.path("master.key"), key);
    std::filesystem::permissions(site.path("master.key"), std::filesystem::perms(0600));
    expect_refused({"not started", "master.key: does not open the key of broker-storage", "restore both"});
    EXPECT_TRUE(std::filesystem::is_empty(site.path("state")));
    EXPECT_TRUE(std::filesystem::is_empty(site.path("audit")));
}

TEST_F(Startup, IsRefusedForAGroupReadableSecret) {
    chmod(site.path("master.key").c_str(), 0640);
    expect_refused({"not started", "master.key", "0640", "chmod 600"});
}

TEST_F(Startup, IsRefusedForAGroupReadableRegistry) {
    chmod(site.path("registry.db").c_str(), 0644);
    expect_refused({"not started", "registry.db", "0644", "chmod 600"});
}

TEST_F(Startup, IsRefusedForARegistryOfAnotherVersion) {
    ASSERT_EQ(run({"sqlite3", site.path("registry.db"), "PRAGMA user_version = 99"}).status, 0);
    expect_refused({"not started", "registry.db", "99", "1"});
}

TEST_F(Startup, IsRefusedForAStateFolderThatCannotBeWritten) {
    std::filesystem::remove_all(site.path("state"));
    write_all(site.path("state"), "a file where a folder should be");
    expect_refused({"not started", "state"});
}

TEST_F(Startup, WarnsAboutAStateFolderThatIsOpenToOthers) {
    std::filesystem::permissions(site.path("state"), std::filesystem::perms(0755));
    Broker broker(site);
    EXPECT_TRUE(
        broker.logs(site.path("state") + ": is open to users other than its owner; chmod 700 " + site.path("state")))
        << broker.log();
}

TEST_F(Startup, WarnsAboutANamedListenerThatMosquittosConfigurationLacks) {
    site.set("sealed_listeners", "[1]");
    Broker broker(site);
    EXPECT_TRUE(broker.logs("sealed_listeners: the broker does not listen on port 1")) << broker.log();
    EXPECT_EQ(broker.log().find("loopback_listeners: the broker does not listen"), std::string::npos);
}

TEST_F(Startup, IsRefusedWithoutAConfiguration) {
    std::filesystem::remove(site.path("reseal.yaml"));
    expect_refused({"not started", "reseal.yaml"});
}

TEST_F(Startup, OfASecondBrokerOnTheSameStateIsRefused) {
    Broker first(site);
    expect_refused({"not started", "state"});
}

// A broker that then raises no TICK would keep the plugin from seeing a revocation.
TEST_F(Startup, WithPerListenerSettingsAdmitsOnlyRevocableClients) {
    Broker broker(site);
    broker.stop();
    std::string conf = read_all(site.path("mosquitto.conf"));
    const std::size_t plugin = conf.find("plugin ");
    const std::string lines = conf.substr(plugin);
    conf.erase(plugin);
    conf.replace(conf.find("settings false\nallow_anonymous false"), 36, "settings true");
    conf.insert(conf.find("listener " + std::to_string(broker.plain_port())), lines);
    write_all(site.path("mosquitto.conf"), conf);
    broker.start();
    std::this_thread::sleep_for(Milliseconds(2100));
    Client pico(site, broker, "pico1");
    if (Broker::version() == "2.0.11") {
        EXPECT_NE(pico.connect(), 0);
        EXPECT_TRUE(broker.logs("write per_listener_settings false")) << broker.log();
        broker.reload();
        EXPECT_TRUE(broker.logs("Reloading config")) << broker.log();
        std::this_thread::sleep_for(Milliseconds(300));
        EXPECT_NE(pico.connect(), 0) << "a reload whose end nobody tells lets nobody in";
        return;
    }
    ASSERT_EQ(pico.connect(), 0);
    site.revoke("pico1");
    EXPECT_TRUE(broker.logs("refused session: reason=principal_revoked principal=\"pico1\"")) << broker.log();
}

TEST_F(Startup, ReloadAppliesANewAcl) {
    Broker broker(site);
    Client porter(site, broker, "porter");
    ASSERT_EQ(porter.connect(), 0);
    EXPECT_EQ(porter.subscribe("ward/#"), not_authorised);
    site.write_acl("version: 1\nroles:\n  porter: {subscribe: [\"ward/#\"]}\n");
    broker.reload();
    ASSERT_TRUE(broker.logs("reloaded"));
    EXPECT_EQ(porter.subscribe("ward/#"), 1);
}

TEST_F(Startup, ReloadOfABrokenAclKeepsTheOldOne) {
    Broker broker(site);
    Client clinician(site, broker, "clinician");
    ASSERT_EQ(clinician.connect(), 0);
    site.write_acl("version: 1\nroles:\n  clinician: {subscribe: [\"ward/#/\"]}\n");
    broker.reload();
    ASSERT_TRUE(broker.logs("reload refused, everything stays as it was"));
    ASSERT_TRUE(broker.logs("acl.yaml:3"));
    EXPECT_EQ(clinician.subscribe("ward/#"), 1);
}

TEST_F(Startup, MalformedYamlKeepsEverythingAsItWas) {
    Broker broker(site);
    Client clinician(site, broker, "clinician");
    ASSERT_EQ(clinician.connect(), 0);
    site.write_acl("version: 1\nroles: ]\n");
    ASSERT_TRUE(broker.logs("acl.yaml:2: this is not valid YAML"));
    write_all(site.path("reseal.yaml"), "version: 1\nrealm: \"main\n");
    ASSERT_TRUE(broker.logs("reseal.yaml:2: this is not valid YAML"));
    EXPECT_EQ(clinician.subscribe("ward/#"), 1);
}

TEST_F(Startup, ANewAclIsAppliedWithoutAReload) {
    Broker broker(site);
    Client clinician(site, broker, "clinician");
    Client pico(site, broker, "pico1");
    Device device(site, "pico1");
    ASSERT_EQ(clinician.connect(), 0);
    ASSERT_EQ(clinician.subscribe("ward/#"), 1);
    ASSERT_EQ(pico.connect(), 0);
    ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, reading)), 0);
    ASSERT_TRUE(clinician.receive());
    write_all(site.path("acl.new"), "version: 1\nroles:\n  wearable: {publish: [\"ward/{id}/#\"]}\n");
    std::filesystem::rename(site.path("acl.new"), site.path("acl.yaml"));
    ASSERT_TRUE(broker.logs("reloaded"));
    ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, reading)), 0);
    EXPECT_TRUE(silent(clinician)) << "the right is gone, the session stays";
    EXPECT_EQ(clinician.subscribe("ward/#"), not_authorised);
}

TEST_F(Startup, ABrokenAclIsRefusedOnceAndItsFixedVersionApplied) {
    Broker broker(site);
    Client porter(site, broker, "porter");
    ASSERT_EQ(porter.connect(), 0);
    site.write_acl("version: 1\nroles:\n  porter: {subscribe: [\"ward/#\"]}\n  porter:");
    ASSERT_TRUE(broker.logs("reload refused, everything stays as it was"));
    EXPECT_EQ(porter.subscribe("ward/#"), not_authorised);
    site.write_acl("version: 1\nroles:\n  porter: {subscribe: [\"ward/#\"]}\n");
    ASSERT_TRUE(broker.logs("reloaded"));
    EXPECT_EQ(porter.subscribe("ward/#"), 1);
    const std::string log = broker.log();
    EXPECT_EQ(log.find("reload refused"), log.rfind("reload refused")) << log;
}

TEST_F(Startup, ReloadFollowsResealYamlToAnotherAcl) {
    Broker broker(site);
    Client porter(site, broker, "porter");
    ASSERT_EQ(porter.connect(), 0);
    write_all(site.path("other.yaml"), "version: 1\nroles:\n  porter: {subscribe: [\"ward/#\"]}\n");
    site.set("acl", "other.yaml");
    ASSERT_TRUE(broker.logs("other.yaml"));
    EXPECT_EQ(porter.subscribe("ward/#"), 1);
    write_all(site.path("other.yaml"), "version: 2\n");
    EXPECT_TRUE(broker.logs("reload refused, everything stays as it was"));
}

// The names in the plugin's NEEDED entries.
std::set<std::string> libraries_needed() {
    std::istringstream entries(run({"readelf", "-dW", plugin()}).output);
    std::set<std::string> names;
    for (std::string entry; std::getline(entries, entry);) {
        if (entry.find("(NEEDED)") != std::string::npos) {
            const std::size_t begin = entry.find('[') + 1;
            names.insert(entry.substr(begin, entry.find(']') - begin));
        }
    }
    return names;
}

// So that a security fix of the system's reaches the plugin: a library that is linked statically is missing here.
TEST(Plugin, NeedsTheSystemsLibraries) {
    const std::set<std::string> needed = libraries_needed();
    for (const std::string name : {"libcrypto", "libsodium", "libsqlite3", "libyaml-cpp"}) {
        EXPECT_TRUE(std::ranges::any_of(needed, [&](const auto& each) { return each.starts_with(name + ".so."); }))
            << name;
    }
}

TEST(Plugin, NeedsNothingElse) {
    const std::set<std::string> known = {"libc",      "libm",       "libgcc_s",    "libstdc++",   "libcrypto",
                                         "libsodium", "libsqlite3", "libyaml-cpp", "libIPSec_MB",
#ifdef __SANITIZE_ADDRESS__
                                         "libasan",   "libubsan"
#endif
    };
    for (const std::string& name : libraries_needed()) {
        EXPECT_TRUE(known.contains(name.substr(0, name.find(".so.")))) << name;
    }
}

}  // namespace
}  // namespace harness
