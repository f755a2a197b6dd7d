// SPDX-License-Identifier: Apache-2.0
#include "engine/recipients.h"

#include <algorithm>

namespace reseal::engine {

namespace {
// Bytes, a topic's beside its name.
constexpr std::size_t topic_cost = 128;
constexpr std::size_t session_cost = 8;
}  // namespace

void Recipients::begin(std::string_view topic) {
    if (size_ >= most) {
        end();
        lists_.clear();
        size_ = 0;
    }
    auto found = lists_.find(topic);
    if (found == lists_.end()) {
        found = lists_.emplace(topic, List{}).first;
        size_ += topic_cost + topic.size();
    }
    under_way_ = &found->second;
    size_ -= under_way_->last.size() * session_cost;
    under_way_->last.swap(under_way_->now);
    under_way_->now.clear();
    ahead_ = under_way_->last;
}

std::span<const SessionId> Recipients::next(std::size_t count) {
    const auto out = ahead_.first(std::min(count, ahead_.size()));
    ahead_ = ahead_.subspan(out.size());
    return out;
}

void Recipients::add(SessionId session) {
    if (under_way_ != nullptr) {
        under_way_->now.push_back(session);
        size_ += session_cost;
    }
}

void Recipients::end() {
    under_way_ = nullptr;
    ahead_ = {};
}

}  // namespace reseal::engine
