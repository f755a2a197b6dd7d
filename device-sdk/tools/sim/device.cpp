// SPDX-License-Identifier: Apache-2.0
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

Checked<Device::Identity> Device::identify(const SimOptions& options, const DeviceFiles& files) {
    const auto credentials = Credentials::read(files.credentials);
    if (!credentials) {
        return credentials.error();
    }
    Identity out{credentials->principal(), connection_of(options, files), {}, {}, {}};
    const auto id = client_id(out.connection, out.principal);
    if (!id) {
        return id.error();
    }
    auto sender = Sender::make(*credentials, files.state);
    if (!sender) {
        return sender.error();
    }
    auto receiver = Receiver::make(*credentials, options.window);
    if (!receiver) {
        return receiver.error();
    }
    out.id = *id;
    out.sender = std::move(*sender);
    out.receiver = std::move(*receiver);
    return out;
}

Checked<std::unique_ptr<Device>> Device::make(const Surroundings& surroundings, const DeviceFiles& files,
                                              std::size_t number) {
    auto identity = identify(surroundings.options, files);
    if (!identity) {
        return identity.error();
    }
    auto client = MqttClient::make(identity->connection, identity->id, surroundings.stop);
    if (!client) {
        return client.error();
    }
    return std::unique_ptr<Device>(new Device(surroundings, number, std::move(*identity), std::move(*client)));
}

Device::Device(const Surroundings& surroundings, std::size_t number, Identity identity,
               std::unique_ptr<MqttClient> client)
    : around_(surroundings),
      number_(number),
      principal_(std::move(identity.principal)),
      connection_(std::move(identity.connection)),
      id_(std::move(identity.id)),
      prefix_(topic_for(surroundings.options.topic_prefix, principal_)),
      sender_(std::move(identity.sender)),
      receiver_(std::move(identity.receiver)),
      client_(std::move(client)),
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
    if (const auto done = step(now); !done) {
        give_up(done.error().text());
    }
    return next_call(now);
}

Checked<Done> Device::step(Clock::time_point now) {
    take_due(now);
    if (auto heard = hear_answers(now); !heard) {
        return heard;
    }
    if (auto carried = carry_on(now); !carried) {
        return carried;
    }
    if (auto taken = take_events(now); !taken) {
        return taken;
    }
    return send_all(now);
}

// The state transitions of the connection that the clock drives.
Checked<Done> Device::carry_on(Clock::time_point now) {
    keep_alive(now);
    const bool due = now >= until_;
    if (state_ == State::waiting && due && wanted()) {
        until_ = around_.pace.reserve(now);
        state_ = State::queueing;
    }
    if (state_ == State::queueing && now >= until_) {
        return connect(now);
    }
    if ((state_ == State::connecting || state_ == State::subscribing) && due) {
        return fail("no answer from the broker within 20 s", now);
    }
    if (state_ == State::online && !client_->connected()) {
        lose_connection(now);
    } else if (state_ == State::online && number_ >= around_.control.active && left() == 0) {
        say_goodbye();
        state_ = State::waiting;
        until_ = now;
    }
    return Done{};
}

void Device::keep_alive(Clock::time_point now) {
    if (socket() >= 0 && now >= kept_alive_ + alive_period) {
        kept_alive_ = now;
        client_->keep_alive();
    }
}

Checked<Done> Device::connect(Clock::time_point now) {
    if (!wanted()) {
        state_ = State::waiting;
        return Done{};
    }
    ++attempts_;
    const auto login = login_for(connection_, id_, sender_.get());
    if (!login) {
        return login.error();
    }
    if (const auto begun = client_->begin_connect(*login); !begun) {
        return fail(begun.error().text(), now);
    }
    state_ = State::connecting;
    until_ = now + answer_limit;
    kept_alive_ = now;
    return Done{};
}

