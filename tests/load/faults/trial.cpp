// SPDX-License-Identifier: Apache-2.0
#include "load/faults/trial.h"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <stdexcept>

namespace faults {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds idle{1};
constexpr int quiet_rounds = 3;

}  // namespace

Trial::Trial(Hospital& hospital, const Terms& terms, const std::vector<Manner>& publishers,
             const std::vector<Manner>& subscribers)
    : side_(hospital, terms), tally_(publishers.size(), subscribers.size()) {
    for (std::size_t i = 0; i < subscribers.size(); ++i) {
        subscribers_.push_back(std::make_unique<Subscriber>(side_, tally_, i, subscribers[i]));
    }
    for (std::size_t i = 0; i < publishers.size(); ++i) {
        publishers_.push_back(std::make_unique<Publisher>(side_, tally_, i, publishers[i]));
    }
}

std::size_t Trial::unopened() const {
    return std::accumulate(subscribers_.begin(), subscribers_.end(), std::size_t{0},
                           [](std::size_t sum, const auto& each) { return sum + each->unopened(); });
}

// Whether anything came.
bool Trial::take_all() {
    bool any = false;
    for (const auto& publisher : publishers_) {
        any = publisher->work() || any;
    }
    for (const auto& subscriber : subscribers_) {
        any = subscriber->work() || any;
    }
    return any;
}

void Trial::work(std::chrono::microseconds time, std::size_t window) {
    for (const auto end = Clock::now() + time; Clock::now() < end;) {
        for (const auto& publisher : publishers_) {
            publisher->fill(window);
        }
        if (!take_all()) {
            (void)publishers_.front()->work(idle);
        }
    }
}

// An answer to PINGREQ shows that a round of the broker's loop has ended. The plugin's work at the end of a round, and
// what Mosquitto 2.0 delivers in the next, is done after a few more.
void Trial::settle() {
    for (int quiet = 0; quiet < quiet_rounds; ++quiet) {
        for (const auto& subscriber : subscribers_) {
            const std::size_t before = subscriber->received();
            if (!subscriber->ping()) {
                throw std::runtime_error("a subscriber lost its connection:\n" + side_.last_words());
            }
            quiet = subscriber->received() == before ? quiet : -1;
        }
    }
}

// While the broker is stopped, every client stops sending and reads what the broker has written. If a process ends with
// unread input, the kernel drops what it wrote that its peer has not acknowledged. That must not count as the broker's
// loss.
void Trial::read_on() {
    for (const auto& publisher : publishers_) {
        publisher->fall_silent();
    }
    for (const auto& subscriber : subscribers_) {
        subscriber->fall_silent();
    }
    side_.broker().pause();
    for (int quiet = 0; quiet < quiet_rounds; ++quiet) {
        quiet = take_all() ? -1 : quiet;
        (void)publishers_.front()->work(idle);
    }
}

// What it writes while ending must find room at the clients, or the kernel drops it.
void Trial::read_until_gone() {
    const auto gone = [this] {
        return std::ranges::none_of(publishers_, [](const auto& each) { return each->connected(); }) &&
               std::ranges::none_of(subscribers_, [](const auto& each) { return each->connected(); });
    };
    for (const auto end = Clock::now() + std::chrono::seconds(10); !gone() && Clock::now() < end;) {
        if (!take_all()) {
            (void)publishers_.front()->work(idle);
        }
    }
}

void Trial::end(End how) {
    read_on();
    if (how == End::sigterm) {
        side_.broker().ask_to_stop();
        read_until_gone();
        side_.broker().stop();
    } else {
        side_.broker().kill();
    }
    for (const auto& publisher : publishers_) {
        publisher->read_to_end();
    }
    for (const auto& subscriber : subscribers_) {
        subscriber->read_to_end();
    }
}

void Trial::reconnect() {
    for (const auto& subscriber : subscribers_) {
        if (!subscriber->connected()) {
            subscriber->connect();
        }
    }
    for (const auto& publisher : publishers_) {
        if (!publisher->connected()) {
            publisher->connect();
        }
    }
}

void Trial::finish() {
    const auto done = [this] {
        return std::ranges::all_of(publishers_, [](const auto& each) { return each->idle(); });
    };
    for (const auto end = Clock::now() + std::chrono::seconds(10); !done() && Clock::now() < end;) {
        reconnect();
        if (!take_all()) {
            (void)publishers_.front()->work(idle);
        }
    }
    settle();
}

}  // namespace faults
