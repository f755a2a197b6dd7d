// SPDX-License-Identifier: Apache-2.0
#include "config/broker_review.h"

#include <gtest/gtest.h>

namespace reseal::config {
namespace {

constexpr const char* loads_it = "plugin /usr/lib/mosquitto_reseal.so\nplugin_opt_config /site/reseal.yaml\n";
constexpr const char* with_tls = "listener 8883\ncertfile c\nrequire_certificate true\n";

class Review : public testing::Test {
  protected:
    BrokerReview of(const std::string& conf) const {
        return review(broker_setup(broker_lines(conf, "m.conf")), config);
    }
    std::string problem(const std::string& conf) const {
        const BrokerReview found = of(conf);
        return found.problems.size() == 1 ? found.problems.front().text() : std::to_string(found.problems.size());
    }
    std::string note(const std::string& conf) const {
        const BrokerReview found = of(conf);
        EXPECT_TRUE(found.problems.empty());
        return found.notes.size() == 1 ? found.notes.front().text() : std::to_string(found.notes.size());
    }
    Config config = [] {
        Config out;
        out.file = "/site/reseal.yaml";
        out.unsealed_topics = {"$SYS/#"};
        return out;
    }();
};

TEST_F(Review, FindsNothingWrongWithTheExample) {
    const BrokerReview found = of(std::string(with_tls) + loads_it);
    EXPECT_TRUE(found.problems.empty());
    EXPECT_TRUE(found.notes.empty());
    EXPECT_EQ(found.listeners, std::vector<std::string>{"listener 8883: principals, by their certificate"});
}

TEST_F(Review, MissesThePlugin) {
    EXPECT_EQ(problem(with_tls),
              "plugin: the broker's configuration does not load mosquitto_reseal.so; write plugin "
              "/PATH/mosquitto_reseal.so and, below it, plugin_opt_config /site/reseal.yaml");
    EXPECT_EQ(problem(std::string(with_tls) + "plugin /mosquitto_reseal.so\n"),
              "m.conf:4: plugin: no plugin_opt_config follows it; write plugin_opt_config /site/reseal.yaml below");
    EXPECT_EQ(problem(std::string(with_tls) + "plugin /mosquitto_reseal.so\nplugin_opt_config /other/reseal.yaml\n"),
              "m.conf:4: plugin: it reads '/other/reseal.yaml', which is not the site that is checked; write "
              "plugin_opt_config /site/reseal.yaml");
}

TEST_F(Review, RefusesAnotherPluginFirst) {
    const std::string conf = std::string(with_tls) + "plugin /usr/lib/dynsec.so\n" + loads_it;
    EXPECT_EQ(
        problem(conf),
        "m.conf:4: plugin: the broker asks this plugin before Reseal, and it can let clients in past Reseal; move "
        "its lines below those of mosquitto_reseal.so");
    config.plugins_before = {"dynsec.so"};
    EXPECT_TRUE(of(conf).problems.empty());
    config.plugins_before = {};
    EXPECT_TRUE(of(std::string(with_tls) + loads_it + "plugin /usr/lib/dynsec.so\n").problems.empty());
}

TEST_F(Review, RefusesListenersThatDoNotAskThePlugin) {
    EXPECT_EQ(problem("plugin_load reseal /mosquitto_reseal.so\nplugin_opt_config /site/reseal.yaml\n" +
                      std::string(with_tls)),
              "m.conf:3: listener: Reseal is not asked about this listener's clients; load the plugin with "
              "global_plugin, or write plugin_use reseal");
    EXPECT_EQ(
        problem("per_listener_settings true\n" + std::string(with_tls) + loads_it),
        "m.conf:1: per_listener_settings: a plugin is then asked about one listener only, and Mosquitto 2.0 gives "
        "it no regular tick: it refuses every client; write per_listener_settings false");
}

TEST_F(Review, RefusesNamesOfCertificatesAsUserNames) {
    EXPECT_EQ(problem(std::string(with_tls) + "use_subject_as_username true\n" + loads_it),
              "m.conf:4: use_subject_as_username: the broker lets clients in by the name in their certificate, without "
              "asking Reseal; write use_subject_as_username false");
}

TEST_F(Review, RefusesWhatChangesTopics) {
    EXPECT_EQ(problem(std::string(with_tls) + "mount_point ward7/\n" + loads_it),
              "m.conf:4: mount_point: the broker puts it before the topics of this listener's clients, but they seal "
              "for the topic they send: nothing opens; remove it");
    const std::string bridge = std::string(with_tls) + loads_it + "connection b\n";
    EXPECT_EQ(problem(bridge + "topic ward/# out 1 \"\" wing-a/\n"),
              "m.conf:7: topic: the bridge replaces the beginning of the topic, but a message is sealed for its whole "
              "topic: it opens on one side only; write the same prefix for both sides, or none");
    EXPECT_TRUE(
        of(bridge + "topic ward/# out 1\ntopic ward/# in 1 a/ a/\ntopic # in 0 $SYS/b/ up/\n").problems.empty());
}

TEST_F(Review, SaysWhoGetsInWhere) {
    config.loopback_listeners = {1883};
    config.sealed_listeners = {1884};
    config.psk_listeners = {8884};
    const BrokerReview found =
        of(std::string(with_tls) + "listener 1883 127.0.0.1\nlistener 1884\nlistener 8884\n" +
           "psk_hint h\nlistener 9001\nprotocol websockets\ncertfile c\nlistener 1885\n" + loads_it);
    EXPECT_TRUE(found.problems.empty());
    EXPECT_EQ(found.listeners,
              (std::vector<std::string>{
                  "listener 8883: principals, by their certificate",
                  "listener 1883: principals on this machine, by a sealed CONNECT",
                  "listener 1884: principals, by a sealed CONNECT; topics, sizes and times can be seen on the network",
                  "listener 8884: principals, by their pre-shared key",
                  "listener 9001 (WebSockets): principals, by their certificate (require_certificate true would turn "
                  "away anybody else sooner)",
                  "listener 1885: nobody"}));
    ASSERT_EQ(found.notes.size(), 1U);
    EXPECT_EQ(found.notes[0].text(),
              "m.conf:11: listener: it has no TLS, and reseal.yaml does not name it, so every client is refused; name "
              "it under loopback_listeners or sealed_listeners, or remove it");
}

TEST_F(Review, ComparesPortsWithReseal) {
    config.loopback_listeners = {1883};
    EXPECT_EQ(problem(std::string(with_tls) + "listener 1883\n" + loads_it),
              "m.conf:4: listener: loopback_listeners names it, but other machines can reach it, so nobody gets in "
              "there; write listener 1883 127.0.0.1");
    EXPECT_EQ(problem(std::string(with_tls) + loads_it),
              "/site/reseal.yaml: loopback_listeners: the broker has no listener 1883; write it in the broker's "
              "configuration, or remove it here");
    config.loopback_listeners = {};
    config.psk_listeners = {8884};
    EXPECT_EQ(problem("listener 8884\n" + std::string(loads_it)),
              "m.conf:1: listener: psk_listeners names it, but it has no psk_hint; write psk_hint reseal");
    EXPECT_EQ(problem("psk_file p\nlistener 8884\npsk_hint h\n" + std::string(loads_it)),
              "m.conf:1: psk_file: the broker takes a client's key from this file before it asks Reseal; remove it; "
              "keys of psk_listeners come from the registry");
}

TEST_F(Review, NotesWhatHasNoEffect) {
    EXPECT_EQ(note("acl_file a\n" + std::string(with_tls) + loads_it),
              "m.conf:1: acl_file: has no effect beside Reseal, which decides about every client; remove it once no "
              "client needs it");
    EXPECT_EQ(
        note("max_inflight_messages 0\n" + std::string(with_tls) + loads_it),
        "m.conf:1: max_inflight_messages: is for Mosquitto 2.0.11 alone; 2.1 logs for every QoS 1 message that it "
        "exceeds a quota; remove it on a later release");
}

}  // namespace
}  // namespace reseal::config
