// SPDX-License-Identifier: Apache-2.0
#include "config/broker_setup.h"

#include <gtest/gtest.h>

namespace reseal::config {
namespace {

BrokerSetup setup_of(std::string_view text) {
    return broker_setup(broker_lines(text, "mosquitto.conf"));
}

TEST(BrokerLines, AreKeyAndValueWithTheirPlace) {
    const auto lines =
        broker_lines("# comment\n\n  listener 8883  10.0.0.1 \r\nplugin\t/a b.so\npersistence", "m.conf");
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[0].key, "listener");
    EXPECT_EQ(lines[0].value, "8883  10.0.0.1");
    EXPECT_EQ(lines[0].line, 3);
    EXPECT_EQ(lines[1].value, "/a b.so");
    EXPECT_EQ(lines[2].value, "");
    EXPECT_EQ(lines[2].file, "m.conf");
}

TEST(BrokerSetup, KnowsEachListener) {
    const BrokerSetup setup = setup_of(
        "listener 8883\ncertfile c\nrequire_certificate true\n"
        "listener 1883 127.0.0.1\n"
        "listener 0 /run/m.sock\n"
        "listener 9001\nprotocol websockets\ncertfile c\nuse_identity_as_username true\n"
        "listener 8884\npsk_hint h\nmount_point ward7/\n");
    ASSERT_EQ(setup.listeners.size(), 5U);
    EXPECT_TRUE(setup.listeners[0].tls && setup.listeners[0].certificate);
    EXPECT_FALSE(setup.listeners[0].on_loopback());
    EXPECT_TRUE(setup.listeners[1].on_loopback());
    EXPECT_FALSE(setup.listeners[1].tls);
    EXPECT_TRUE(setup.listeners[2].on_loopback()) << "a Unix socket";
    EXPECT_TRUE(setup.listeners[3].websockets);
    EXPECT_EQ(setup.listeners[3].identity->line, 9);
    EXPECT_TRUE(setup.listeners[4].psk);
    EXPECT_EQ(setup.listeners[4].mount_point->value, "ward7/");
}

TEST(BrokerSetup, ListsPluginsAsTheBrokerAsksThem) {
    const BrokerSetup setup = setup_of(
        "plugin_load reseal /r.so\nplugin_opt_config /site/reseal.yaml\nglobal_plugin /dynsec.so\nlistener 1883\n"
        "plugin_use reseal\n");
    ASSERT_EQ(setup.plugins.size(), 2U);
    EXPECT_EQ(setup.plugins[0].path, "/dynsec.so") << "those for all listeners come first";
    EXPECT_EQ(setup.plugins[1].name, "reseal");
    EXPECT_EQ(setup.plugins[1].config, "/site/reseal.yaml");
    EXPECT_EQ(setup.listeners[0].uses, std::vector<std::string>{"reseal"});
}

TEST(BrokerSetup, KnowsPrefixesOfBridges) {
    const BrokerSetup setup = setup_of("connection wing-b\ntopic ward/# out 1 \"\" wing-a/\ntopic a/#\n");
    ASSERT_EQ(setup.bridged.size(), 2U);
    EXPECT_EQ(setup.bridged[0].pattern, "ward/#");
    EXPECT_EQ(setup.bridged[0].local_prefix, "");
    EXPECT_EQ(setup.bridged[0].remote_prefix, "wing-a/");
    EXPECT_EQ(setup.bridged[1].remote_prefix, "");
}

}  // namespace
}  // namespace reseal::config
