// SPDX-License-Identifier: Apache-2.0
// One simulated device: its key, its epoch, its session, its readings. It never waits; the fleet calls it.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tools/backoff.h"
#include "tools/credentials.h"
#include "tools/mqtt_client.h"
#include "tools/receiver.h"
#include "tools/sender.h"
#include "tools/sim/console.h"
#include "tools/sim/control.h"
#include "tools/sim/device_files.h"
#include "tools/sim/readings.h"
#include "tools/sim/report.h"

namespace reseal::tools::sim {

// What all devices of a fleet share. All of it must outlive them.
struct Surroundings {
    const SimOptions& options;
    const Control& control;
    const StopSignal& stop;
    Pace& pace;
    Console& console;
    Report& report;
};

class Device {
  public:
    // Holds the epoch file from here on. `number`: from 0; the first ones of a fleet are switched on.
    static Checked<std::unique_ptr<Device>> make(const Surroundings& surroundings, const DeviceFiles& files,
                                                 std::size_t number);

    // Does what is due and returns the latest time for the next call.
    Clock::time_point work(Clock::time_point now);

    // Call when the socket is ready, and then work.
    void serve() { client_->serve(); }

    // -1 if there is none. `attempts` distinguishes connections whose sockets have the same number.
    [[nodiscard]] int socket() const { return client_->socket(); }
    [[nodiscard]] bool wants_write() const { return client_->wants_write(); }
    [[nodiscard]] std::uint64_t attempts() const { return attempts_; }

    // Call, and then work, after anything in Control has changed.
    void control_changed(Clock::time_point now);

    [[nodiscard]] bool online() const { return state_ == State::online; }
    [[nodiscard]] bool given_up() const { return state_ == State::given_up; }
    [[nodiscard]] const std::string& problem() const { return problem_; }

    // Nothing is left to do: everything is acknowledged or was waited for long enough.
    [[nodiscard]] bool finished(Clock::time_point now);

    // Readings that are queued or not acknowledged.
    [[nodiscard]] std::size_t left() const { return readings_.queue().size() + in_flight_.size(); }

    void say_goodbye();

  private:
    enum class State { waiting, queueing, connecting, subscribing, online, given_up };

    struct InFlight {
        int id;
        Clock::time_point since;
    };

    // Who it is, and what it speaks with.
    struct Identity {
        std::string principal;
        ConnectionOptions connection;
        std::string id;
        std::unique_ptr<Sender> sender;
        std::unique_ptr<Receiver> receiver;
    };
    static Checked<Identity> identify(const SimOptions& options, const DeviceFiles& files);

    Device(const Surroundings& surroundings, std::size_t number, Identity identity, std::unique_ptr<MqttClient> client);

    // What ends a step with a fault is the end of the device.
    Checked<Done> step(Clock::time_point now);
    [[nodiscard]] bool wanted() const;
    Checked<Done> carry_on(Clock::time_point now);
    void keep_alive(Clock::time_point now);
    Checked<Done> connect(Clock::time_point now);
    Checked<Done> hear_answers(Clock::time_point now);
    Checked<Done> hear_refusal(const MqttAnswer& answer, Clock::time_point now);
    void come_online(Clock::time_point now);
    Checked<Done> fail(const std::string& problem, Clock::time_point now);
    void wait_to_connect(Clock::time_point now);
    void give_up(const std::string& problem);
    void lose_connection(Clock::time_point now);
    void take_due(Clock::time_point now);
    Checked<Done> send_all(Clock::time_point now);
    Checked<bool> send(Clock::time_point now);
    Checked<Done> publish(const Reading& reading, Clock::time_point now);
    Checked<Done> take_events(Clock::time_point now);
    Checked<Done> take(const Acknowledged& acknowledged, Clock::time_point now);
    Checked<Done> take(const Received& received, Clock::time_point now);
    [[nodiscard]] Clock::time_point next_call(Clock::time_point now) const;
    void notice(const std::string& text) const;
    double random();

    const Surroundings around_;
    std::size_t number_;
    std::string principal_;
    ConnectionOptions connection_;
    std::string id_;
    std::string prefix_;
    std::unique_ptr<Sender> sender_;
    std::unique_ptr<Receiver> receiver_;
    std::unique_ptr<MqttClient> client_;
    Readings readings_;
    std::minstd_rand random_;
    Backoff backoff_;
    State state_ = State::waiting;
    Clock::time_point until_{};  // of a state that ends at a set time
    Clock::time_point kept_alive_{};
    Clock::time_point settle_until_ = Clock::time_point::max();
    std::vector<InFlight> in_flight_;
    std::uint64_t attempts_ = 0;
    std::uint64_t dropped_ = 0;  // since the queue had room
    bool was_online_ = false;
    bool streaming_ = true;
    std::string problem_;
};

}  // namespace reseal::tools::sim
