// SPDX-License-Identifier: Apache-2.0
// The example application for the Pico, on a host, with the real broker: set up through its page, as with a phone.
#include "harness/ward.h"
#include "setup_page.h"

#include <openssl/pem.h>

#include <algorithm>
#include <csignal>
#include <memory>

namespace harness {
namespace {

constexpr const char* reading_topic = "ward/pico1/vitals/reading";
constexpr const char* answer_topic = "ward/pico1/vitals/answer";
constexpr const char* pairing_code = "7K3M-Q8ZT-0WYB-C4DX-B9";

const std::string again = "!" + std::to_string(RESEAL_REPLAY);

enum class Way { certificate, sealed_connect };

// The DER in a PEM file.
template <typename Der>
void put_file(Der& to, const std::string& path) {
    FILE* const file = std::fopen(path.c_str(), "re");
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* bytes = nullptr;
    long size = 0;
    if (file == nullptr || PEM_read(file, &name, &header, &bytes, &size) != 1 ||
        static_cast<std::size_t>(size) > sizeof to.der) {
        throw std::runtime_error(path + " is not a PEM file that fits");
    }
    std::copy(bytes, bytes + size, to.der);
    to.size = static_cast<std::uint16_t>(size);
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(bytes);
    std::fclose(file);
}

class VitalsHost : public Ward, public testing::WithParamInterface<Way> {
  protected:
    VitalsHost() : broker(site) {
        broker.stop();
        site.set("loopback_listeners", "[" + std::to_string(broker.plain_port()) + "]");
        broker.start();
    }

    [[nodiscard]] reseal_settings settings() const {
        reseal_settings made = reseal::test::settings();
        reseal::test::put(made.broker, sizeof made.broker, "localhost");
        made.port = GetParam() == Way::certificate ? broker.port() : broker.plain_port();
        made.credentials = site.credentials("pico1");
        if (GetParam() == Way::certificate) {
            made.tls = true;
            put_file(made.ca, site.ca());
            put_file(made.certificate, site.certificate("pico1"));
            put_file(made.private_key, site.key("pico1"));
        }
        return made;
    }

    // Sets the device up in its configuration mode. False if it did not accept the settings.
    [[nodiscard]] bool set_up_device() const {
        const std::string before = "setup http://127.0.0.1:";
        reseal_pairing code{};
        if (!device_says(before) || reseal_pairing_read(pairing_code, &code) != RESEAL_OK) {
            return false;
        }
        const std::string said = read_all(output);
        const int port = std::stoi(said.substr(said.find(before) + before.size()));
        return set_up(static_cast<std::uint16_t>(port), code, settings()).find("pico1") != std::string::npos;
    }

    // A device that was set up: here on its first start, and from its flash on the next.
    Process start_device(int count) {
        Process device({RESEAL_VITALS_HOST, "--flash", site.path("pico1.flash"), "--pairing", pairing_code,
                        "--interval", "100", "--readings", std::to_string(count)},
                       output);
        if (!is_set_up) {
            EXPECT_TRUE(set_up_device()) << read_all(output);
            is_set_up = true;
        }
        return device;
    }

    [[nodiscard]] bool device_says(const std::string& text, Milliseconds limit = patience) const {
        return eventually([&] { return read_all(output).find(text) != std::string::npos; }, limit);
    }

    // A clinician whose session outlives a broker outage, and what arrived for her.
    void subscribe() {
        clinician =
            std::make_unique<Client>(site, broker, "clinician", ClientOptions{.clean = false, .session_seconds = 3600});
        ASSERT_EQ(clinician->connect(), 0);
        ASSERT_EQ(clinician->subscribe("ward/#"), 1);
    }

    // Takes what arrives until there are `count` readings or nothing more comes.
    void collect(std::size_t count, Milliseconds limit = patience) {
        while (readings.size() < count) {
            const auto message = clinician->receive(limit);
            if (!message) {
                return;
            }
            take(*message);
        }
    }

    // What she has acknowledged, and nobody sends her again.
    void take_what_came() {
        while (const auto message = clinician->receive(Milliseconds(0))) {
            take(*message);
        }
    }

    void take(const Message& message) {
        const std::string opened = reader.open(message.topic, message.payload);
        const bool seen = std::find(before_outage.begin(), before_outage.end(), opened) != before_outage.end();
        if (opened == again || seen) {
            return;  // retransmitted to her after a lost acknowledgement
        }
        if (message.topic == reading_topic) {
            readings.push_back(opened);
        } else if (message.topic == answer_topic) {
            answers.push_back(opened);
        }
    }

    // The numbers of readings and answers, as the device counted.
    [[nodiscard]] std::vector<int> numbers() const {
        std::vector<int> found;
        for (const auto* texts : {&readings, &answers}) {
            for (const std::string& text : *texts) {
                found.push_back(std::stoi(text.substr(std::string(R"({"n":)").size())));
            }
        }
        std::sort(found.begin(), found.end());
        return found;
    }

    static std::vector<int> up_to(int last) {
        std::vector<int> all;
        for (int n = 1; n <= last; ++n) {
            all.push_back(n);
        }
        return all;
    }

