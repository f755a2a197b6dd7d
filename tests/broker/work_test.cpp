// SPDX-License-Identifier: Apache-2.0
// The broker's work for one packet grows no faster than what the packet and its recipients need. Work is the broker's
// executed instructions, as valgrind counts them: no time is measured.
#include <iostream>
#include <sstream>

#include "harness/ward.h"
#include "mqtt/client.h"

namespace harness {
namespace {

constexpr const char* deep_topic = "ward/pico1/1/2/3/4/5/6/7/8";

// Twice the input may cost a bit more than twice the work, because of sorting and growing memory. Quadratic work costs
// four times as much.
constexpr double of_twice = 2.6;

// A broker whose instructions are counted.
class CountedBroker : public Mosquitto {
  public:
    explicit CountedBroker(const Site& site) : CountedBroker(site, free_port(), free_port()) {}

    [[nodiscard]] std::uint16_t port() const { return port_; }
    // The instructions it has executed since the last call.
    [[nodiscard]] double steps() {
        const Ran ran = run({"callgrind_control", "-d", std::to_string(pid())});
        const std::string part = folder_ + "/steps." + std::to_string(pid()) + "." + std::to_string(++parts_);
        std::istringstream lines(read_all(part));
        for (std::string line; std::getline(lines, line);) {
            if (line.starts_with("totals: ")) {
                return std::stod(line.substr(line.find(' ')));
            }
        }
        ADD_FAILURE() << part << " holds no total: " << ran.output;
        return 0;
    }

  private:
    CountedBroker(const Site& site, std::uint16_t port, std::uint16_t plain_port)
        : Mosquitto(site.folder(), "mosquitto",
                    broker_conf(site, port, plain_port) + "max_queued_messages 0\nlog_type none\n", {port, plain_port},
                    {"valgrind", "--tool=callgrind", "--trace-children=yes",
                     "--callgrind-out-file=" + site.folder() + "/steps.%p"}),
          folder_(site.folder()),
          port_(port) {}

    std::string folder_;
    std::uint16_t port_;
    int parts_ = 0;
};

class Work : public Ward {
  protected:
    void start(const std::string& acl) {
        site.write_acl(acl);
        broker = std::make_unique<CountedBroker>(site);
        subscriber = connected("clinician");
        publisher = connected("pico1");
        device = std::make_unique<Device>(site, "pico1");
    }
    void start() {
        start("version: 1\nroles: {wearable: {publish: [\"ward/{id}/#\"]}, clinician: {subscribe: [\"ward/#\"]}}\n");
    }
    void subscribe(const std::string& filter, int qos = 0) const {
        ASSERT_LE(subscriber->subscribe({.filter = filter, .qos = qos}), 2) << filter;
    }

    // The instructions for one message at QoS 2 until `copies` of it have reached the subscriber.
    double steps_of(std::size_t copies, const std::string& topic = deep_topic,
                    const mqtt::Properties& properties = {}) {
        EXPECT_TRUE(subscriber->ping());
        (void)subscriber->take();
        const std::string sealed = text(device->seal(topic, reading));
        (void)broker->steps();
        EXPECT_EQ(publisher->publish({.topic = topic, .payload = sealed, .qos = 2, .properties = properties}), 0);
        std::size_t received = 0;
        while (received < copies && subscriber->poll(Milliseconds(5000))) {
            received += subscriber->take().size();
        }
        EXPECT_EQ(received, copies) << broker->log();
        const double out = broker->steps();
        std::cout << copies << " copies, " << topic.size() << " bytes of topic, " << properties.size()
                  << " properties: " << out / 1e6 << " million instructions\n";
        return out;
    }

    std::unique_ptr<CountedBroker> broker;
    std::unique_ptr<mqtt::Client> subscriber;
    std::unique_ptr<mqtt::Client> publisher;
    std::unique_ptr<Device> device;

