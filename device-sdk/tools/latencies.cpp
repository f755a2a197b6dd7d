// SPDX-License-Identifier: Apache-2.0
#include "tools/latencies.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace reseal::tools {
namespace {

constexpr unsigned steps_bits = 7;
constexpr std::uint64_t most = (std::uint64_t{1} << 50U) - 1;

// Below 2^8 every number has its own bucket. Above, each octave has 128 buckets: a number's eight highest bits, of
// which the first is always 1, choose one.
std::size_t place_of(std::uint64_t number) {
    const auto width = static_cast<unsigned>(std::bit_width(number));
    const unsigned shift = width > steps_bits + 1 ? width - steps_bits - 1 : 0;
    return static_cast<std::size_t>((std::uint64_t{shift} << steps_bits) + (number >> shift));
}

// The highest number in a bucket.
std::uint64_t highest_of(std::size_t place) {
    const auto shift = static_cast<unsigned>(place < 2U << steps_bits ? 0 : (place >> steps_bits) - 1);
    const std::uint64_t head = place - (std::uint64_t{shift} << steps_bits);
    return ((head + 1) << shift) - 1;
}

}  // namespace

void Latencies::add(Nanoseconds time) {
    const std::uint64_t number = std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0)), most);
    const Nanoseconds held(number);
    ++held_.at(place_of(number));
    shortest_ = count_ == 0 ? held : std::min(shortest_, held);
    longest_ = std::max(longest_, held);
    ++count_;
}

Latencies::Nanoseconds Latencies::quantile(double share) const {
    const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
    std::uint64_t passed = 0;
    for (std::size_t place = 0; place < held_.size(); ++place) {
        passed += held_[place];
        if (passed >= std::max<std::uint64_t>(wanted, 1)) {
            return std::clamp(Nanoseconds(highest_of(place)), shortest_, longest_);
        }
    }
    return longest_;
}

std::vector<Latencies::Step> Latencies::steps() const {
    std::vector<Step> out;
    for (std::size_t place = 0; place < held_.size(); ++place) {
        if (held_[place] > 0) {
            out.push_back({Nanoseconds(highest_of(place)), held_[place]});
        }
    }
    return out;
}

}  // namespace reseal::tools
