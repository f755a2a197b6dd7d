// reseal-sim: a simulated Pico that runs the SDK itself.
#include <array>
#include <chrono>
#include <cstdio>
#include <deque>
#include <set>
#include <utility>

#include "tools/backoff.h"
#include "tools/credentials.h"
#include "tools/failure.h"
#include "tools/mqtt_client.h"
#include "tools/options.h"
#include "tools/receiver.h"
#include "tools/sender.h"
#include "tools/stop_signal.h"
#include "tools/tool_main.h"
#include "tools/vital_signs.h"

namespace reseal::tools {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds longest_wait(1000);
constexpr std::chrono::seconds settling_limit(15);

// Far fewer than a replay window holds: after a reconnect they are sent again behind a fresh sealed CONNECT.
constexpr std::size_t in_flight_max = 20;

struct Counts {
    std::uint64_t acknowledged = 0;
    std::uint64_t refused = 0;
    std::uint64_t dropped = 0;
    std::uint64_t commands = 0;
    std::uint64_t commands_refused = 0;
};

// Readings fall due by the clock, wait in a queue, and leave it when there is a connection with room.
class Readings {
  public:
    Readings(const SimOptions &options, const std::string &principal, Clock::time_point end)
        : options_(options), vitals_(principal, options.rate, options.seed), period_(1.0 / options.rate), end_(end) {}

    // Takes the readings that fell due. Returns how many of the oldest had to be dropped for them.
    std::uint64_t take_due() {
        std::uint64_t dropped = 0;
        while (!finished() && due() <= Clock::now()) {
            if (queue_.size() == options_.queue) {
                queue_.pop_front();
                ++dropped;
            }
            queue_.push_back(vitals_.next());
            ++taken_;
        }
        return dropped;
    }

    [[nodiscard]] bool finished() const { return (options_.count > 0 && taken_ >= options_.count) || due() >= end_; }
    [[nodiscard]] Clock::time_point due() const {
        return start_ + std::chrono::duration_cast<Clock::duration>(period_ * static_cast<double>(taken_));
    }

    std::deque<Reading> &queue() { return queue_; }

  private:
    const SimOptions &options_;
    VitalSigns vitals_;
    std::chrono::duration<double> period_;
    Clock::time_point start_ = Clock::now();
    Clock::time_point end_;
    std::deque<Reading> queue_;
    std::uint64_t taken_ = 0;
};

class Device {
  public:
    Device(const SimOptions &options, const Credentials &credentials)
        : options_(options),
          id_(client_id(options.common.connection, credentials.principal())),
          prefix_(options.topic_prefix.empty() ? "ward/" + credentials.principal() + "/vitals" : options.topic_prefix),
          commands_("commands/" + credentials.principal() + "/#"),
          sender_(credentials, options.common.state),
          receiver_(credentials, options.window),
          client_(options.common.connection, id_, stop_),
          readings_(
              options, credentials.principal(),
              options.seconds > 0 ? Clock::now() + std::chrono::seconds(options.seconds) : Clock::time_point::max()) {}

    // Whether every reading was acknowledged with success.
    bool run() {
        connect();
        try {
            stream();
        } catch (const Failure &) {
            summarise();
            throw;
        }
        client_.disconnect();
        return summarise();
    }

  private:
    void stream() {
        while (!stop_.requested() && !(readings_.finished() && settled())) {
            take_due();
            if (client_.connected()) {
                send();
                receive();
            } else {
                come_back();
            }
        }
    }

    void connect() {
        client_.connect(login_for(options_.common.connection, id_, &sender_));
        client_.subscribe({commands_}, options_.common.qos);
        backoff_.reset();
    }

    // Everything is acknowledged, or has waited long enough after the last reading.
    bool settled() {
        if (readings_.queue().empty() && waiting_.empty()) {
            return true;
        }
        if (settle_until_ == Clock::time_point::max()) {
            settle_until_ = Clock::now() + settling_limit;
        }
        return Clock::now() >= settle_until_;
    }

    void take_due() {
        const std::uint64_t dropped = readings_.take_due();
        if (dropped > 0 && dropped_meanwhile_ == 0) {
            (void)std::fprintf(stderr, "reseal-sim: the queue of %zu readings is full: the oldest are dropped\n",
                               options_.queue);
        }
        dropped_meanwhile_ += dropped;
        counts_.dropped += dropped;
    }

