// A topic name that rights are asked about: checked and taken apart once, for one decision or for a whole fan-out.
#pragma once

#include <concepts>
#include <string_view>

#include "policy/reserved.h"
#include "policy/split_topic.h"
#include "policy/topic.h"

namespace reseal::policy {

class AskedTopic {
  public:
    // Borrows `topic`. Implicit: for a single question its name is enough.
    template <std::convertible_to<std::string_view> Text>
    AskedTopic(const Text& topic) : AskedTopic(std::string_view(topic), Named{}) {}  // NOLINT(*-explicit-*)
    AskedTopic(const AskedTopic&) = delete;
    AskedTopic& operator=(const AskedTopic&) = delete;

    [[nodiscard]] std::string_view name() const { return name_; }
    [[nodiscard]] bool valid() const { return valid_; }
    [[nodiscard]] bool reserved() const { return reserved_; }
    [[nodiscard]] const SplitTopic& levels() const { return levels_; }

  private:
    struct Named {};
    AskedTopic(std::string_view name, Named /*tag*/)
        : name_(name), valid_(valid_topic(name)), reserved_(policy::reserved(name)), levels_(name) {}

    std::string_view name_;
    bool valid_;
    bool reserved_;
    SplitTopic levels_;
};

}  // namespace reseal::policy
