#include "mosquitto/property_shelf.h"

#include <algorithm>
#include <utility>

namespace reseal::broker {

namespace {

using Tag = std::array<std::uint8_t, 16>;

std::optional<Tag> tag_of(std::span<const std::uint8_t> payload) {
    Tag out{};
    if (payload.size() < out.size()) {
        return std::nullopt;
    }
    std::ranges::copy(payload.last(out.size()), out.begin());
    return out;
}

}  // namespace

void PropertyShelf::put(std::string_view topic, std::span<const std::uint8_t> payload, Properties list, Until until) {
    if (passing_) {
        entries_.erase(*std::exchange(passing_, std::nullopt));
    }
    const std::optional<Tag> tag = tag_of(payload);
    if (until == Until::replaced) {
        replace(topic, tag);
    }
    if (!tag || list == nullptr) {
        return;
    }
    const bool fresh = entries_.insert_or_assign(*tag, Entry{std::move(list), until}).second;
    if (until == Until::replaced) {
        retained_.insert_or_assign(std::string(topic), *tag);
    }
    if (until == Until::next_message) {
        passing_ = tag;
    } else if (fresh) {
        order_.push_back(*tag);
        make_room();
    }
}

const mosquitto_property* PropertyShelf::find(std::span<const std::uint8_t> payload) {
    const std::optional<Tag> tag = entries_.empty() ? std::nullopt : tag_of(payload);
    const auto known = tag ? entries_.find(*tag) : entries_.end();
    if (known == entries_.end()) {
        return nullptr;
    }
    found_ = tag;
    return known->second.list.get();
}

void PropertyShelf::delivered() {
    if (!found_) {
        return;
    }
    const auto known = entries_.find(*std::exchange(found_, std::nullopt));
    if (known != entries_.end() && known->second.until == Until::delivery) {
        entries_.erase(known);
    }
}

void PropertyShelf::replace(std::string_view topic, const std::optional<Tag>& tag) {
    const auto known = retained_.find(std::string(topic));
    if (known != retained_.end() && known->second != tag) {
        entries_.erase(known->second);
        retained_.erase(known);
    }
}

void PropertyShelf::make_room() {
    while (!order_.empty() && (order_.size() > most_ || !entries_.contains(order_.front()))) {
        entries_.erase(order_.front());
        order_.pop_front();
    }
}

}  // namespace reseal::broker
