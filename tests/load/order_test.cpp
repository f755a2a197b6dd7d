// SPDX-License-Identifier: Apache-2.0
// Order and loss: 20 publishers send 10,000 messages at QoS 1 and 2 to 20 subscribers, whose connections break at
// random moments. RESEAL_TEST_SEED in the environment repeats a run's moments.
#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <random>
#include <set>

#include "harness/ward.h"
#include "load/ledger.h"
#include "load/login.h"
#include "mqtt/client.h"

namespace load {
namespace {

using harness::Application;
using harness::Broker;
using harness::Device;
using harness::Milliseconds;
using harness::Site;

constexpr std::size_t publishers = 20;
constexpr std::size_t subscribers = 20;
constexpr std::size_t rounds = 250;  // in each, every publisher sends one message at QoS 1 and one at QoS 2
constexpr std::size_t messages = publishers * rounds * 2;

constexpr std::uint32_t session_seconds = 3600;

class Publisher {
  public:
    Publisher(const Site& site, std::uint16_t port, const std::string& id, int version)
        : id_(id), device_(site, id), client_(port, version) {
        client_.connect(login(device_, id, id, version, session_seconds));
    }

    void send(std::size_t serial) {
        for (const int qos : {1, 2}) {
            const std::string topic = "ward/" + id_ + "/qos" + std::to_string(qos);
            const auto payload = as_text(device_.seal(topic, std::to_string(serial)));
            sent_[qos - 1] = client_.send({.topic = topic, .payload = payload, .qos = qos});
        }
    }

    // Whether both were acknowledged with success.
    bool settle() {
        const bool first = client_.wait_for(mqtt::Type::puback, sent_[0]) == 0;
        const bool received = client_.wait_for(mqtt::Type::pubrec, sent_[1]) == 0;
        client_.send(mqtt::Type::pubrel, sent_[1]);
        return first && received && client_.wait_for(mqtt::Type::pubcomp, sent_[1]) == 0;
    }

  private:
    std::string id_;
    Device device_;
    mqtt::Client client_;
    std::uint16_t sent_[2] = {};
};

struct Counts {
    std::size_t breaks = 0;
    std::size_t received = 0;       // PUBLISH packets
    std::size_t known_by_id = 0;    // QoS 2: sent again before their PUBREL came, known by the packet id
    std::size_t known_by_seal = 0;  // QoS 1: refused by the SDK for their age: sent again as they were sealed
    std::size_t repeated = 0;       // QoS 1: sent again and sealed again, known by the serial number in it

    Counts& operator+=(const Counts& other) {
        breaks += other.breaks;
        received += other.received;
        known_by_id += other.known_by_id;
        known_by_seal += other.known_by_seal;
        repeated += other.repeated;
        return *this;
    }
};

// An application that keeps across connections what MQTT and the SDK require: its session, the packet ids of unreleased
// QoS 2 messages, and one receiver. It has already had any QoS 1 message that the receiver refuses for its age:
// otherwise the ledger would miss it.
class Subscriber {
  public:
    Subscriber(const Site& site, std::uint16_t port, const std::string& id, int version, int qos)
        : port_(port), id_(id), version_(version), qos_(qos), device_(site, id), application_(site, id) {
        EXPECT_FALSE(connect());
        EXPECT_EQ(client_->subscribe({.filter = "ward/#", .qos = qos}), qos);
    }

    // Whether the broker had kept the session.
    bool connect() {
        client_ = std::make_unique<mqtt::Client>(port_, version_);
        client_->on_message([this](const mqtt::Publish& message) { take(message); });
        client_->on_release([this](std::uint16_t id) { unreleased_.erase(id); });
        return client_->connect(login(device_, id_, id_, version_, session_seconds)).session_present;
    }

    // The connection breaks while the message after the next `more` is taken.
    void break_after(std::size_t more) { break_after_ = more; }
    void crash() {
        client_->crash();
        ++counts_.breaks;
        break_after_ = never;
    }

    // Takes what is there; true if there was anything.
    bool work(Milliseconds limit = Milliseconds(0)) {
        bool any = false;
        while (client_->connected() && client_->poll(any ? Milliseconds(0) : limit)) {
            any = true;
        }
        return any;
    }

    [[nodiscard]] bool connected() const { return client_->connected(); }
    [[nodiscard]] bool complete() const { return connected() && ledger_.distinct() == messages; }
    [[nodiscard]] const std::string& id() const { return id_; }
    [[nodiscard]] const Ledger& ledger() const { return ledger_; }
    [[nodiscard]] const std::string& refused() const { return refused_; }
    [[nodiscard]] Counts counts() const {
        Counts out = counts_;
        out.repeated = ledger_.repeated();
        return out;
    }

  private:
    static constexpr std::size_t never = static_cast<std::size_t>(-1);

    void take(const mqtt::Publish& message) {
        if (!client_->connected()) {
            return;  // it was in flight when the connection broke
        }
        ++counts_.received;
        if (message.qos == 2 && !unreleased_.insert(message.id).second) {
            ++counts_.known_by_id;
        } else {
            open(message);
        }
        if (break_after_ != never && break_after_-- == 0) {
            crash();
        }
    }

    void open(const mqtt::Publish& message) {
        const std::string text = application_.open(message.topic, harness::bytes(message.payload));
        const bool old =
            text == "!" + std::to_string(RESEAL_REPLAY) || text == "!" + std::to_string(RESEAL_STALE_EPOCH);
        if (old && message.qos == 1) {
            ++counts_.known_by_seal;
        } else if (text.starts_with("!")) {
            refused_ += message.topic + " " + text + "\n";
        } else {
            const bool may_repeat = message.qos == 1 && counts_.breaks > 0;
            ledger_.take(message.topic, std::stoul(text), may_repeat);
        }
    }

