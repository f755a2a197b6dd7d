// SPDX-License-Identifier: Apache-2.0
#include "policy/tree.h"

#include <algorithm>

#include "policy/levels.h"
#include "policy/topic.h"

namespace reseal::policy {
namespace {

bool fits(std::string_view pattern) {
    const std::string filter = filled(pattern, [](std::string_view) { return "x"; });
    return valid_filter(filter) && pieces(pattern) &&
           static_cast<std::size_t>(std::ranges::count(filter, '/')) < max_levels;
}

}  // namespace

void Tree::add(const Rule& rule, std::string_view role, Slots& slots) {
    const std::string pattern = with_role(rule.pattern, role);
    if (!fits(pattern)) {
        return;
    }
    Levels levels(pattern);
    Number at = root;
    while (!levels.done()) {
        const std::string_view level = levels.next();
        if (level == "#") {
            nodes_[at].below.push_back(&rule);
            return;
        }
        at = grow(at, level, slots);
    }
    nodes_[at].here.push_back(&rule);
}

Tree::Number Tree::new_node() {
    nodes_.emplace_back();
    return static_cast<Number>(nodes_.size() - 1);
}

Tree::Number Tree::grow(Number parent, std::string_view level, Slots& slots) {
    if (level == "+") {
        if (nodes_[parent].plus == none) {
            const Number fresh = new_node();
            nodes_[parent].plus = fresh;
        }
        return nodes_[parent].plus;
    }
    if (level.find('{') == std::string_view::npos) {
        const Number known = child(parent, level);
        return known != none ? known : add_edge(parent, level);
    }
    LevelTemplate wanted(level, slots);
    for (const auto& [level_template, child] : nodes_[parent].templates) {
        if (level_template == wanted) {
            return child;
        }
    }
    const Number fresh = new_node();
    nodes_[parent].templates.emplace_back(std::move(wanted), fresh);
    return fresh;
}

Tree::Number Tree::add_edge(Number parent, std::string_view level) {
    const Number fresh = new_node();
    edges_.push_back(
        {.level = std::string(level), .parent = parent, .child = fresh, .sibling = nodes_[parent].first_child});
    const auto edge = static_cast<Number>(edges_.size());
    nodes_[parent].first_child = edge;
    index_.insert(hash_with(hash_of(level), parent), edge);
    return fresh;
}

}  // namespace reseal::policy
