// SPDX-License-Identifier: Apache-2.0
#include "policy/coverage.h"

#include <algorithm>

#include "policy/levels.h"

namespace reseal::policy {

void Coverage::add(const Tree& granted, const Tree& denied) {
    if (!granted.empty()) {
        start_.granted.push_back({&granted, Tree::root});
    }
    if (!denied.empty()) {
        start_.denied.push_back({&denied, Tree::root});
    }
}

Coverage::Outcome Coverage::of(std::string_view filter) {
    outcome_ = {};
    steps_ = 0;
    limited_ = nullptr;
    filter_.clear();
    for (Levels levels(filter); !levels.done();) {
        filter_.emplace_back(levels.next());
    }
    explore(start_, 0, true);
    if (outcome_.refused && outcome_.refusing == nullptr && limited_ != nullptr) {
        outcome_.refusing = limited_;
        outcome_.reason = judge_(*limited_);
    }
    return outcome_;
}

void Coverage::explore(const State& state, std::size_t at, bool first) {
    steps_ += 1 + state.granted.size() + state.denied.size();
    outcome_.undecided = outcome_.undecided || steps_ > most_steps;
    if (outcome_.undecided || (outcome_.granted && outcome_.refused)) {
        return;
    }
    if (at == filter_.size()) {
        end(state);
    } else if (state.above != nullptr && state.denied.empty()) {
        grant(state.above);
    } else if (state.above == nullptr && state.granted.empty()) {
        refuse(nullptr);
    } else if (filter_[at] == "#") {
        if (!first) {
            end(state);
        }
        explore_each(state, at, first);
    } else if (filter_[at] == "+") {
        explore_each(state, at, first);
    } else {
        step(state, &filter_[at], at + 1, first);
    }
}

// Any one level, or, where the filter ends with '#', any number of them.
void Coverage::explore_each(const State& state, std::size_t at, bool first) {
    const std::size_t next = filter_[at] == "#" ? at : at + 1;
    step(state, nullptr, next, first);
    for (const std::string& level : levels_after(state, first)) {
        step(state, &level, next, first);
    }
}

void Coverage::step(const State& state, Level level, std::size_t at, bool first) {
    const bool wildcards = !first || level == nullptr || !level->starts_with('$');
    State next;
    next.no_topic = first && level != nullptr && level->empty();
    next.above = state.above;
    for (const Place& place : state.granted) {
        if (wildcards && next.above == nullptr) {
            next.above = granting(place.tree->node(place.node).below);
        }
    }
    for (const Place& place : state.denied) {
        const auto& below = place.tree->node(place.node).below;
        if (wildcards && !below.empty() && !(next.no_topic && at == filter_.size())) {
            refuse(below.front());
            return;
        }
    }
    next.granted = children(state.granted, level, wildcards);
    next.denied = children(state.denied, level, wildcards);
    explore(next, at, false);
}

// A topic ends here.
void Coverage::end(const State& state) {
    if (state.no_topic) {
        return;
    }
    for (const Place& place : state.denied) {
        const Tree::Node& node = place.tree->node(place.node);
        for (const auto* rules : {&node.here, &node.below}) {
            if (!rules->empty()) {
                refuse(rules->front());
                return;
            }
        }
    }
    const Rule* rule = state.above;
    for (const Place& place : state.granted) {
        const Tree::Node& node = place.tree->node(place.node);
        rule = rule != nullptr ? rule : granting(node.here);
        rule = rule != nullptr ? rule : granting(node.below);
    }
    if (rule != nullptr) {
        grant(rule);
    } else {
        refuse(nullptr);
    }
}

std::vector<Coverage::Place> Coverage::children(const std::vector<Place>& places, Level level, bool wildcards) const {
    std::vector<Place> out;
    const auto put = [&out](const Tree* tree, Tree::Number child) {
        if (child != Tree::none) {
            out.push_back({tree, child});
        }
    };
    for (const auto& [tree, number] : places) {
        const Tree::Node& node = tree->node(number);
        put(tree, level != nullptr ? tree->child(number, *level) : Tree::none);
        for (const auto& [level_template, child] : node.templates) {
            const bool same = level != nullptr ? tree->matches(level_template, *level, *values_)
                                               : tree->matches_any(level_template, *values_);
            put(tree, same ? child : Tree::none);
        }
        put(tree, wildcards ? node.plus : Tree::none);
    }
    return out;
}

std::set<std::string> Coverage::levels_after(const State& state, bool first) const {
    std::set<std::string> out;
    for (const auto* places : {&state.granted, &state.denied}) {
        for (const auto& [tree, number] : *places) {
            tree->for_each_level(number, [&out](std::string_view level) { out.emplace(level); });
            for (const auto& [level_template, child] : tree->node(number).templates) {
                if (auto level = level_template.text(*values_)) {
                    out.insert(std::move(*level));
                }
            }
        }
    }
    if (first) {
        std::erase_if(out, [](const std::string& level) { return level.starts_with('$'); });
    }
    return out;
}

const Rule* Coverage::granting(const std::vector<const Rule*>& rules) {
    const auto counts = [this](const Rule* rule) { return judge_(*rule) == Refusal::none; };
    const auto found = std::ranges::find_if(rules, counts);
    if (found != rules.end()) {
        return *found;
    }
    limited_ = limited_ == nullptr && !rules.empty() ? rules.front() : limited_;
    return nullptr;
}

void Coverage::refuse(const Rule* denial) {
    outcome_.refused = true;
    if (outcome_.refusing == nullptr && denial != nullptr) {
        outcome_.refusing = denial;
        outcome_.reason = Refusal::denied;
    }
}

void Coverage::grant(const Rule* rule) {
    outcome_.granted = true;
    outcome_.granting = outcome_.granting == nullptr ? rule : outcome_.granting;
}

}  // namespace reseal::policy