    std::uint16_t port_;
    std::string id_;
    int version_;
    int qos_;
    Device device_;
    Application application_;
    std::unique_ptr<mqtt::Client> client_;
    std::set<std::uint16_t> unreleased_;
    std::size_t break_after_ = never;
    Ledger ledger_{rounds};
    Counts counts_;
    std::string refused_;
};

unsigned seed() {
    const char* const given = std::getenv("RESEAL_TEST_SEED");
    return given == nullptr ? std::random_device{}() : static_cast<unsigned>(std::stoul(given));
}

// 2.0.11 has a bug: once a client's queue exceeds the in-flight limit, new messages overtake those in the queue.
// Without a limit there is no queue, and it keeps the order.
std::string settings(std::uint16_t port) {
    const std::string out =
        "listener " + std::to_string(port) + " 127.0.0.1\nset_tcp_nodelay true\nlog_type none\nlog_type warning\n";
    return Broker::version() == "2.0.11" ? out + "max_inflight_messages 0\n" : out;
}

class Order : public testing::Test {
  protected:
    Order() {
        site_.set("loopback_listeners", "[" + std::to_string(port_) + "]");
        for (std::size_t i = 0; i < publishers; ++i) {
            site_.add("device" + std::to_string(i), "wearable");
        }
        for (std::size_t i = 0; i < subscribers; ++i) {
            site_.add("screen" + std::to_string(i), "clinician");
        }
    }

    // Both MQTT versions and both granted QoS, in equal parts.
    void connect() {
        for (std::size_t i = 0; i < subscribers; ++i) {
            subscribers_.push_back(std::make_unique<Subscriber>(site_, port_, "screen" + std::to_string(i),
                                                                i % 2 == 0 ? mqtt::v311 : mqtt::v5, i % 4 < 2 ? 1 : 2));
        }
        for (std::size_t i = 0; i < publishers; ++i) {
            publishers_.push_back(std::make_unique<Publisher>(site_, port_, "device" + std::to_string(i),
                                                              i % 2 == 0 ? mqtt::v311 : mqtt::v5));
        }
    }

    void publish(std::size_t serial) {
        for (const auto& publisher : publishers_) {
            publisher->send(serial);
        }
        for (const auto& publisher : publishers_) {
            ASSERT_TRUE(publisher->settle());
        }
    }

    // Breaks some connections, now or while messages are taken, and restores some that are broken.
    void disturb() {
        for (const auto& subscriber : subscribers_) {
            if (!subscriber->connected()) {
                if (chance(3)) {
                    EXPECT_TRUE(subscriber->connect());
                }
            } else if (chance(40)) {
                subscriber->crash();
            } else if (chance(20)) {
                subscriber->break_after(std::uniform_int_distribution<std::size_t>(0, 60)(random_));
            }
        }
    }

    void work() {
        for (const auto& subscriber : subscribers_) {
            subscriber->work();
        }
    }

    [[nodiscard]] bool complete() const {
        return std::ranges::all_of(subscribers_, [](const auto& subscriber) { return subscriber->complete(); });
    }

    // Runs until every client has everything or nothing more comes.
    void settle() {
        for (int idle = 0; !complete() && idle < 50;) {
            bool any = false;
            for (const auto& subscriber : subscribers_) {
                if (!subscriber->connected()) {
                    EXPECT_TRUE(subscriber->connect());
                } else if (!subscriber->complete()) {
                    any = subscriber->work(Milliseconds(10)) || any;
                }
            }
            idle = any ? 0 : idle + 1;
        }
    }

    bool chance(unsigned one_in) { return std::uniform_int_distribution<unsigned>(1, one_in)(random_) == 1; }

    const unsigned seed_ = seed();
    std::mt19937 random_{seed_};
    Site site_;
    const std::uint16_t port_ = harness::free_port();
    std::vector<std::unique_ptr<Subscriber>> subscribers_;
    std::vector<std::unique_ptr<Publisher>> publishers_;
};

void print(const Counts& counts) {
    std::cout << messages << " messages to each of " << subscribers << " subscribers, " << counts.breaks
              << " broken connections: " << counts.received << " deliveries; sent again were " << counts.known_by_id
              << " at QoS 2, " << counts.known_by_seal << " at QoS 1 as they were sealed, " << counts.repeated
              << " at QoS 1 sealed again" << std::endl;
}

TEST_F(Order, IsKeptWithoutLossOrDuplicatesAtQoS2WhenConnectionsBreak) {
    std::cout << "RESEAL_TEST_SEED=" << seed_ << std::endl;
    Broker broker(site_, settings(port_));
    connect();
    for (std::size_t serial = 0; serial < rounds; ++serial) {
        ASSERT_NO_FATAL_FAILURE(publish(serial));
        disturb();
        work();
    }
    settle();
    Counts counts;
    for (const auto& subscriber : subscribers_) {
        EXPECT_EQ(subscriber->ledger().distinct(), messages) << subscriber->id();
        EXPECT_EQ(subscriber->ledger().faults(), "") << subscriber->id();
        EXPECT_EQ(subscriber->refused(), "") << subscriber->id();
        counts += subscriber->counts();
    }
    print(counts);
    EXPECT_GT(counts.breaks, subscribers) << "connections must break";
}

}  // namespace
}  // namespace load
