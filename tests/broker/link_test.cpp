// SPDX-License-Identifier: Apache-2.0
// The sample of the link for hosts, as docs/device-sdk.md shows it: compiled with a device's credentials, and run.
#include "harness/ward.h"

#include <sstream>

namespace harness {
namespace {

class LinkSample : public Ward {
  protected:
    // Next to the credentials that it includes.
    std::string compile() {
        site.provision({"export", "pico1", "--format", "c-header", "--output", site.path("credentials.h")});
        std::vector<std::string> command{"cc", RESEAL_LINK_SAMPLE, "-o", site.path("link_posix"), "-I", site.folder()};
        std::istringstream options(RESEAL_LINK_OPTIONS);
        for (std::string option; options >> option;) {
            command.push_back(option);
        }
        Process compiler(command, site.path("cc.log"));
        EXPECT_EQ(compiler.wait(), 0) << read_all(site.path("cc.log"));
        return site.path("link_posix");
    }

    // In its own folder, where it keeps its epoch.
    Process run(const std::string& program, const std::string& ca) {
        return Process({"env", "-C", site.folder(), program, "localhost", std::to_string(broker.port()), ca,
                        site.certificate("pico1"), site.key("pico1")},
                       output);
    }

    Broker broker{site};
    std::string output = site.path("sample.log");
};

TEST_F(LinkSample, SendsOneReadingAndEndsWhenItIsAccepted) {
    Client clinician(site, broker, "clinician");
    ASSERT_EQ(clinician.connect(), 0);
    ASSERT_EQ(clinician.subscribe("ward/#"), 1);
    const std::string program = compile();
    Process sample = run(program, site.ca());
    EXPECT_EQ(sample.wait(), 0) << read_all(output);
    EXPECT_NE(read_all(output).find("online"), std::string::npos);
    const auto message = clinician.receive();
    ASSERT_TRUE(message);
    EXPECT_EQ(message->topic, pulse_topic);
    EXPECT_EQ(Application(site, "clinician").open(message->topic, message->payload), R"({"pulse":72})");
}

TEST_F(LinkSample, SaysThatTheBrokersCertificateIsNotFromItsCa) {
    const std::string program = compile();
    Process sample = run(program, site.certificate("pico2"));
    EXPECT_TRUE(eventually([&] {
        return read_all(output).find("the broker's certificate is not from our CA") != std::string::npos;
    })) << read_all(output);
}

}  // namespace
}  // namespace harness
