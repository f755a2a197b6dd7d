// SPDX-License-Identifier: Apache-2.0
// A topic name that rights are asked about. It is checked and split once, for one decision or for a whole fan-out,
// which then also remembers the rules that were found.
#pragma once

#include <concepts>
#include <memory>
#include <string_view>

#include "policy/known_rules.h"
#include "policy/reserved.h"
#include "policy/split_topic.h"
#include "policy/topic.h"

namespace reseal::policy {

class AskedTopic {
  public:
    // Borrows `topic`. Implicit: for a single question its name is enough.
    template <std::convertible_to<std::string_view> Text>
    AskedTopic(const Text& topic) : AskedTopic(std::string_view(topic), nullptr) {}  // NOLINT(*-explicit-*)
    // Borrows `known` as well: of no other topic, and asked by one thread.
    AskedTopic(std::string_view topic, KnownRules& known) : AskedTopic(topic, &known) {}
    AskedTopic(const AskedTopic&) = delete;
    AskedTopic& operator=(const AskedTopic&) = delete;

    [[nodiscard]] std::string_view name() const { return name_; }
    [[nodiscard]] bool valid() const { return valid_; }
    [[nodiscard]] bool reserved() const { return reserved_; }
    [[nodiscard]] const SplitTopic& levels() const { return levels_; }

    // The rules of `tree` that match. `owner` keeps the tree.
    template <class Owner, class Visit>
    void match(const std::shared_ptr<Owner>& owner, const Tree& tree, const Values& values, Visit&& visit) const {
        if (tree.empty()) {
            return;
        }
        if (known_ != nullptr) {
            known_->match(owner, tree, levels_, values, visit);
        } else {
            tree.match(levels_, values, visit);
        }
    }

  private:
    AskedTopic(std::string_view name, KnownRules* known)
        : name_(name), known_(known), valid_(valid_topic(name)), reserved_(policy::reserved(name)), levels_(name) {}

    std::string_view name_;
    KnownRules* known_;
    bool valid_;
    bool reserved_;
    SplitTopic levels_;
};

}  // namespace reseal::policy
