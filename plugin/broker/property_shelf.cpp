// SPDX-License-Identifier: Apache-2.0
#include "broker/property_shelf.h"

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

void PropertyShelf::put(std::string_view topic, std::span<const std::uint8_t> payload, Properties list, Until until,
                        std::size_t memory) {
    if (passing_) {
        drop(*std::exchange(passing_, std::nullopt));
    }
    if (until == Until::replaced) {
        drop_retained(topic);
    }
    const std::optional<Tag> tag = tag_of(payload);
    if (!tag || list == nullptr) {
        return;
    }
    drop(*tag);
    Entry entry{.list = std::move(list), .until = until, .number = 0, .topic = {}, .memory = 0};
    if (until == Until::next_message) {
        passing_ = tag;
    } else {
        entry.number = ++last_number_;
        entry.memory = memory;
        memory_ += memory;
        waiting_.emplace(entry.number, *tag);
    }
    if (until == Until::replaced) {
        entry.topic = topic;
        retained_.insert_or_assign(entry.topic, *tag);
    }
    entries_.emplace(*tag, std::move(entry));
    while (waiting_.size() > most_.lists || memory_ > most_.memory) {
        drop(Tag(waiting_.begin()->second));
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
    const Tag tag = *std::exchange(found_, std::nullopt);
    const auto known = entries_.find(tag);
    if (known != entries_.end() && known->second.until == Until::delivery) {
        drop(tag);
    }
}

void PropertyShelf::drop(const Tag& tag) {
    const auto known = entries_.find(tag);
    if (known == entries_.end()) {
        return;
    }
    const Entry& entry = known->second;
    waiting_.erase(entry.number);
    memory_ -= entry.memory;
    if (const auto topic = retained_.find(entry.topic); topic != retained_.end() && topic->second == tag) {
        retained_.erase(topic);
    }
    entries_.erase(known);
}

void PropertyShelf::drop_retained(std::string_view topic) {
    if (const auto known = retained_.find(std::string(topic)); known != retained_.end()) {
        drop(Tag(known->second));
    }
}

}  // namespace reseal::broker
