#include "load/faults/moments.h"

#include <random>

namespace faults {

namespace {

constexpr std::size_t window = 20;  // messages of each publisher that are under way
constexpr int least_us = 20'000;    // between two events
constexpr int most_us = 150'000;

// Four publishers and four subscribers, evenly of both versions of MQTT; half of the subscribers have QoS 1, half
// QoS 2.
std::vector<Manner> publishers_of(const Row& row) {
    std::vector<Manner> out;
    for (const int version : {mqtt::v311, mqtt::v5, mqtt::v311, mqtt::v5}) {
        out.push_back({.version = version, .qos = row.qos, .lasting = row.lasting});
    }
    return out;
}

std::vector<Manner> subscribers_of(const Row& row) {
    std::vector<Manner> out;
    for (const int qos : {1, 2}) {
        for (const int version : {mqtt::v311, mqtt::v5}) {
            out.push_back({.version = version, .qos = qos, .lasting = row.lasting});
        }
    }
    return out;
}

Outcome play(Hospital& hospital, const Row& row, Plugin plugin, std::size_t rounds, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_int_distribution<int> moment(least_us, most_us);
    Trial trial(hospital, {.plugin = plugin, .store = row.store}, publishers_of(row), subscribers_of(row));
    for (std::size_t round = 0; round < rounds; ++round) {
        trial.work(std::chrono::microseconds(moment(random)), window);
        trial.befall(row.befalls);
        trial.reconnect();
    }
    trial.finish();
    return {.figures = trial.tally().all(), .unopened = trial.unopened()};
}

}  // namespace

std::vector<Row> all_rows() {
    std::vector<Row> out;
    for (const auto& [name, event] : {std::pair{"kill -9", Event::sigkill}, std::pair{"SIGTERM", Event::sigterm}}) {
        for (const Store store : {Store::none, Store::each_change}) {
            for (const int qos : {1, 2}) {
                for (const bool lasting : {false, true}) {
                    out.push_back({.event = name, .befalls = event, .store = store, .qos = qos, .lasting = lasting});
                }
            }
        }
    }
    return out;
}

Storm at_random_moments(Hospital& hospital, const Row& row, std::size_t rounds, unsigned seed) {
    return {.row = row,
            .rounds = rounds,
            .without = play(hospital, row, Plugin::without, rounds, seed),
            .with = play(hospital, row, Plugin::with, rounds, seed)};
}

}  // namespace faults
