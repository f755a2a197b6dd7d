#include "tools/vital_signs.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <numbers>

#include "tools/failure.h"

namespace reseal::tools {
namespace {

constexpr double beats_per_second = 1.2;
constexpr double ecg_sample_seconds = 0.004;
constexpr int ecg_samples = 20;

__attribute__((format(printf, 2, 3))) void append(Reading &reading, const char *format, ...) {
    std::va_list arguments;
    va_start(arguments, format);
    const std::size_t room = reading.text.size() - reading.size;
    const int size = std::vsnprintf(reading.text.data() + reading.size, room, format, arguments);
    va_end(arguments);
    if (size < 0 || static_cast<std::size_t>(size) >= room) {
        throw Failure("a reading is longer than its buffer");
    }
    reading.size += static_cast<std::size_t>(size);
}

// One wave of a heartbeat: where in the beat its middle is, how high and how wide it is.
struct Wave {
    double middle;
    double millivolt;
    double width;
};

// `phase`: 0 to 1 through one beat.
double ecg_millivolt(double phase) {
    constexpr std::array<Wave, 5> waves = {
        {{0.20, 0.12, 0.025}, {0.37, -0.12, 0.010}, {0.40, 1.10, 0.012}, {0.43, -0.25, 0.012}, {0.68, 0.30, 0.045}}};
    double sum = 0;
    for (const Wave &wave : waves) {
        const double distance = (phase - wave.middle) / wave.width;
        sum += wave.millivolt * std::exp(-distance * distance / 2);
    }
    return sum;
}

double swing(double seconds, double period) {
    return std::sin(2 * std::numbers::pi * seconds / period);
}

}  // namespace

VitalSigns::VitalSigns(std::string device, double rate, std::uint64_t seed)
    : device_(std::move(device)), rate_(rate), random_(seed) {}

// Not std::uniform_real_distribution: its numbers differ between standard libraries.
double VitalSigns::noise(double amplitude) {
    const double unit = static_cast<double>(random_() >> 11U) * 0x1p-53;
    return amplitude * (2 * unit - 1);
}

Reading VitalSigns::next() {
    constexpr std::array<std::string_view, 4> kinds = {"ecg", "pulse", "temperature", "acceleration"};
    const double seconds = static_cast<double>(number_) / rate_;
    Reading reading;
    reading.number = number_;
    reading.kind = kinds.at(number_ % kinds.size());
    append(reading, R"({"device":"%s","type":"%s",)", device_.c_str(), reading.kind.data());
    switch (number_ % kinds.size()) {
        case 0:
            write_ecg(reading, seconds);
            break;
        case 1:
            write_pulse(reading, seconds);
            break;
        case 2:
            write_temperature(reading, seconds);
            break;
        default:
            write_acceleration(reading);
    }
    append(reading, R"(,"seq":%llu,"t_ms":%lld})", static_cast<unsigned long long>(number_),
           std::llround(seconds * 1000));
    ++number_;
    return reading;
}

void VitalSigns::write_ecg(Reading &reading, double seconds) {
    append(reading, R"("mv":[)");
    for (int i = 0; i < ecg_samples; ++i) {
        const double beats = (seconds + i * ecg_sample_seconds) * beats_per_second;
        append(reading, "%s%.3f", i == 0 ? "" : ",", ecg_millivolt(beats - std::floor(beats)) + noise(0.02));
    }
    append(reading, "]");
}

void VitalSigns::write_pulse(Reading &reading, double seconds) {
    append(reading, R"("bpm":%.1f)", 60 * beats_per_second + 2 * swing(seconds, 5) + noise(0.5));
}

void VitalSigns::write_temperature(Reading &reading, double seconds) {
    append(reading, R"("celsius":%.2f)", 36.8 + 0.2 * swing(seconds, 3600) + noise(0.02));
}

void VitalSigns::write_acceleration(Reading &reading) {
    const double x = 0.02 + noise(0.01);
    const double y = -0.01 + noise(0.01);
    append(reading, R"("g":[%.3f,%.3f,%.3f])", x, y, 0.99 + noise(0.01));
}

}  // namespace reseal::tools
