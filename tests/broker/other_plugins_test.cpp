// SPDX-License-Identifier: Apache-2.0
// The broker asks several plugins in the order of mosquitto.conf, and the first answer counts. So Reseal is first.
#include <cstdlib>
#include <filesystem>

#include "harness/ward.h"

namespace harness {
namespace {

constexpr const char* user = "kiosk";
constexpr const char* password = "a password of the time before";

class OtherPlugins : public Ward {
  protected:
    // The broker under test lies in a tree of its own, with its own plugins.
    static std::string of_the_broker(const std::string& file) {
        const char* const program = std::getenv("RESEAL_TEST_BROKER");
        const std::filesystem::path tree = program == nullptr ? "/" : std::filesystem::path(program).parent_path();
        const std::filesystem::path usual = std::filesystem::exists(tree / "usr") ? tree : "/";
        for (const char* folder : {"usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu"}) {
            if (std::filesystem::exists(usual / folder / file)) {
                return usual / folder / file;
            }
        }
        return {};
    }

    void SetUp() override {
        users = site.path("users.json");
        ASSERT_EQ(run({"mosquitto_ctrl", "dynsec", "init", users, user, password}).status, 0);
        std::filesystem::permissions(users, std::filesystem::perms(0600));
    }

    [[nodiscard]] std::string dynamic_security(const std::string& keyword = "plugin") const {
        return keyword + " " + of_the_broker("mosquitto_dynamic_security.so") + "\nplugin_opt_config_file " + users +
               "\n";
    }

    // Starts with `lines` in front of the plugin's.
    [[nodiscard]] std::string conf_with(const std::string& lines) const {
        std::string conf = broker_conf(site, free_port(), free_port());
        return conf.insert(conf.find("plugin "), lines);
    }

    [[nodiscard]] std::string refused(const std::string& lines) const {
        const std::string path = site.path("other.conf");
        write_all(path, conf_with(lines));
        return refused_start(path);
    }

    [[nodiscard]] Client with_password(const Broker& broker) const {
        return {
            site, broker, user, {.tls = false, .port = broker.plain_port(), .username = user, .password = password}};
    }

    // A principal reads and writes as ever.
    void expect_normal_work(const Broker& broker) {
        Client clinician(site, broker, "clinician");
        Client pico(site, broker, "pico1");
        ASSERT_EQ(clinician.connect(), 0);
        ASSERT_EQ(pico.connect(), 0);
        ASSERT_EQ(clinician.subscribe("ward/#"), 1);
        Device device(site, "pico1");
        ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, reading)), 0);
        const auto message = clinician.receive();
        ASSERT_TRUE(message);
        EXPECT_EQ(Application(site, "clinician").open(message->topic, message->payload), reading);
    }

    std::string users;
};

TEST_F(OtherPlugins, BeforeThisOneAreRefusedAtTheStart) {
    if (Mosquitto::has_plugin_from_the_start()) {
        GTEST_SKIP() << "this plugin is the first one";
    }
    const std::string output = refused(dynamic_security());
    EXPECT_NE(output.find("not started: "), std::string::npos) << output;
    EXPECT_NE(
        output.find("reseal.yaml: plugins_before: the broker loads mosquitto_dynamic_security.so before this plugin"),
        std::string::npos)
        << output;
    EXPECT_NE(output.find("move its lines in mosquitto.conf below those of this plugin"), std::string::npos) << output;
}

TEST_F(OtherPlugins, BeforeThisOneAreLeftAloneIfTheConfigurationNamesThem) {
    site.set("plugins_before", "[mosquitto_dynamic_security.so]");
    const std::uint16_t port = free_port();
    const std::uint16_t plain_port = free_port();
    std::string conf = broker_conf(site, port, plain_port);
    const Mosquitto broker(site.folder(), "told", conf.insert(conf.find("plugin "), dynamic_security()),
                           {port, plain_port});
    EXPECT_TRUE(broker.logs("principals, replay window"));
}

TEST_F(OtherPlugins, BehindThisOneLetNobodyIn) {
    const Broker broker(site, dynamic_security());
    Client kiosk = with_password(broker);
    EXPECT_EQ(kiosk.connect(), not_authorised);
    expect_normal_work(broker);
}

TEST_F(OtherPlugins, PasswordsAndAclFilesOfTheBrokerLetNobodyInAndTakeNothingAway) {
    const std::string passwords = site.path("passwords");
    ASSERT_EQ(run({"mosquitto_passwd", "-b", "-c", passwords, user, password}).status, 0);
    std::filesystem::permissions(passwords, std::filesystem::perms(0600));
    write_all(site.path("acl_file"), "user kiosk\ntopic readwrite #\n");
    std::filesystem::permissions(site.path("acl_file"), std::filesystem::perms(0600));
    const Broker broker(site, "password_file " + passwords + "\nacl_file " + site.path("acl_file") + "\n");
    Client kiosk = with_password(broker);
    EXPECT_EQ(kiosk.connect(), not_authorised);
    expect_normal_work(broker);
}

// Mosquitto 2.1 asks a plugin for all listeners before one that a listener uses, whatever their order.
TEST_F(OtherPlugins, ClientsThatOneForAllListenersHasLetInAreDropped) {
    if (!Mosquitto::seals_when_sent()) {
        GTEST_SKIP() << "2.0 has no plugins for all listeners";
    }
    Broker broker(site);
    broker.stop();
    std::string conf = read_all(site.path("mosquitto.conf"));
    const std::string line = "plugin ";
    conf.replace(conf.find("plugin "), line.size(), "plugin_load reseal ");
    write_all(site.path("mosquitto.conf"), conf + "plugin_use reseal\n" + dynamic_security("global_plugin"));
    broker.start();
    Client kiosk = with_password(broker);
    ASSERT_EQ(kiosk.connect(), 0) << "nothing can be done against it";
    EXPECT_TRUE(kiosk.dropped());
    EXPECT_TRUE(broker.logs("another plugin let in client")) << broker.log();
}

}  // namespace
}  // namespace harness
