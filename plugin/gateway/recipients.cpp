#include "gateway/recipients.h"

namespace reseal::gateway {

namespace {
// Bytes, a topic's beside its name.
constexpr std::size_t topic_cost = 128;
constexpr std::size_t session_cost = 8;
}  // namespace

std::span<Session* const> Recipients::begin(std::string_view topic) {
    if (size_ >= most) {
        forget();
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
    return under_way_->last;
}

void Recipients::add(Session& session) {
    if (under_way_ != nullptr) {
        under_way_->now.push_back(&session);
        size_ += session_cost;
    }
}

void Recipients::forget() {
    lists_.clear();
    under_way_ = nullptr;
    size_ = 0;
}

}  // namespace reseal::gateway
