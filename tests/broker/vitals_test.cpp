// The example application for the Pico, on a host, with the real broker.
#include "harness/ward.h"

#include <algorithm>
#include <csignal>
#include <memory>
#include <thread>

namespace harness {
namespace {

constexpr const char* reading_topic = "ward/pico1/vitals/reading";
constexpr const char* answer_topic = "ward/pico1/vitals/answer";

const std::string again = "!" + std::to_string(RESEAL_REPLAY);

enum class Way { certificate, sealed_connect };

class VitalsHost : public Ward, public testing::WithParamInterface<Way> {
  protected:
    VitalsHost() : broker(site) {
        site.provision({"export", "pico1", "--format", "json", "--output", site.path("pico1.json")});
        broker.stop();
        site.set("loopback_listeners", "[" + std::to_string(broker.plain_port()) + "]");
        broker.start();
    }

    Process start_device(int count) {
        std::vector<std::string> command = {RESEAL_VITALS_HOST,
                                            "--credentials",
                                            site.path("pico1.json"),
                                            "--flash",
                                            site.path("pico1.flash"),
                                            "--interval",
                                            "100",
                                            "--readings",
                                            std::to_string(count)};
        if (GetParam() == Way::certificate) {
            command.insert(command.end(), {"--host", "localhost", "--port", std::to_string(broker.port()), "--cafile",
                                           site.ca(), "--cert", site.certificate("pico1"), "--key", site.key("pico1")});
        } else {
            command.insert(command.end(), {"--host", "localhost", "--port", std::to_string(broker.plain_port())});
        }
        return {command, output};
    }

    [[nodiscard]] bool device_says(const std::string& text, Milliseconds limit = Milliseconds(20000)) const {
        const auto end = std::chrono::steady_clock::now() + limit;
        while (read_all(output).find(text) == std::string::npos) {
            if (std::chrono::steady_clock::now() > end) {
                return false;
            }
            std::this_thread::sleep_for(Milliseconds(20));
        }
        return true;
    }

    // A clinician whose session outlives an outage of the broker, and what arrived for her.
    void subscribe() {
        clinician =
            std::make_unique<Client>(site, broker, "clinician", ClientOptions{.clean = false, .session_seconds = 3600});
        ASSERT_EQ(clinician->connect(), 0);
        ASSERT_EQ(clinician->subscribe("ward/#"), 1);
    }

    // Takes what arrives until there are `count` readings, or nothing more comes.
    void collect(std::size_t count, Milliseconds limit = Milliseconds(20000)) {
        while (readings.size() < count) {
            const auto message = clinician->receive(limit);
            if (!message) {
                return;
            }
            take(*message);
        }
    }

    void take(const Message& message) {
        const std::string opened = reader.open(message.topic, message.payload);
        if (opened == again) {
            return;  // from the broker to her, after a lost acknowledgement: the SDK knows it
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
    std::string output = site.path("vitals.log");
    Application reader{site, "clinician"};
    Device sealer{site, "clinician"};
    std::unique_ptr<Client> clinician;
    std::vector<std::string> readings;
    std::vector<std::string> answers;
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

TEST_P(VitalsHost, SendsEveryReadingOnceOverAnOutageOfTheBroker) {
    subscribe();
    Process device = start_device(50);
    collect(5);
    broker.stop();
    ASSERT_TRUE(device_says("state pause"));
    clinician.reset();
    broker.start();
    subscribe();
    collect(50);
    EXPECT_EQ(device.wait(), 0) << read_all(output);
    EXPECT_TRUE(silent(*clinician));
    EXPECT_EQ(numbers(), up_to(50)) << read_all(output);
}

TEST_P(VitalsHost, SendsEveryReadingOnceOverAnOutageOfItsNetwork) {
    subscribe();
    Process device = start_device(40);
    collect(5);
    device.signal(SIGUSR1);
    ASSERT_TRUE(device_says("state pause"));
    device.signal(SIGUSR2);
    collect(40);
    EXPECT_EQ(device.wait(), 0) << read_all(output);
    EXPECT_TRUE(silent(*clinician));
    EXPECT_EQ(numbers(), up_to(40)) << read_all(output);
}

TEST_P(VitalsHost, CarriesOutASealedCommandAndAnswers) {
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

TEST_P(VitalsHost, GoesOnAfterARestart) {
    subscribe();
    Process device = start_device(5);
    collect(5);
    EXPECT_EQ(device.wait(), 0) << read_all(output);
    Process second = start_device(5);
    collect(10);
    EXPECT_EQ(second.wait(), 0) << read_all(output);
    EXPECT_EQ(readings.size(), 10U) << "its epoch was kept in flash: nothing is taken for a replay";
}

INSTANTIATE_TEST_SUITE_P(, VitalsHost, testing::Values(Way::certificate, Way::sealed_connect), [](const auto& tried) {
    return tried.param == Way::certificate ? "WithACertificate" : "WithASealedConnect";
});

}  // namespace
}  // namespace harness
