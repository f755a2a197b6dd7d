// The topic of the message under way, taken apart once for its publisher and all its subscribers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "policy/asked_topic.h"

namespace reseal::gateway {

class TopicUnderWay {
  public:
    // Borrowed until the next call.
    [[nodiscard]] const policy::AskedTopic& of(std::string_view topic) {
        if (!asked_ || name_ != topic) {
            asked_.reset();
            name_.assign(topic);
            asked_.emplace(name_);
        }
        return *asked_;
    }

  private:
    std::string name_;
    std::optional<policy::AskedTopic> asked_;
};

}  // namespace reseal::gateway
