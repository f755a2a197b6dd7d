// SPDX-License-Identifier: Apache-2.0
// The topic of one thread's current message: what its publisher and all its subscribers need to know about it is found
// out once.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/site.h"
#include "policy/asked_topic.h"
#include "policy/known_rules.h"
#include "policy/topic.h"

namespace reseal::engine {

class TopicUnderWay {
  public:
    struct Asked {
        Asked(std::string_view name, policy::KnownRules& known, bool not_sealed)
            : topic(name, known), unsealed(not_sealed) {}

        policy::AskedTopic topic;
        bool unsealed;  // what is published there is not sealed
    };

    // `site` must outlive this.
    explicit TopicUnderWay(const Site& site) : site_(&site) {}

    // Borrowed until the next call.
    [[nodiscard]] const Asked& of(std::string_view topic) {
        if (!asked_ || name_ != topic || version_ != site_->version) {
            asked_.reset();
            known_.forget();
            name_.assign(topic);
            version_ = site_->version;
            asked_.emplace(name_, known_, unsealed(topic));
        }
        return *asked_;
    }

  private:
    [[nodiscard]] bool unsealed(std::string_view topic) const {
        return std::ranges::any_of(site_->settings.unsealed_topics,
                                   [topic](const std::string& filter) { return policy::matches(filter, topic); });
    }

    const Site* site_;
    std::string name_;
    std::uint32_t version_ = 0;
    policy::KnownRules known_;
    std::optional<Asked> asked_;
};

}  // namespace reseal::engine
