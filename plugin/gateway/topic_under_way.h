// The topic of the current message: what its publisher and all its subscribers need to know about it is found out once.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/asked_topic.h"
#include "policy/known_rules.h"
#include "policy/topic.h"

namespace reseal::gateway {

class TopicUnderWay {
  public:
    struct Asked {
        Asked(std::string_view name, policy::KnownRules& known, bool not_sealed)
            : topic(name, known), unsealed(not_sealed) {}

        policy::AskedTopic topic;
        bool unsealed;  // what is published there is not sealed
    };

    // `unsealed_topics`, a list of filters, is borrowed. Call forget() when it has changed.
    explicit TopicUnderWay(const std::vector<std::string>& unsealed_topics) : unsealed_topics_(&unsealed_topics) {}

    // Borrowed until the next call.
    [[nodiscard]] const Asked& of(std::string_view topic) {
        if (!asked_ || name_ != topic) {
            forget();
            name_.assign(topic);
            asked_.emplace(name_, known_, unsealed(topic));
        }
        return *asked_;
    }

    void forget() {
        asked_.reset();
        known_.forget();
    }

  private:
    [[nodiscard]] bool unsealed(std::string_view topic) const {
        return std::ranges::any_of(*unsealed_topics_,
                                   [topic](const std::string& filter) { return policy::matches(filter, topic); });
    }

    const std::vector<std::string>* unsealed_topics_;
    std::string name_;
    policy::KnownRules known_;
    std::optional<Asked> asked_;
};

}  // namespace reseal::gateway
