// SPDX-License-Identifier: Apache-2.0
// Whether the topics of a filter are granted: all of them, some of them, none. Decided over the union of all grants
// without all denials, by following the filter through the trees level by level, every level that a rule names apart
// and one that no rule names for all others. Allocates: for SUBSCRIBE, not for messages.
#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/refusal.h"
#include "policy/tree.h"

namespace reseal::policy {

class Coverage {
  public:
    // The question whether a union of patterns covers another one has no quick answer in general. Beyond so many
    // steps, which takes an ACL with rules of many wildcards that overlap, there is none.
    static constexpr std::size_t most_steps = 50000;

    // What `judge` says to a grant counts: Refusal::none, or why it does not grant. Both are borrowed.
    using Judge = std::function<Refusal(const Rule&)>;
    Coverage(const Values& values, Judge judge) : values_(&values), judge_(std::move(judge)) {}

    // Both trees must outlive this.
    void add(const Tree& granted, const Tree& denied);

    struct Outcome {
        bool granted = false;            // some topic of the filter is
        bool refused = false;            // some topic of the filter is not
        bool undecided = false;          // it took too many steps
        const Rule* granting = nullptr;  // a rule that grants some of it
        const Rule* refusing = nullptr;  // one that refuses some of it; null if that is for want of a rule
        Refusal reason = Refusal::none;  // why that one does
    };
    // `filter` must be valid and not a shared subscription.
    [[nodiscard]] Outcome of(std::string_view filter);

  private:
    struct Place {
        const Tree* tree;
        Tree::Number node;
    };
    // Where the topics that begin with the same levels have led to.
    struct State {
        std::vector<Place> granted;
        std::vector<Place> denied;
        const Rule* above = nullptr;  // a grant with '#' that holds for all that follows
        bool no_topic = false;        // one empty level and nothing more is not a topic
    };
    // A level of a topic; null: any that no rule names.
    using Level = const std::string*;

    // The topics that go on from `state` as the filter does from its level `at` on.
    void explore(const State& state, std::size_t at, bool first);
    void explore_each(const State& state, std::size_t at, bool first);
    void step(const State& state, Level level, std::size_t at, bool first);
    void end(const State& state);
    [[nodiscard]] std::vector<Place> children(const std::vector<Place>& places, Level level, bool wildcards) const;
    [[nodiscard]] std::set<std::string> levels_after(const State& state, bool first) const;
    [[nodiscard]] const Rule* granting(const std::vector<const Rule*>& rules);
    void refuse(const Rule* denial);
    void grant(const Rule* rule);

    const Values* values_;
    Judge judge_;
    State start_;
    std::vector<std::string> filter_;
    const Rule* limited_ = nullptr;  // a grant that does not count
    std::size_t steps_ = 0;
    Outcome outcome_;
};

}  // namespace reseal::policy
