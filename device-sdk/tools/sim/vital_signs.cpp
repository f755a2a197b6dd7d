// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/vital_signs.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>

namespace reseal::tools::sim {
namespace {

constexpr std::array<std::string_view, 4> kinds = {"ecg", "pulse", "temperature", "acceleration"};

// Cuts off what does not fit. There is room for the longest name of a device and all that the patient's sensors tell.
void append(Reading& reading, std::string_view text) {
    text = text.substr(0, reading.text.size() - reading.size);
    std::copy(text.begin(), text.end(), reading.text.begin() + static_cast<std::ptrdiff_t>(reading.size));
    reading.size += text.size();
}

// `format`: a precision for a double, nothing for a whole number.
template <class Number, class... Format>
void append_number(Reading& reading, Number number, Format... format) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, format...);
    append(reading, {digits.data(), static_cast<std::size_t>(end.ptr - digits.data())});
}

void append_fixed(Reading& reading, double number, int decimals) {
    append_number(reading, number, std::chars_format::fixed, decimals);
}

void append_list(Reading& reading, std::span<const double> numbers) {
    std::string_view before = "[";
    for (const double number : numbers) {
        append(reading, before);
        append_fixed(reading, number, 3);
        before = ",";
    }
    append(reading, "]");
}

void append_string(Reading& reading, std::string_view name, double number, int decimals) {
    append(reading, reading.size == 0 ? R"({")" : R"(",")");
    append(reading, name);
    append(reading, R"(":")");
    append_fixed(reading, number, decimals);
}

}  // namespace

VitalSigns::VitalSigns(std::string device, Layout layout, const PatientSettings& patient, std::uint64_t seed)
    : device_(std::move(device)), layout_(layout), patient_(patient, seed) {}

Reading VitalSigns::next(double period) {
    Reading reading;
    reading.number = number_;
    if (layout_ == Layout::vitals) {
        write_vitals(reading);
    } else {
        write_legacy(reading);
    }
    ++number_;
    patient_.live(period);
    return reading;
}

void VitalSigns::write_vitals(Reading& reading) {
    reading.kind = kinds.at(number_ % kinds.size());
    append(reading, R"({"device":")");
    append(reading, device_);
    append(reading, R"(","type":")");
    append(reading, reading.kind);
    append(reading, R"(",)");
    write_measurement(reading);
    append(reading, R"(,"seq":)");
    append_number(reading, number_);
    append(reading, R"(,"t_ms":)");
    append_number(reading, std::llround(patient_.seconds() * 1000));
    append(reading, "}");
}

void VitalSigns::write_measurement(Reading& reading) {
    if (reading.kind == "ecg") {
        append(reading, R"("mv":)");
        append_list(reading, patient_.ecg());
    } else if (reading.kind == "pulse") {
        append(reading, R"("bpm":)");
        append_fixed(reading, patient_.pulse(), 1);
    } else if (reading.kind == "temperature") {
        append(reading, R"("celsius":)");
        append_fixed(reading, patient_.celsius(), 2);
    } else {
        const Acceleration g = patient_.acceleration();
        append(reading, R"("g":)");
        append_list(reading, std::array{g.x, g.y, g.z});
    }
}

void VitalSigns::write_legacy(Reading& reading) {
    reading.kind = "sensors";
    append_string(reading, "Temp", patient_.celsius(), 2);
    append_string(reading, "TempMcu", patient_.controller_celsius(), 2);
    append_string(reading, "PulseSig", patient_.pulse_wave(), 0);
    const Acceleration g = patient_.acceleration();
    append_string(reading, "Acel_x", g.x, 2);
    append_string(reading, "Acel_y", g.y, 2);
    append_string(reading, "Acel_z", g.z, 2);
    append_string(reading, "TempMpu", patient_.motion_sensor_celsius(), 2);
    append(reading, R"("})");
}

}  // namespace reseal::tools::sim
