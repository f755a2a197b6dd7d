#include "tools/sim/device.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace reseal::tools::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds answer_limit(20);
constexpr seconds settling_limit(15);
constexpr seconds last_settling_limit(2);
constexpr seconds alive_period(1);

// Far fewer than a replay window holds: after a reconnect they are sent again, after a fresh sealed CONNECT. As many as
// libmosquitto allows in flight, so that nothing waits inside it.
constexpr std::size_t in_flight_max = 20;

ConnectionOptions connection_of(const SimOptions& options, const DeviceFiles& files) {
    ConnectionOptions connection = options.common.connection;
    connection.cert = files.cert;
    connection.key = files.key;
    return connection;
}

}  // namespace

Device::Device(const Surroundings& surroundings, const DeviceFiles& files, std::size_t number)
    : Device(surroundings, files, number, Credentials::read(files.credentials)) {}

Device::Device(const Surroundings& surroundings, const DeviceFiles& files, std::size_t number,
               const Credentials& credentials)
    : around_(surroundings),
      number_(number),
      principal_(credentials.principal()),
      connection_(connection_of(surroundings.options, files)),
      id_(client_id(connection_, principal_)),
      prefix_(topic_for(surroundings.options.topic_prefix, principal_)),
      sender_(credentials, files.state),
      receiver_(credentials, surroundings.options.window),
      client_(connection_, id_, surroundings.stop),
      readings_(surroundings.options, surroundings.control, principal_, surroundings.options.seed + number),
      random_(static_cast<std::uint_fast32_t>(surroundings.options.seed + number + 1)) {}

double Device::random() {
    return static_cast<double>(random_() - std::minstd_rand::min()) /
           static_cast<double>(std::minstd_rand::max() - std::minstd_rand::min());
}

// In a fleet, a notice names its device.
void Device::notice(const std::string& text) const {
    around_.console.notice((around_.report.devices > 1 ? principal_ + ": " : "") + text);
}

bool Device::wanted() const {
    return number_ < around_.control.active && !around_.control.outage;
}

Clock::time_point Device::work(Clock::time_point now) {
    if (state_ == State::given_up) {
        return Clock::time_point::max();
    }
    try {
        take_due(now);
        hear_answers(now);
        carry_on(now);
        take_events(now);
        while (send(now)) {
            take_events(now);  // at QoS 0 a written message makes room at once
        }
    } catch (const Failure& failure) {
        give_up(failure.what());
    }
    return next_call(now);
}

// The state transitions of the connection that the clock drives.
void Device::carry_on(Clock::time_point now) {
    if (socket() >= 0 && now >= kept_alive_ + alive_period) {
        kept_alive_ = now;
        client_.keep_alive();
    }
    const bool due = now >= until_;
    if (state_ == State::waiting && due && wanted()) {
        until_ = around_.pace.reserve(now);
        state_ = State::queueing;
    }
    if (state_ == State::queueing && now >= until_) {
        connect(now);
    } else if ((state_ == State::connecting || state_ == State::subscribing) && due) {
        fail("no answer from the broker within 20 s", now);
    } else if (state_ == State::online && !client_.connected()) {
        lose_connection(now);
    } else if (state_ == State::online && number_ >= around_.control.active && left() == 0) {
        say_goodbye();
        state_ = State::waiting;
        until_ = now;
    }
}

void Device::connect(Clock::time_point now) {
    if (!wanted()) {
        state_ = State::waiting;
        return;
    }
    ++attempts_;
    const auto login = login_for(connection_, id_, &sender_);
    try {
        client_.begin_connect(login);
        state_ = State::connecting;
        until_ = now + answer_limit;
        kept_alive_ = now;
    } catch (const Failure& failure) {
        fail(failure.what(), now);
    }
}

void Device::hear_answers(Clock::time_point now) {
    if (state_ != State::connecting && state_ != State::subscribing) {
        return;
    }
    const auto answer = state_ == State::connecting ? client_.answer() : client_.grant();
    if (answer && !answer->success) {
        if (answer->final) {
            give_up(answer->problem);
        } else {
            fail(answer->problem, now);
        }
    } else if (answer && state_ == State::subscribing) {
        come_online(now);  // even if the connection has ended since: the broker was reached
    } else if (!client_.connected()) {
        fail("cannot connect to " + connection_.host + ":" + std::to_string(connection_.port) + ": " +
                 client_.why_lost(),
             now);
    } else if (answer) {
        client_.begin_subscribe({"commands/" + principal_ + "/#"}, around_.options.common.qos);
        state_ = State::subscribing;
    }
}

void Device::come_online(Clock::time_point now) {
    state_ = State::online;
    backoff_.reset();
    ++around_.report.counts.connects;
    readings_.start(now);
    if (std::exchange(was_online_, true)) {
        notice("connected again; " + std::to_string(dropped_) + " readings were dropped meanwhile");
    }
    dropped_ = 0;
}

// If no device ever reached the broker, the command line is probably wrong.
void Device::fail(const std::string& problem, Clock::time_point now) {
    client_.break_connection();
    if (around_.report.counts.connects == 0) {
        throw Failure(problem);
    }
    notice(problem);
    wait_to_connect(now);
}

