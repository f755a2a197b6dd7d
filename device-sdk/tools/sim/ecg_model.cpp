// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/ecg_model.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace reseal::tools::sim {
namespace {

using State = std::array<double, 3>;  // x, y, z

constexpr double pi = std::numbers::pi;
constexpr double time_step = 1.0 / EcgModel::samples_per_second;
constexpr double highest = 1.2;          // millivolt
constexpr double lowest = -0.4;          // millivolt
constexpr double lead_in_seconds = 5;    // the model converges within one
constexpr double sway_millivolt = 0.15;  // A of the paper: the base line follows the breath

// Table I of the paper: where on the circle, how strong, how wide.
struct Event {
    double theta;
    double a;
    double b;
};
constexpr std::array<Event, 5> waves = {
    {{-pi / 3, 1.2, 0.25}, {-pi / 12, -5.0, 0.1}, {0, 30.0, 0.1}, {pi / 12, -7.5, 0.1}, {pi / 2, 0.75, 0.4}}};

struct Motion {
    double omega;  // angular velocity
    double sway;   // amplitude of the base line in the model's unit
};

State derivative(const State& at, double elapsed, const Motion& motion) {
    const auto& [x, y, z] = at;
    const double pull = 1 - std::hypot(x, y);  // onto the circle
    const double theta = std::atan2(y, x);
    double slope = motion.sway * std::sin(2 * pi * breathing_hertz * elapsed) - z;
    for (const Event& event : waves) {
        const double distance = std::remainder(theta - event.theta, 2 * pi);
        slope -= event.a * distance * std::exp(-distance * distance / (2 * event.b * event.b));
    }
    return {pull * x - motion.omega * y, pull * y + motion.omega * x, slope};
}

State along(const State& from, const State& slope, double elapsed) {
    return {from[0] + elapsed * slope[0], from[1] + elapsed * slope[1], from[2] + elapsed * slope[2]};
}

// One step of the classic fourth-order Runge-Kutta method.
State runge_kutta(const State& from, double elapsed, const Motion& motion) {
    const State first = derivative(from, elapsed, motion);
    const State second = derivative(along(from, first, time_step / 2), elapsed + time_step / 2, motion);
    const State third = derivative(along(from, second, time_step / 2), elapsed + time_step / 2, motion);
    const State fourth = derivative(along(from, third, time_step), elapsed + time_step, motion);
    State to = from;
    for (std::size_t i = 0; i < to.size(); ++i) {
        to[i] += time_step / 6 * (first[i] + 2 * second[i] + 2 * third[i] + fourth[i]);
    }
    return to;
}

constexpr State at_r_peak = {1, 0, 0};

}  // namespace

EcgModel::EcgModel(const HeartRate& rate, std::uint64_t seed)
    : rate_(rate),
      tachogram_(rate.lf_hf_ratio, seed),
      beat_seconds_(tools::sim::beat_seconds(rate, tachogram_.at(0))),
      state_(calibrate()) {}

// The model's unit depends on its speed. As in the authors' own program, the range of the signal sets the scale: it is
// measured over one beat at the mean rate, after some lead-in beats. Returns where on the cycle the last beat ends.
EcgModel::State EcgModel::calibrate() {
    const Motion steady = {2 * pi * rate_.mean / 60, 0};
    const double beat = 60 / rate_.mean * samples_per_second;
    const int measured_from = static_cast<int>(beat * std::ceil(lead_in_seconds * rate_.mean / 60));
    const int end = static_cast<int>(measured_from + beat);
    State state = at_r_peak;
    double low = 0;
    double high = 0;
    for (int i = 0; i < end; ++i) {
        state = runge_kutta(state, 0, steady);
        low = i == measured_from ? state[2] : std::min(low, state[2]);
        high = i == measured_from ? state[2] : std::max(high, state[2]);
    }
    millivolt_ = (highest - lowest) / (high - low);
    zero_ = lowest - low * millivolt_;
    return state;
}

double EcgModel::next() {
    const bool before_peak = state_[1] < 0;
    state_ = runge_kutta(state_, seconds_, {2 * pi / beat_seconds_, sway_millivolt / millivolt_});
    seconds_ += time_step;
    if (before_peak && state_[1] >= 0) {
        beat_seconds_ = tools::sim::beat_seconds(rate_, tachogram_.at(seconds_));
    }
    return zero_ + state_[2] * millivolt_;
}

void EcgModel::set_mean_rate(double beats_a_minute) {
    rate_.mean = beats_a_minute;
    calibrate();
}

double EcgModel::phase() const {
    const double turns = std::atan2(state_[1], state_[0]) / (2 * pi);
    return turns < 0 ? turns + 1 : turns;
}

}  // namespace reseal::tools::sim
