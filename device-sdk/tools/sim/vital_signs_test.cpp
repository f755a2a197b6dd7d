// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/vital_signs.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace reseal::tools::sim {
namespace {

using nlohmann::json;

constexpr double quarter = 0.25;

TEST(VitalSigns, AreJsonWithDeviceTypeNumberAndTime) {
    VitalSigns vitals("iot_dev_01", Layout::vitals, {}, 1);
    for (const char* kind : {"ecg", "pulse", "temperature", "acceleration", "ecg"}) {
        const Reading reading = vitals.next(quarter);
        const auto parsed = json::parse(reading.json());
        EXPECT_EQ(reading.kind, kind);
        EXPECT_EQ(parsed.at("device"), "iot_dev_01");
        EXPECT_EQ(parsed.at("type"), kind);
        EXPECT_EQ(parsed.at("seq"), reading.number);
        EXPECT_EQ(parsed.at("t_ms"), reading.number * 250);
    }
}

TEST(VitalSigns, ArePlausible) {
    VitalSigns vitals(std::string(64, 'p'), Layout::vitals, {}, 7);
    double highest = 0;
    for (int i = 0; i < 4000; ++i) {
        const Reading reading = vitals.next(0.001);
        const auto parsed = json::parse(reading.json());
        if (reading.kind == "pulse") {
            EXPECT_NEAR(parsed.at("bpm").get<double>(), 72, 9);
        } else if (reading.kind == "temperature") {
            EXPECT_NEAR(parsed.at("celsius").get<double>(), 36.8, 0.5);
        } else if (reading.kind == "acceleration") {
            EXPECT_NEAR(parsed.at("g").at(2).get<double>(), 1, 0.05);
        } else {
            ASSERT_EQ(parsed.at("mv").size(), 20U);
            for (const double sample : parsed.at("mv")) {
                EXPECT_LT(std::abs(sample), 1.6);
                highest = std::max(highest, sample);
            }
        }
    }
    EXPECT_GT(highest, 0.9) << "no heartbeat";
}

// 80 ms per strip: at 50 readings a second, of which every 4th is an ECG, the strips are contiguous.
TEST(VitalSigns, CoverTheWholeEcgAtFiftyASecond) {
    PatientSettings quiet;
    quiet.noise = 0;
    Patient patient(quiet, 3);
    VitalSigns vitals("d", Layout::vitals, quiet, 3);
    for (int i = 0; i < 400; ++i) {
        const Reading reading = vitals.next(0.02);
        if (reading.kind == "ecg") {
            const auto strip = patient.ecg();
            const auto sent = json::parse(reading.json()).at("mv");
            for (std::size_t at = 0; at < strip.size(); ++at) {
                ASSERT_NEAR(sent.at(at).get<double>(), strip.at(at), 0.0006) << i;
            }
            patient.live(0.08);
        }
    }
}

TEST(VitalSigns, ReportThePulseOfTheEcg) {
    PatientSettings steady;
    steady.heart_rate = {90, 0, 0.5};
    VitalSigns vitals("d", Layout::vitals, steady, 1);
    vitals.next(quarter);
    EXPECT_EQ(json::parse(vitals.next(quarter).json()).at("bpm"), 90.0);
    vitals.set_mean_rate(60);
    for (int i = 0; i < 7; ++i) {
        vitals.next(quarter);
    }
    EXPECT_EQ(json::parse(vitals.next(quarter).json()).at("bpm"), 60.0);
}

TEST(VitalSigns, DependOnTheSeedAlone) {
    VitalSigns first("d", Layout::vitals, {}, 1);
    VitalSigns same("d", Layout::vitals, {}, 1);
    VitalSigns other("d", Layout::vitals, {}, 2);
    const Reading reading = first.next(quarter);
    EXPECT_EQ(reading.json(), same.next(quarter).json());
    EXPECT_NE(reading.json(), other.next(quarter).json());
}

TEST(LegacyReadings, AreSevenStrings) {
    VitalSigns vitals("d", Layout::legacy, {}, 1);
    int lowest = 4095;
    int highest = 0;
    for (int i = 0; i < 200; ++i) {
        const Reading reading = vitals.next(0.02);
        EXPECT_EQ(reading.kind, "sensors");
        const auto parsed = json::parse(reading.json());
        ASSERT_EQ(parsed.size(), 7U);
        for (const auto& [name, value] : parsed.items()) {
            ASSERT_TRUE(value.is_string()) << name;
        }
        const auto text = [&parsed](const char* name) { return parsed.at(name).get<std::string>(); };
        const auto decimals = [&text](const char* name) { return text(name).size() - text(name).find('.') - 1; };
        EXPECT_EQ(decimals("Temp"), 2U);
        EXPECT_EQ(decimals("TempMcu"), 2U);
        EXPECT_EQ(decimals("TempMpu"), 2U);
        EXPECT_NEAR(std::stod(text("Temp")), 36.8, 0.5);
        EXPECT_NEAR(std::stod(text("Acel_z")), 1, 0.1);
        EXPECT_LT(std::abs(std::stod(text("Acel_x"))), 0.1);
        EXPECT_LT(std::abs(std::stod(text("Acel_y"))), 0.1);
        EXPECT_EQ(text("PulseSig").find_first_not_of("0123456789"), std::string::npos);
        lowest = std::min(lowest, std::stoi(text("PulseSig")));
        highest = std::max(highest, std::stoi(text("PulseSig")));
    }
    EXPECT_LE(highest, 4095);
    EXPECT_GT(highest - lowest, 500) << "no pulse";
}

}  // namespace
}  // namespace reseal::tools::sim
