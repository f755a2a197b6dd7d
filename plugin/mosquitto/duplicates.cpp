#include "mosquitto/duplicates.h"

#include <algorithm>

namespace reseal::broker {

namespace {
constexpr std::size_t held_most = 4096;
}

bool Duplicates::hold(std::span<const std::uint8_t> payload) {
    if (held_.size() >= held_most || payload.size() < Tag{}.size()) {
        return false;
    }
    held_.insert_or_assign(payload.data(), tag(payload));
    return true;
}

bool Duplicates::holds(std::span<const std::uint8_t> payload) const {
    if (held_.empty()) {
        return false;
    }
    const auto known = held_.find(payload.data());
    return known != held_.end() && payload.size() >= Tag{}.size() && known->second == tag(payload);
}

Duplicates::Tag Duplicates::tag(std::span<const std::uint8_t> payload) {
    Tag out{};
    std::ranges::copy(payload.last(out.size()), out.begin());
    return out;
}

}  // namespace reseal::broker
