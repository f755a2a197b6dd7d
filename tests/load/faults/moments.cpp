// SPDX-License-Identifier: Apache-2.0
#include "load/faults/moments.h"

#include <random>
#include <stdexcept>

namespace faults {

namespace {

constexpr std::size_t window = 20;  // messages of each publisher in flight
constexpr int least_us = 20'000;    // between two events
constexpr int most_us = 150'000;

// Four publishers and four subscribers, half of each with either MQTT version; half of the subscribers have QoS 1, half
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

std::vector<Store> stores_of(Event event) {
    switch (event) {
        case Event::sigkill:
        case Event::sigterm:
            return {Store::none, Store::each_change};
        case Event::sighup:
        case Event::clock:
            return {Store::none};
        default:
            return {Store::each_change};
    }
}

void play_rounds(Trial& trial, Event event, std::size_t rounds, Random& random) {
    std::uniform_int_distribution<int> moment(least_us, most_us);
    for (std::size_t round = 0; round < rounds; ++round) {
        trial.work(std::chrono::microseconds(moment(random)), window);
        befall(trial, event, window, random);
        trial.reconnect();
    }
    trial.finish();
}

Outcome play(Hospital& hospital, const Row& row, Plugin plugin, std::size_t rounds, unsigned seed) {
    Random random(seed);
    Trial trial(hospital, with_means({.plugin = plugin, .store = row.store}, row.event), publishers_of(row),
                subscribers_of(row));
    Outcome out;
    try {
        play_rounds(trial, row.event, rounds, random);
    } catch (const std::runtime_error& error) {
        out.stopped = error.what();
    }
    out.figures = trial.tally().all();
    out.unopened = trial.unopened();
    out.broken_files = trial.broken_files();
    return out;
}

}  // namespace

std::vector<Row> all_rows() {
    std::vector<Row> out;
    for (const Event event : {Event::sigkill, Event::sigterm, Event::sighup, Event::clock, Event::clock_sigkill,
                              Event::disk, Event::disk_sigkill}) {
        for (const Store store : stores_of(event)) {
            for (const int qos : {1, 2}) {
                for (const bool lasting : {false, true}) {
                    out.push_back({.event = event, .store = store, .qos = qos, .lasting = lasting});
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
