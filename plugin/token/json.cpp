// SPDX-License-Identifier: Apache-2.0
#include "token/json.h"

#include <set>
#include <string>
#include <vector>

namespace reseal::token {

using nlohmann::json;

namespace {

constexpr int depth_most = 8;

// Detects repeated names, which the parsed value no longer shows, and deep nesting.
class Strictness {
  public:
    void see(int depth, json::parse_event_t event, const json& value) {
        sound_ = sound_ && depth <= depth_most;
        if (event == json::parse_event_t::object_start) {
            names_.emplace_back();
        } else if (event == json::parse_event_t::object_end) {
            names_.pop_back();
        } else if (event == json::parse_event_t::key) {
            sound_ = names_.back().insert(value.get<std::string>()).second && sound_;
        }
    }
    [[nodiscard]] bool sound() const { return sound_; }

  private:
    std::vector<std::set<std::string>> names_;
    bool sound_ = true;
};

}  // namespace

std::optional<json> parse_object(std::string_view text) {
    Strictness strictness;
    const auto see = [&strictness](int depth, json::parse_event_t event, json& value) {
        strictness.see(depth, event, value);
        return true;
    };
    json out = json::parse(text.begin(), text.end(), see, false);
    if (!out.is_object() || !strictness.sound()) {
        return std::nullopt;
    }
    return out;
}

const std::string* text_at(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() ? found->get_ptr<const std::string*>() : nullptr;
}

}  // namespace reseal::token
