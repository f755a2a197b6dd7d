// What one packet makes the broker do grows with what the packet and its recipients need, and no faster. Prints the CPU
// time of the broker, which is not asserted.
#include <unistd.h>

#include <iostream>
#include <sstream>

#include "harness/ward.h"
#include "mqtt/client.h"

namespace harness {
namespace {

constexpr const char* deep_topic = "ward/pico1/1/2/3/4/5/6/7/8";

class Work : public Ward {
  protected:
    Work() {
        site.write_acl(
            "version: 1\nroles: {wearable: {publish: [\"ward/{id}/#\"]}, clinician: {subscribe: [\"ward/#\"]}}\n");
    }

    // Seconds of CPU time that the broker has used.
    [[nodiscard]] double used() const {
        std::istringstream fields(read_all("/proc/" + std::to_string(broker.pid()) + "/stat"));
        std::string ignored;
        double user = 0;
        double system = 0;
        for (int field = 1; field < 14; ++field) {
            fields >> ignored;
        }
        fields >> user >> system;
        return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
    }
    // Publishes one message at QoS 2 and prints what it took until `subscriber` has been handed all of its copies;
    // answers how many came.
    std::size_t publish(mqtt::Client& subscriber, const std::string& what) {
        Client pico(site, broker, "pico1");
        EXPECT_EQ(pico.connect(), 0);
        Device device(site, "pico1");
        const double before = used();
        EXPECT_EQ(pico.publish(deep_topic, device.seal(deep_topic, reading), 2), 0);
        std::size_t copies = 0;
        while (subscriber.poll(Milliseconds(1000))) {
            copies += subscriber.take().size();
        }
        std::cout << what << ": " << copies << " copies, " << used() - before << " s of the broker's CPU\n";
        return copies;
    }
    [[nodiscard]] std::unique_ptr<mqtt::Client> clinician() const {
        auto out = std::make_unique<mqtt::Client>(
            broker.port(), mqtt::v5,
            mqtt::Tls{.ca = site.ca(), .certificate = site.certificate("clinician"), .key = site.key("clinician")});
        EXPECT_EQ(out->connect({.client_id = "clinician"}).reason, 0);
        return out;
    }

    Broker broker{site, "max_queued_messages 0\n"};
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

TEST_F(Work, OfAMessageForOverlappingFiltersIsThatOfItsCopies) {
    const auto subscriber = clinician();
    constexpr unsigned filters = 512;
    for (unsigned number = 0; number < filters; ++number) {
        ASSERT_LE(subscriber->subscribe({.filter = filter_of(2 * number), .qos = static_cast<int>(number % 3)}), 2);
    }
    EXPECT_EQ(publish(*subscriber, "512 overlapping filters"), filters) << broker.log();
}

TEST_F(Work, OfAMessageForSharedGroupsIsThatOfItsCopies) {
    const auto subscriber = clinician();
    constexpr int groups = 1000;
    for (int group = 0; group < groups; ++group) {
        const std::string filter = "$share/g" + std::to_string(group) + "/" + deep_topic;
        ASSERT_LE(subscriber->subscribe({.filter = filter, .qos = group % 3}), 2);
    }
    EXPECT_EQ(publish(*subscriber, "1000 shared groups"), static_cast<std::size_t>(groups)) << broker.log();
}

}  // namespace
}  // namespace harness