Checked<Done> Device::hear_answers(Clock::time_point now) {
    if (state_ != State::connecting && state_ != State::subscribing) {
        return Done{};
    }
    const auto answer = state_ == State::connecting ? client_->answer() : client_->grant();
    if (answer && !answer->success) {
        return hear_refusal(*answer, now);
    }
    if (answer && state_ == State::subscribing) {
        come_online(now);  // even if the connection has ended since: the broker was reached
        return Done{};
    }
    if (!client_->connected()) {
        return fail("cannot connect to " + connection_.host + ":" + std::to_string(connection_.port) + ": " +
                        client_->why_lost(),
                    now);
    }
    if (!answer) {
        return Done{};
    }
    auto begun = client_->begin_subscribe({"commands/" + principal_ + "/#"}, around_.options.common.qos);
    if (begun) {
        state_ = State::subscribing;
    }
    return begun;
}

Checked<Done> Device::hear_refusal(const MqttAnswer& answer, Clock::time_point now) {
    if (!answer.final) {
        return fail(answer.problem, now);
    }
    give_up(answer.problem);
    return Done{};
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
Checked<Done> Device::fail(const std::string& problem, Clock::time_point now) {
    client_->break_connection();
    if (around_.report.counts.connects == 0) {
        return Fault{.problem = problem};
    }
    notice(problem);
    wait_to_connect(now);
    return Done{};
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
    client_->break_connection();
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
    notice("connection lost: " + client_->why_lost() + "; " + std::to_string(left()) + " readings are waiting");
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
        client_->break_connection();
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

Checked<Done> Device::send_all(Clock::time_point now) {
    while (true) {
        const auto sent = send(now);
        if (!sent) {
            return sent.error();
        }
        if (!*sent) {
            return Done{};
        }
        // At QoS 0 a written message makes room at once.
        if (auto taken = take_events(now); !taken) {
            return taken;
        }
    }
}

// Whether anything was sent.
Checked<bool> Device::send(Clock::time_point now) {
    std::deque<Reading>& queue = readings_.queue();
    const std::size_t before = queue.size();
    while (state_ == State::online && !queue.empty() && in_flight_.size() < in_flight_max && client_->connected()) {
        if (const auto published = publish(queue.front(), now); !published) {
            return published.error();
        }
        queue.pop_front();
    }
    return queue.size() < before;
}

Checked<Done> Device::publish(const Reading& reading, Clock::time_point now) {
    std::array<std::uint8_t, Reading::size_max + RESEAL_OVERHEAD_MAX> memory;
    const std::string topic = prefix_ + "/" + std::string(reading.kind);
    const auto sealed = sender_->seal_into(memory, topic, reading.json());
    if (!sealed) {
        return sealed.error();
    }
    const auto id = client_->publish(topic, *sealed, around_.options.common.qos, false);
    if (!id) {
        return id.error();
    }
    in_flight_.push_back({*id, now});
    ++around_.report.counts.sent;
    return Done{};
}

Checked<Done> Device::take_events(Clock::time_point now) {
    while (const auto event = client_->next_event()) {
        if (auto taken = std::visit([this, now](const auto& what) { return take(what, now); }, *event); !taken) {
            return taken;
        }
    }
    return Done{};
}

Checked<Done> Device::take(const Acknowledged& acknowledged, Clock::time_point now) {
    const auto found = std::find_if(in_flight_.begin(), in_flight_.end(),
                                    [&](const InFlight& message) { return message.id == acknowledged.id; });
    if (found == in_flight_.end()) {
        return Done{};
    }
    if (around_.options.common.qos > 0) {
        around_.report.round_trips.add(now - found->since);
    }
    in_flight_.erase(found);
    if (acknowledged.success) {
        ++around_.report.counts.acknowledged;
        return Done{};
    }
    ++around_.report.counts.refused;
    notice("reading refused: " + acknowledged.reason);
    return Done{};
}

Checked<Done> Device::take(const Received& received, Clock::time_point /*now*/) {
    const Opened opened = receiver_->open(received.topic, received.payload);
    if (!opened) {
        ++around_.report.counts.commands_refused;
        notice("command refused: " + received.topic + ": " + opened.why_refused());
        return Done{};
    }
    ++around_.report.counts.commands;
    std::string line = "command " + received.topic;
    if (around_.options.verbose) {
        line.append(" ").append(opened.payload());
    }
    if (std::puts(line.c_str()) < 0 || std::fflush(stdout) != 0) {
        return Fault{"stdout", "cannot be written"};
    }
    return Done{};
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
    if (client_->socket() >= 0) {
        client_->begin_disconnect();
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
