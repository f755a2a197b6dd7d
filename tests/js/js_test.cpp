// SPDX-License-Identifier: Apache-2.0
// A dashboard on the library for JavaScript, from its login to the end of its key. That it reads and writes what other
// clients write and read is shown in tests/clients.
#include "harness/ward.h"

#include <filesystem>
#include <sstream>

namespace harness {
namespace {

class Dashboard : public Ward {
  protected:
    Dashboard() {
        site.provision({"export", "clinician", "--format", "json", "--output", site.path("clinician.json")});
    }

    // Logs in with certificate and proof, subscribes to the ward, and prints what happens.
    void watch(const std::string& ca = {}) {
        program = Process({"env", "RESEAL_JS=" RESEAL_JS, "node", RESEAL_JS_CLIENT, "watch", "5",
                           std::to_string(broker.port()), ca.empty() ? site.ca() : ca, site.certificate("clinician"),
                           site.key("clinician"), site.path("clinician.json"), "clinician/js", "ward/#"},
                          output);
    }

    [[nodiscard]] bool prints(const std::string& text) const {
        return eventually([&] { return prints_by_now(text); });
    }

    [[nodiscard]] bool prints_by_now(const std::string& text) const {
        return read_all(output).find(text) != std::string::npos;
    }

    // That have failed.
    [[nodiscard]] int attempts() const {
        std::istringstream lines(read_all(output));
        int out = 0;
        for (std::string line; std::getline(lines, line);) {
            out += line.rfind("failed ", 0) == 0 ? 1 : 0;
        }
        return out;
    }

    void send(const std::string& text) {
        Client pico(site, broker, "pico1");
        ASSERT_EQ(pico.connect(), 0);
        ASSERT_EQ(pico.publish(pulse_topic, device.seal(pulse_topic, text)), 0);
        pico.disconnect();
    }

    Broker broker{site};
    Device device{site, "pico1"};
    std::string output = site.path("dashboard.out");
    Process program;
};

TEST_F(Dashboard, ProvesItsKeyWhereACertificateAloneIsNotEnough) {
    site.set("identity", "{require_key: true}");
    broker.stop();
    broker.start();
    watch();
    ASSERT_TRUE(prints("subscribed\n")) << read_all(output);
    Client without_proof(site, broker, "clinician");
    EXPECT_EQ(without_proof.connect(), not_authorised);
}

TEST_F(Dashboard, ComesBackWithAFreshProofAndItsSubscriptionsWhenTheBrokerDoes) {
    watch();
    ASSERT_TRUE(prints("subscribed\n")) << read_all(output);
    broker.stop();
    ASSERT_TRUE(prints("lost\n")) << read_all(output);
    ASSERT_TRUE(eventually([&] { return attempts() > 12; })) << read_all(output);
    broker.start();
    ASSERT_TRUE(prints("connected\n")) << read_all(output);
    ASSERT_TRUE(eventually([&] { return broker.log().find("clinician/js 1 ward/#") != std::string::npos; }))
        << broker.log();
    send("73");
    EXPECT_TRUE(prints("message 73\n")) << read_all(output) << broker.log();
    EXPECT_FALSE(prints_by_now("MaxListenersExceededWarning")) << "each attempt leaves something behind";
}

TEST_F(Dashboard, IsToldThatItsCredentialsAreRefusedOnceTheyAreRevoked) {
    watch();
    ASSERT_TRUE(prints("subscribed\n")) << read_all(output);
    site.revoke("clinician");
    EXPECT_TRUE(prints("failed NotAuthorized: the broker refuses these credentials")) << read_all(output);
}

TEST_F(Dashboard, IsToldThatWhatAnswersIsNotItsBroker) {
    const Site elsewhere;
    watch(elsewhere.ca());
    EXPECT_TRUE(prints("NotTheBroker: what answers at ")) << read_all(output);
}

// With the names of files and broker of this site.
TEST_F(Dashboard, TheExampleOfTheReadmePrintsWhatArrives) {
    const std::string readme = read_all(RESEAL_JS_README);
    const std::string fence = "```js\n";
    const std::size_t from = readme.find(fence) + fence.size();
    std::string example = readme.substr(from, readme.find("```", from) - from);
    const std::string address = "broker.example:8883";
    example.replace(example.find(address), address.size(), "localhost:" + std::to_string(broker.port()));
    write_all(site.path("example.mjs"), example);
    std::filesystem::create_directory(site.path("node_modules"));
    std::filesystem::create_directory_symlink(RESEAL_JS, site.path("node_modules/reseal"));
    std::filesystem::copy_file(site.ca(), site.path("ca.crt"));
    std::filesystem::copy_file(site.certificate("clinician"), site.path("clinician.crt"));
    std::filesystem::copy_file(site.key("clinician"), site.path("clinician.key"));
    program = Process({"env", "-C", site.folder(), "node", "example.mjs"}, output);
    ASSERT_TRUE(eventually([&] { return broker.log().find("clinician 1 ward/#") != std::string::npos; }))
        << read_all(output) << broker.log();
    send("74");
    EXPECT_TRUE(prints(std::string(pulse_topic) + " 74\n")) << read_all(output);
}

}  // namespace
}  // namespace harness