// Not all at the same moment.
void Device::wait_to_connect(Clock::time_point now) {
    const auto wait = std::chrono::duration<double>(backoff_.next()) * (0.5 + random() / 2);
    until_ = now + std::chrono::duration_cast<Clock::duration>(wait);
    state_ = State::waiting;
}

void Device::give_up(const std::string& problem) {
    problem_ = problem;
    state_ = State::given_up;
    client_.break_connection();
    ++around_.report.given_up;
    if (around_.report.devices > 1) {
        notice("given up: " + problem);
    }
}

// At QoS 0 nothing tells whether the bytes being written have arrived.
void Device::lose_connection(Clock::time_point now) {
    if (around_.options.common.qos == 0) {
        around_.report.counts.dropped += in_flight_.size();
        in_flight_.clear();
    }
    notice("connection lost: " + client_.why_lost() + "; " + std::to_string(left()) + " readings wait");
    wait_to_connect(now);
}

void Device::control_changed(Clock::time_point now) {
    const bool streams = around_.control.streams() && number_ < around_.control.active;
    const auto period = std::chrono::duration<double>(1 / around_.control.rate);
    if (streams && !streaming_ && readings_.started()) {
        readings_.resume(now + std::chrono::duration_cast<Clock::duration>(period * random()));
    }
    streaming_ = streams;
    readings_.hasten(now);
    if (around_.control.outage) {
        client_.break_connection();
    }
}

void Device::take_due(Clock::time_point now) {
    const std::uint64_t dropped = streaming_ ? readings_.take_due(now) : 0;
    if (dropped > 0 && dropped_ == 0) {
        notice("the queue of " + std::to_string(around_.options.queue) + " readings is full: the oldest are dropped");
    }
    dropped_ += dropped;
    around_.report.counts.dropped += dropped;
}

// Whether anything was sent.
bool Device::send(Clock::time_point now) {
    std::deque<Reading>& queue = readings_.queue();
    const std::size_t before = queue.size();
    while (state_ == State::online && !queue.empty() && in_flight_.size() < in_flight_max && client_.connected()) {
        publish(queue.front(), now);
        queue.pop_front();
    }
    return queue.size() < before;
}

void Device::publish(const Reading& reading, Clock::time_point now) {
    std::array<std::uint8_t, Reading::size_max + RESEAL_OVERHEAD_MAX> memory;
    const std::string topic = prefix_ + "/" + std::string(reading.kind);
    const auto sealed = sender_.seal_into(memory, topic, reading.json());
    in_flight_.push_back({client_.publish(topic, sealed, around_.options.common.qos, false), now});
    ++around_.report.counts.sent;
}

void Device::take_events(Clock::time_point now) {
    while (const auto event = client_.next_event()) {
        std::visit([this, now](const auto& what) { take(what, now); }, *event);
    }
}

void Device::take(const Acknowledged& acknowledged, Clock::time_point now) {
    const auto found = std::find_if(in_flight_.begin(), in_flight_.end(),
                                    [&](const InFlight& message) { return message.id == acknowledged.id; });
    if (found == in_flight_.end()) {
        return;
    }
    if (around_.options.common.qos > 0) {
        around_.report.round_trips.add(now - found->since);
    }
    in_flight_.erase(found);
    if (acknowledged.success) {
        ++around_.report.counts.acknowledged;
        return;
    }
    ++around_.report.counts.refused;
    notice("reading refused: " + acknowledged.reason);
}

void Device::take(const Received& received, Clock::time_point /*now*/) {
    const Opened opened = receiver_.open(received.topic, received.payload);
    if (!opened) {
        ++around_.report.counts.commands_refused;
        notice("command refused: " + received.topic + ": " + opened.why_refused());
        return;
    }
    ++around_.report.counts.commands;
    std::string line = "command " + received.topic;
    if (around_.options.verbose) {
        line.append(" ").append(opened.payload());
    }
    if (std::puts(line.c_str()) < 0 || std::fflush(stdout) != 0) {
        throw Failure("stdout: cannot be written");
    }
}

// A device that is switched off has nothing to do. One that never connected has not begun.
bool Device::finished(Clock::time_point now) {
    if (state_ == State::given_up || number_ >= around_.control.active) {
        return true;
    }
    if (!readings_.finished()) {
        return false;
    }
    if (left() == 0) {
        return true;
    }
    const seconds limit = around_.control.ending ? last_settling_limit : settling_limit;
    settle_until_ = std::min(settle_until_, now + limit);
    return now >= settle_until_;
}

void Device::say_goodbye() {
    if (client_.socket() >= 0) {
        client_.begin_disconnect();
    }
}

Clock::time_point Device::next_call(Clock::time_point now) const {
    if (state_ == State::given_up) {
        return Clock::time_point::max();
    }
    auto next = now + alive_period;
    if (state_ != State::online && (state_ != State::waiting || wanted())) {
        next = std::min(next, std::max(until_, now));
    }
    if (streaming_ && readings_.started() && !readings_.finished()) {
        next = std::min(next, std::max(readings_.due(), now));
    }
    return next;
}

}  // namespace reseal::tools::sim