    void send() {
        std::deque<Reading> &queue = readings_.queue();
        while (!queue.empty() && waiting_.size() < in_flight_max && client_.connected()) {
            publish(queue.front());
            queue.pop_front();
        }
    }

    void publish(const Reading &reading) {
        std::array<std::uint8_t, Reading::size_max + RESEAL_OVERHEAD_MAX> memory;
        const std::string topic = prefix_ + "/" + std::string(reading.kind);
        waiting_.insert(
            client_.publish(topic, sender_.seal_into(memory, topic, reading.json()), options_.common.qos, false));
    }

    void receive() {
        work_until(Clock::now() + longest_wait);
        if (!client_.connected()) {
            (void)std::fprintf(stderr, "reseal-sim: connection lost: %s; %zu readings wait\n",
                               client_.why_lost().c_str(), waiting_.size() + readings_.queue().size());
        }
    }

    // Until something happened, the next reading is due or it is `latest`.
    void work_until(Clock::time_point latest) {
        const Clock::time_point wanted = readings_.finished() ? latest : std::min(latest, readings_.due());
        const auto left = std::chrono::ceil<milliseconds>(wanted - Clock::now());
        client_.work(std::clamp(left, milliseconds(0), milliseconds(longest_wait)));
        while (const auto event = client_.next_event()) {
            std::visit([this](const auto &what) { take(what); }, *event);
        }
    }

    void take(const Acknowledged &acknowledged) {
        waiting_.erase(acknowledged.id);
        if (acknowledged.success) {
            ++counts_.acknowledged;
            return;
        }
        ++counts_.refused;
        (void)std::fprintf(stderr, "reseal-sim: reading refused: %s\n", acknowledged.reason.c_str());
    }

    void take(const Received &received) {
        const Opened opened = receiver_.open(received.topic, received.payload);
        if (!opened) {
            ++counts_.commands_refused;
            (void)std::fprintf(stderr, "reseal-sim: command refused: %s: %s\n", received.topic.c_str(),
                               opened.why_refused());
            return;
        }
        ++counts_.commands;
        std::string line = "command " + received.topic;
        if (options_.verbose) {
            line.append(" ").append(opened.payload());
        }
        if (std::puts(line.c_str()) < 0 || std::fflush(stdout) != 0) {
            throw Failure("stdout: cannot be written");
        }
    }

    void come_back() {
        const auto again = Clock::now() + backoff_.next();
        while (Clock::now() < again && !stop_.requested()) {
            work_until(again);
            take_due();
        }
        if (stop_.requested()) {
            return;
        }
        try {
            connect();
            (void)std::fprintf(stderr, "reseal-sim: connected again; %llu readings were dropped meanwhile\n",
                               static_cast<unsigned long long>(std::exchange(dropped_meanwhile_, 0)));
        } catch (const ConnectionRefused &) {
            throw;
        } catch (const Failure &failure) {
            client_.disconnect();
            (void)std::fprintf(stderr, "reseal-sim: %s\n", failure.what());
        }
    }

    bool summarise() {
        const std::size_t left = waiting_.size() + readings_.queue().size();
        (void)std::fprintf(
            stderr,
            "reseal-sim: readings: %llu acknowledged, %llu refused, %llu dropped, %zu left; "
            "commands: %llu opened, %llu refused\n",
            static_cast<unsigned long long>(counts_.acknowledged), static_cast<unsigned long long>(counts_.refused),
            static_cast<unsigned long long>(counts_.dropped), left, static_cast<unsigned long long>(counts_.commands),
            static_cast<unsigned long long>(counts_.commands_refused));
        return counts_.refused == 0 && counts_.dropped == 0 && left == 0;
    }

    const SimOptions &options_;
    std::string id_;
    std::string prefix_;
    std::string commands_;
    Sender sender_;
    Receiver receiver_;
    StopSignal stop_;
    MqttClient client_;
    Readings readings_;
    Backoff backoff_;
    std::set<int> waiting_;
    Clock::time_point settle_until_ = Clock::time_point::max();
    std::uint64_t dropped_meanwhile_ = 0;  // since the queue had room
    Counts counts_;
};

int run(const std::vector<std::string> &arguments) {
    const SimOptions options = parse_sim_options(arguments);
    const Credentials credentials = Credentials::read(options.common.credentials);
    return Device(options, credentials).run() ? 0 : 1;
}

}  // namespace
}  // namespace reseal::tools

int main(int argc, char **argv) {
    return reseal::tools::tool_main("reseal-sim", argc, argv, reseal::tools::run);
}
