// Synthetic vital signs of one patient at rest, as JSON. The same seed gives the same readings.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace reseal::tools {

// In memory of its own, of fixed size, as on a device.
struct Reading {
    static constexpr std::size_t size_max = 384;

    std::string_view kind;  // "ecg", "pulse", "temperature" or "acceleration": the last level of its topic
    std::uint64_t number = 0;
    std::array<char, size_max> text{};
    std::size_t size = 0;

    [[nodiscard]] std::string_view json() const { return {text.data(), size}; }
};

/*
 * ecg           "mv": 20 samples in millivolt, 250 a second
 * pulse         "bpm": beats a minute
 * temperature   "celsius"
 * acceleration  "g": [x, y, z] in standard gravity
 * and in each "device", "type", "seq" (from 0) and "t_ms", milliseconds of simulated time from the start.
 */
class VitalSigns {
  public:
    // `rate`: readings a second, above 0. The kinds take turns.
    VitalSigns(std::string device, double rate, std::uint64_t seed);

    Reading next();

  private:
    double noise(double amplitude);
    void write_ecg(Reading &reading, double seconds);
    void write_pulse(Reading &reading, double seconds);
    void write_temperature(Reading &reading, double seconds);
    void write_acceleration(Reading &reading);

    std::string device_;
    double rate_;
    std::mt19937_64 random_;
    std::uint64_t number_ = 0;
};

}  // namespace reseal::tools
