#include "tools/vital_signs.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numbers>

#include "tools/failure.h"

namespace reseal::tools {
namespace {

constexpr double beats_per_second = 1.2;
constexpr double ecg_sample_seconds = 0.004;
constexpr int ecg_samples = 20;

void append(Reading &reading, std::string_view text) {
    if (text.size() > reading.text.size() - reading.size) {
        throw Failure("a reading is longer than its buffer");
    }
    std::copy(text.begin(), text.end(), reading.text.begin() + static_cast<std::ptrdiff_t>(reading.size));
    reading.size += text.size();
}

// `format`: a precision for a double, nothing for a whole number.
template <class Number, class... Format>
void append_number(Reading &reading, Number number, Format... format) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, format...);
    append(reading, {digits.data(), static_cast<std::size_t>(end.ptr - digits.data())});
}

void append_fixed(Reading &reading, double number, int decimals) {
    append_number(reading, number, std::chars_format::fixed, decimals);
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
    append(reading, R"({"device":")");
    append(reading, device_);
    append(reading, R"(","type":")");
    append(reading, reading.kind);
    append(reading, R"(",)");
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
    append(reading, R"(,"seq":)");
    append_number(reading, number_);
    append(reading, R"(,"t_ms":)");
    append_number(reading, std::llround(seconds * 1000));
    append(reading, "}");
    ++number_;
    return reading;
}

void VitalSigns::write_ecg(Reading &reading, double seconds) {
    append(reading, R"("mv":[)");
    for (int i = 0; i < ecg_samples; ++i) {
        const double beats = (seconds + i * ecg_sample_seconds) * beats_per_second;
        append(reading, i == 0 ? "" : ",");
        append_fixed(reading, ecg_millivolt(beats - std::floor(beats)) + noise(0.02), 3);
    }
    append(reading, "]");
}

void VitalSigns::write_pulse(Reading &reading, double seconds) {
    append(reading, R"("bpm":)");
    append_fixed(reading, 60 * beats_per_second + 2 * swing(seconds, 5) + noise(0.5), 1);
}

void VitalSigns::write_temperature(Reading &reading, double seconds) {
    append(reading, R"("celsius":)");
    append_fixed(reading, 36.8 + 0.2 * swing(seconds, 3600) + noise(0.02), 2);
}

void VitalSigns::write_acceleration(Reading &reading) {
    append(reading, R"("g":[)");
    append_fixed(reading, 0.02 + noise(0.01), 3);
    append(reading, ",");
    append_fixed(reading, -0.01 + noise(0.01), 3);
    append(reading, ",");
    append_fixed(reading, 0.99 + noise(0.01), 3);
    append(reading, "]");
}

}  // namespace reseal::tools