  private:
    [[nodiscard]] std::unique_ptr<mqtt::Client> connected(const std::string& id) const {
        auto out = std::make_unique<mqtt::Client>(
            broker->port(), mqtt::v5,
            mqtt::Tls{.ca = site.ca(), .certificate = site.certificate(id), .key = site.key(id)});
        EXPECT_EQ(out->connect({.client_id = id}).reason, 0);
        return out;
    }
};

// Each level of the topic but the first as it is, or +.
std::string filter_of(unsigned number) {
    std::istringstream levels(deep_topic);
    std::string out;
    for (std::string level; std::getline(levels, level, '/'); number >>= 1U) {
        out += (out.empty() ? "" : "/") + (number % 2 == 0 ? level : "+");
    }
    return out;
}

TEST_F(Work, ForOverlappingFiltersGrowsOnlyWithTheCopies) {
    start();
    constexpr unsigned filters = 512;
    double half = 0;
    for (unsigned number = 0; number < filters; ++number) {
        if (number == filters / 2) {
            half = steps_of(filters / 2);
        }
        subscribe(filter_of(2 * number), static_cast<int>(number % 3));
    }
    EXPECT_LT(steps_of(filters), of_twice * half);
}

TEST_F(Work, ForSharedGroupsGrowsOnlyWithTheCopies) {
    start();
    constexpr int groups = 1000;
    double half = 0;
    for (int group = 0; group < groups; ++group) {
        if (group == groups / 2) {
            half = steps_of(groups / 2);
        }
        subscribe("$share/g" + std::to_string(group) + "/" + deep_topic, group % 3);
    }
    EXPECT_LT(steps_of(groups), of_twice * half);
}

// Rules that all match the beginning of the topic, with different ends: the tree of rights is as wide as possible.
std::string intricate_acl(int rules, int levels) {
    std::string publish;
    for (int rule = 0; rule < rules; ++rule) {
        std::string pattern = "ward/{id}";
        for (int level = 0; level < levels; ++level) {
            pattern += (rule >> (level % 16)) % 2 == 0 ? "/x" : "/+";
        }
        publish += (rule == 0 ? "\"" : ", \"") + pattern + "/end" + std::to_string(rule) + "\"";
    }
    return "version: 1\nroles: {wearable: {publish: [" + publish +
           ", \"ward/{id}/#\"]}, clinician: {subscribe: [\"ward/#\"]}}\n";
}

std::string topic_of(int levels) {
    std::string out = "ward/pico1";
    for (int level = 0; level < levels; ++level) {
        out += "/x";
    }
    return out;
}

// All of the 199 levels that the broker accepts.
TEST_F(Work, ForALongTopicGrowsWithItsLevels) {
    start(intricate_acl(64, 180));
    subscribe("ward/#");
    (void)steps_of(1, topic_of(1));
    const double least = steps_of(1, topic_of(1));
    const double half = steps_of(1, topic_of(90));
    EXPECT_LT(steps_of(1, topic_of(180)) - least, of_twice * (half - least));
}

TEST_F(Work, ForALongTopicGrowsWithTheBytesOfItsLevels) {
    start();
    subscribe("ward/#");
    const auto topic = [](std::size_t bytes) { return "ward/pico1/" + std::string(bytes, 'x'); };
    (void)steps_of(1, topic(10));
    const double half = steps_of(1, topic(30000));
    EXPECT_LT(steps_of(1, topic(60000)), of_twice * half);
}

TEST_F(Work, ForALongTopicGrowsWithTheRulesThatConcernIt) {
    start(intricate_acl(256, 16));
    subscribe("ward/#");
    (void)steps_of(1, topic_of(16));
    const double half = steps_of(1, topic_of(16));
    broker.reset();
    start(intricate_acl(512, 16));
    subscribe("ward/#");
    (void)steps_of(1, topic_of(16));
    EXPECT_LT(steps_of(1, topic_of(16)), of_twice * half);
}

TEST_F(Work, ForManyUserPropertiesGrowsOnlyWithTheirNumber) {
    start();
    subscribe("ward/#");
    const auto properties = [](std::size_t count) {
        mqtt::Properties out;
        for (std::size_t i = 0; i < count; ++i) {
            out.push_back({.id = mqtt::Id::user_property, .text = "v", .name = "n"});
        }
        return out;
    };
    constexpr std::size_t many = 16000;
    const double half = steps_of(1, deep_topic, properties(many / 2));
    EXPECT_LT(steps_of(1, deep_topic, properties(many)), of_twice * half);
}

}  // namespace
}  // namespace harness
