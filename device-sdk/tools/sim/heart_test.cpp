// SPDX-License-Identifier: Apache-2.0
// What the heart model promises.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <kissfft/kissfft.hh>
#include <numeric>

#include "tools/sim/ecg_model.h"

namespace reseal::tools::sim {
namespace {

double mean_of(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double deviation_of(const std::vector<double>& values) {
    const double mean = mean_of(values);
    const double squares = std::accumulate(values.begin(), values.end(), 0.0,
                                           [mean](double sum, double x) { return sum + (x - mean) * (x - mean); });
    return std::sqrt(squares / static_cast<double>(values.size()));
}

// The power of a series from `low` to `high` hertz.
double band(const std::vector<double>& values, double per_second, double low, double high) {
    const std::vector<std::complex<double>> in(values.begin(), values.end());
    std::vector<std::complex<double>> out(in.size());
    kissfft<double>(in.size(), false).transform(in.data(), out.data());
    double power = 0;
    for (std::size_t i = 1; i < in.size() / 2; ++i) {
        const double hertz = static_cast<double>(i) * per_second / static_cast<double>(in.size());
        power += hertz >= low && hertz < high ? std::norm(out[i]) : 0;
    }
    return power;
}

std::vector<double> recorded(const HeartRate& rate, std::uint64_t seed, int seconds) {
    EcgModel model(rate, seed);
    std::vector<double> samples;
    for (int i = 0; i < seconds * EcgModel::samples_per_second; ++i) {
        samples.push_back(model.next());
    }
    return samples;
}

// The highest sample of each wave above 0.7 mV, which only R reaches.
std::vector<std::size_t> r_peaks(const std::vector<double>& samples) {
    std::vector<std::size_t> peaks;
    for (std::size_t i = 1; i + 1 < samples.size(); ++i) {
        if (samples[i] > 0.7 && samples[i] >= samples[i - 1] && samples[i] > samples[i + 1]) {
            peaks.push_back(i);
        }
    }
    return peaks;
}

std::vector<double> rr_seconds(const std::vector<std::size_t>& peaks) {
    std::vector<double> intervals;
    for (std::size_t i = 1; i < peaks.size(); ++i) {
        intervals.push_back(static_cast<double>(peaks[i] - peaks[i - 1]) / EcgModel::samples_per_second);
    }
    return intervals;
}

TEST(Tachogram, HasMeanZeroAndDeviationOne) {
    const Tachogram tachogram(0.5, 1);
    EXPECT_NEAR(mean_of(tachogram.values()), 0, 1e-9);
    EXPECT_NEAR(deviation_of(tachogram.values()), 1, 1e-9);
}

TEST(Tachogram, HasTheRequestedRatioOfLowToHighFrequencies) {
    for (const double ratio : {0.3, 0.5, 1.0, 4.0}) {
        const Tachogram tachogram(ratio, 7);
        const double low = band(tachogram.values(), Tachogram::samples_per_second, 0.04, 0.15);
        const double high = band(tachogram.values(), Tachogram::samples_per_second, 0.15, 0.4);
        EXPECT_NEAR(low / high, ratio, 0.01 * ratio);
        const double all = band(tachogram.values(), Tachogram::samples_per_second, 0, 2);
        EXPECT_GT((low + high) / all, 0.999) << "power outside of both bands";
    }
}

TEST(Tachogram, RepeatsWithoutABreakAfterItsPeriod) {
    const Tachogram tachogram(0.5, 3);
    for (const double seconds : {0.0, 0.1, 17.3, 511.9}) {
        EXPECT_NEAR(tachogram.at(seconds + Tachogram::period), tachogram.at(seconds), 1e-9);
    }
    // The spectrum has nothing above 0.3 Hz, so it moves by less than 2 pi 0.3 a second times a few deviations.
    EXPECT_LT(std::abs(tachogram.at(Tachogram::period) - tachogram.at(Tachogram::period - 0.25)), 1.5);
}

TEST(BeatSeconds, FollowMeanAndDeviation) {
    EXPECT_DOUBLE_EQ(beat_seconds({60, 6, 0.5}, 0), 1);
    EXPECT_DOUBLE_EQ(beat_seconds({60, 6, 0.5}, 2), 1.2);
    EXPECT_DOUBLE_EQ(beat_seconds({200, 20, 0.5}, -9), 0.2) << "no beat is shorter";
    EXPECT_DOUBLE_EQ(beat_seconds({30, 20, 0.5}, 9), 3) << "none is longer";
}

class EcgOf : public ::testing::TestWithParam<HeartRate> {};

// Ten minutes. An interval is measured to one sample, 4 ms.
TEST_P(EcgOf, HasRPeaksAtTheRequestedMeanAndDeviation) {
    const HeartRate& rate = GetParam();
    const auto intervals = rr_seconds(r_peaks(recorded(rate, 11, 600)));
    const double mean = 60 / rate.mean;
    const double deviation = mean * rate.deviation / rate.mean;
    EXPECT_NEAR(static_cast<double>(intervals.size()), 10 * rate.mean, 0.01 * 10 * rate.mean);
    EXPECT_NEAR(mean_of(intervals), mean, 0.01 * mean);
    EXPECT_NEAR(deviation_of(intervals), deviation, 0.1 * deviation + 0.002);
}

INSTANTIATE_TEST_SUITE_P(HeartRates, EcgOf,
                         ::testing::Values(HeartRate{60, 1, 0.5}, HeartRate{72, 2, 0.5}, HeartRate{72, 5, 3},
                                           HeartRate{120, 4, 1}, HeartRate{45, 3, 0.5}));

TEST(Ecg, HasAnRPeakOncePerBeatOfASteadyHeart) {
    const auto intervals = rr_seconds(r_peaks(recorded({60, 0, 0.5}, 1, 60)));
    ASSERT_GE(intervals.size(), 58U);
    for (const double interval : intervals) {
        EXPECT_NEAR(interval, 1, 0.0041);
    }
}

// The beat-to-beat series, sampled at even times as an analyst would.
TEST(Ecg, CarriesTheRatioOfTheTachogramInItsBeats) {
    const auto peaks = r_peaks(recorded({72, 3, 2}, 5, 512));
    const auto intervals = rr_seconds(peaks);
    std::vector<double> even;
    for (std::size_t i = 0, beat = 0; i < 2048; ++i) {
        const double seconds = static_cast<double>(i) / 4;
        while (beat + 1 < intervals.size() &&
               static_cast<double>(peaks[beat + 1]) / EcgModel::samples_per_second <= seconds) {
            ++beat;
        }
        even.push_back(intervals[beat]);
    }
    const double ratio = band(even, 4, 0.04, 0.15) / band(even, 4, 0.15, 0.4);
    EXPECT_GT(ratio, 1.5);
    EXPECT_LT(ratio, 3.5) << "a beat at a time hides some of the fast swing";
}

TEST(Ecg, ShowsPQRSTInOrder) {
    const auto samples = recorded({60, 0, 0.5}, 1, 8);
    const auto peaks = r_peaks(samples);
    ASSERT_GE(peaks.size(), 6U);
    const auto at = [&](double beats) {
        return samples.begin() + static_cast<std::ptrdiff_t>(peaks[4]) +
               std::lround(beats * EcgModel::samples_per_second);
    };
    const auto highest = [&](double from, double to) { return std::max_element(at(from), at(to)); };
    const auto lowest = [&](double from, double to) { return std::min_element(at(from), at(to)); };
    const auto p = highest(-0.25, -0.09);
    const auto q = lowest(-0.09, 0);
    const auto r = highest(-0.02, 0.02);
    const auto s = lowest(0, 0.09);
    const auto t = highest(0.1, 0.4);
    const double rest = *lowest(0.40, 0.65);
    EXPECT_LT(p, q);
    EXPECT_LT(q, r);
    EXPECT_LT(r, s);
    EXPECT_LT(s, t);
    EXPECT_GT(*r, 1.0);
    EXPECT_LT(*q, *p - 0.05);
    EXPECT_LT(*s, *q) << "S is the deepest";
    EXPECT_GT(*p, rest + 0.02);
    EXPECT_GT(*t, *p) << "T is higher than P";
    EXPECT_LT(*t, *r / 2);
}

TEST(Ecg, StaysInItsRangeAtEveryRate) {
    for (const double mean : {30.0, 60.0, 100.0, 200.0}) {
        const auto samples = recorded({mean, 1, 0.5}, 2, 30);
        const auto [low, high] = std::minmax_element(samples.begin() + 750, samples.end());
        EXPECT_NEAR(*high, 1.2, 0.25) << mean;
        EXPECT_NEAR(*low, -0.4, 0.25) << mean;
    }
}

TEST(Ecg, DependsOnTheSeedAlone) {
    EXPECT_EQ(recorded({72, 2, 0.5}, 1, 5), recorded({72, 2, 0.5}, 1, 5));
    EXPECT_NE(recorded({72, 2, 0.5}, 1, 5), recorded({72, 2, 0.5}, 2, 5));
}

TEST(Ecg, FollowsANewMeanFromTheNextBeat) {
    EcgModel model({60, 0, 0.5}, 1);
    for (int i = 0; i < 5 * EcgModel::samples_per_second; ++i) {
        model.next();
    }
    EXPECT_DOUBLE_EQ(model.beat_seconds(), 1);
    model.set_mean_rate(120);
    for (int i = 0; i < 2 * EcgModel::samples_per_second; ++i) {
        model.next();
    }
    EXPECT_DOUBLE_EQ(model.beat_seconds(), 0.5);
}

}  // namespace
}  // namespace reseal::tools::sim