    Broker broker;
    bool is_set_up = false;
    std::string output = site.path("vitals.log");
    Application reader{site, "clinician"};
    Device sealer{site, "clinician"};
    std::unique_ptr<Client> clinician;
    std::vector<std::string> readings;
    std::vector<std::string> answers;
    // With Mosquitto 2.1 each transmission is sealed again, so the SDK cannot recognize repeats after an outage.
    std::vector<std::string> before_outage;
};

TEST_P(VitalsHost, SendsEveryReadingOnce) {
    subscribe();
    Process device = start_device(10);
    collect(10);
    EXPECT_EQ(device.wait(), 0) << read_all(output);
    EXPECT_TRUE(silent(*clinician));
    EXPECT_EQ(numbers(), up_to(10));
    EXPECT_NE(readings[3].find(R"("g":[)"), std::string::npos) << readings[3];
}

TEST_P(VitalsHost, SendsEveryReadingOnceAcrossABrokerOutage) {
    subscribe();
    Process device = start_device(50);
    collect(5);
    broker.stop();
    ASSERT_TRUE(device_says("waits "));
    take_what_came();
    clinician.reset();
    before_outage = readings;
    device.signal(SIGSTOP);  // or it might send before anybody listens
    broker.start();
    subscribe();
    device.signal(SIGCONT);
    collect(50);
    EXPECT_EQ(device.wait(), 0) << read_all(output);
    EXPECT_TRUE(silent(*clinician));
    EXPECT_EQ(numbers(), up_to(50)) << read_all(output);
}

TEST_P(VitalsHost, SendsEveryReadingOnceAcrossANetworkOutage) {
    subscribe();
    Process device = start_device(40);
    collect(5);
    device.signal(SIGUSR1);
    ASSERT_TRUE(device_says("waits "));
    device.signal(SIGUSR2);
    collect(40);
    EXPECT_EQ(device.wait(), 0) << read_all(output);
    EXPECT_TRUE(silent(*clinician));
    EXPECT_EQ(numbers(), up_to(40)) << read_all(output);
}

TEST_P(VitalsHost, ObeysASealedCommandAndAnswers) {
    subscribe();
    Process device = start_device(20);
    collect(2);
    const std::string topic = "commands/pico1/interval";
    ASSERT_EQ(clinician->publish(topic, sealer.seal(topic, "200")), 0);
    collect(20);
    EXPECT_EQ(device.wait(), 0) << read_all(output);
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_NE(answers[0].find(R"("command":"interval","done":true,"interval_ms":200)"), std::string::npos)
        << answers[0];
    EXPECT_EQ(numbers(), up_to(21));
}

TEST_P(VitalsHost, StoresANewKeyOverTheAirAndLosesNothing) {
    subscribe();
    Process device = start_device(40);
    collect(5);
    site.provision({"rotate", "pico1", "--over-the-air", "--overlap", "1h"});
    collect(40);
    EXPECT_EQ(device.wait(), 0) << read_all(output);
    EXPECT_TRUE(silent(*clinician));
    EXPECT_EQ(numbers(), up_to(40)) << read_all(output);
    ASSERT_TRUE(broker.logs("pico1 uses key generation 2 from now on")) << broker.log();
    ASSERT_TRUE(broker.logs("pico1: the older keys end")) << broker.log();
    site.provision({"rotate", "pico1", "--finish"});
    Process second = start_device(5);
    collect(45);
    EXPECT_EQ(second.wait(), 0) << read_all(output);
    EXPECT_EQ(readings.size(), 45U) << "the new key was kept in flash" << broker.log();
}

TEST_P(VitalsHost, ContinuesAfterARestart) {
    subscribe();
    Process device = start_device(5);
    collect(5);
    EXPECT_EQ(device.wait(), 0) << read_all(output);
    Process second = start_device(5);
    collect(10);
    EXPECT_EQ(second.wait(), 0) << read_all(output);
    EXPECT_EQ(readings.size(), 10U) << "its epoch was kept in flash: nothing is taken for a replay";
}

TEST_P(VitalsHost, IsSetUpAgainWithItsModeSwitchClosed) {
    {
        Process device = start_device(1);
        EXPECT_EQ(device.wait(), 0) << read_all(output);
    }
    subscribe();
    output = site.path("vitals_again.log");
    Process device({RESEAL_VITALS_HOST, "--flash", site.path("pico1.flash"), "--pairing", pairing_code, "--mode-switch",
                    "--readings", "1"},
                   output);
    EXPECT_TRUE(silent(*clinician)) << "nothing is sent in configuration mode";
    EXPECT_TRUE(set_up_device()) << read_all(output);
    collect(1);
    EXPECT_EQ(readings.size(), 1U);
    EXPECT_EQ(device.wait(), 0) << read_all(output);
}

INSTANTIATE_TEST_SUITE_P(, VitalsHost, testing::Values(Way::certificate, Way::sealed_connect), [](const auto& tried) {
    return tried.param == Way::certificate ? "WithACertificate" : "WithASealedConnect";
});

}  // namespace
}  // namespace harness
