// SPDX-License-Identifier: Apache-2.0
#include "bench/engine.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "bench/broker_process.h"
#include "bench/failure.h"
#include "tools/file_limit.h"

namespace bench {
namespace {

// Simultaneous connects: fewer than a listener's queue takes.
constexpr std::size_t connecting_at_once = 32;
constexpr std::size_t events_at_once = 256;

Pacer pacer_for(const Load& load, Clock::time_point start) {
    return load.rate > 0 ? Pacer::open_loop(load.rate, start) : Pacer::closed_loop(load.window);
}

double broker_cpu(const Options& options) {
    return options.broker_pid == 0 ? 0 : cpu_seconds_at_rest(options.broker_pid);
}

}  // namespace

Engine::Engine(const Options& options, Clients& clients)
    : options_(options), clients_(clients), poll_(epoll_create1(EPOLL_CLOEXEC)) {
    const std::size_t all = options.publishers + options.subscribers;
    value_of(reseal::tools::raise_file_limit(all, std::to_string(all) + " clients", "use fewer --subscribers"));
    watched_.reserve(all);
    for (std::size_t i = 0; i < clients.topics().size(); ++i) {
        publisher_of_.emplace(clients.topics()[i], i);
    }
}

void Engine::connect() {
    for (std::size_t from = 0; from < options_.subscribers; from += connecting_at_once) {
        for (std::size_t i = from; i < std::min(from + connecting_at_once, options_.subscribers); ++i) {
            subscribers_.push_back(clients_.subscriber(i, [this](const Delivery& delivery) { take(delivery); }));
            watch(*subscribers_.back());
        }
        wait_until_ready();
    }
    for (std::size_t from = 0; from < options_.publishers; from += connecting_at_once) {
        for (std::size_t i = from; i < std::min(from + connecting_at_once, options_.publishers); ++i) {
            publishers_.push_back(clients_.publisher(i));
            watch(*publishers_.back());
        }
        wait_until_ready();
    }
}

// Gives up when the broker has been silent for as long as the patience.
void Engine::wait_until_ready() {
    const auto pending = [](const Watched& one) { return !one.session->ready(); };
    last_event_ = Clock::now();
    for (auto next = watched_.begin(); (next = std::find_if(next, watched_.end(), pending)) != watched_.end();) {
        const auto until = last_event_ + std::chrono::seconds(options_.patience);
        if (Clock::now() > until) {
            throw Failure(next->session->name() + ": the broker does not answer on port " +
                          std::to_string(options_.port) + " of " + options_.host);
        }
        wait(until);
    }
}

void Engine::watch(Session& session) {
    epoll_event event{.events = EPOLLIN | EPOLLOUT, .data = {.u64 = watched_.size()}};
    if (epoll_ctl(poll_.get(), EPOLL_CTL_ADD, session.socket(), &event) != 0) {
        throw Failure(std::string("epoll: ") + std::strerror(errno));
    }
    watched_.push_back({&session, true});
}

void Engine::update(Watched& watched) const {
    if (watched.session->wants_write() == watched.write) {
        return;
    }
    watched.write = !watched.write;
    epoll_event event{.events = EPOLLIN | (watched.write ? EPOLLOUT : 0U),
                      .data = {.u64 = static_cast<std::uint64_t>(&watched - watched_.data())}};
    epoll_ctl(poll_.get(), EPOLL_CTL_MOD, watched.session->socket(), &event);
}

// It never sleeps while it measures. Waking a sleeper costs the sender, here the broker, more than the sending, and a
// slower broker's clients would sleep more often.
Phase Engine::run(const Supply& supply, const Load& load, std::uint64_t count) {
    Phase phase{.matcher = Matcher(options_.publishers, options_.subscribers, count)};
    matcher_ = &phase.matcher;
    const double broker_before = broker_cpu(options_);
    const double generator_before = cpu_seconds(getpid());
    const auto start = Clock::now();
    const Pacer pacer = pacer_for(load, start);
    last_event_ = start;
    for (bool silent = false; !settled(count) && !silent;) {
        send_due(supply, load.qos, count, pacer);
        silent = !wait(start) && Clock::now() >= give_up_at(count, pacer);
    }
    phase.seconds = std::chrono::duration<double>(last_event_ - start).count();
    phase.generator_cpu = cpu_seconds(getpid()) - generator_before;
    phase.broker_cpu = broker_cpu(options_) - broker_before;
    phase.acknowledged = acknowledged();
    matcher_ = nullptr;
    return phase;
}

// Message by message, each from its own publisher: if one may not send yet, the next ones wait behind it.
void Engine::send_due(const Supply& supply, int qos, std::uint64_t count, const Pacer& pacer) {
    const std::uint64_t before = matcher_->messages_sent();
    std::uint64_t due = std::min(pacer.due(Clock::now(), before, matcher_->settled()), count - before);
    for (; due > 0 && next_publisher().may_send(); --due) {
        const std::uint64_t number = matcher_->messages_sent();
        next_publisher().send(supply, number, qos);
        matcher_->sent(pacer.sending_time(number, Clock::now()));
    }
    const std::uint64_t touched = std::min<std::uint64_t>(matcher_->messages_sent() - before, publishers_.size());
    for (std::uint64_t i = 0; i < touched; ++i) {
        const std::size_t publisher = (before + i) % publishers_.size();
        publishers_[publisher]->flush();
        update(watched_[subscribers_.size() + publisher]);
    }
}

bool Engine::wait(Clock::time_point until) {
    const auto left = std::max(until - Clock::now(), Clock::duration(0));
    const auto seconds = std::chrono::floor<std::chrono::seconds>(left);
    const timespec limit{.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
    std::array<epoll_event, events_at_once> events;
    const int count = epoll_pwait2(poll_.get(), events.data(), static_cast<int>(events.size()), &limit, nullptr);
    if (count < 0 && errno != EINTR) {
        throw Failure(std::string("epoll: ") + std::strerror(errno));
    }
    for (int i = 0; i < count; ++i) {
        Watched& watched = watched_[events[static_cast<std::size_t>(i)].data.u64];
        watched.session->serve();
        update(watched);
    }
    if (count > 0) {
        last_event_ = Clock::now();
    }
    return count > 0;
}

void Engine::take(const Delivery& delivery) {
    if (matcher_ == nullptr) {
        return;  // a retained message, from before
    }
    if (!options_.seal) {
        return matcher_->received(delivery.subscriber, number_in(delivery.payload), delivery.when);
    }
    const auto found = publisher_of_.find(delivery.topic);
    if (found != publisher_of_.end()) {
        matcher_->received_next(delivery.subscriber, found->second, delivery.when);
    }
}

Publisher& Engine::next_publisher() const {
    return *publishers_[matcher_->messages_sent() % publishers_.size()];
}

bool Engine::settled(std::uint64_t count) const {
    return matcher_->messages_sent() == count && matcher_->all_received() && acknowledged();
}

bool Engine::acknowledged() const {
    return std::ranges::all_of(publishers_, [](const auto& one) { return one->unacknowledged() == 0; });
}

Clock::time_point Engine::give_up_at(std::uint64_t count, const Pacer& pacer) const {
    auto from = last_event_;
    const auto next = pacer.next(matcher_->messages_sent());
    if (matcher_->messages_sent() < count && next != Clock::time_point::max() && next_publisher().may_send()) {
        from = std::max(from, next);
    }
    return from + std::chrono::seconds(options_.patience);
}

}  // namespace bench
