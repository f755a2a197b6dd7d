// SPDX-License-Identifier: Apache-2.0
// Patterns of the ACL as one tree of levels, shared by all principals they are for: placeholders stay, and are compared
// with the principal's values when a topic is looked up. A lookup visits the nodes on the way of that topic only, so
// its cost depends on the topic's depth, not on how many rules or principals there are.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/flat_index.h"
#include "base/hash.h"
#include "policy/placeholder.h"
#include "policy/rule.h"
#include "policy/split_topic.h"

namespace reseal::policy {

class Tree {
  public:
    using Number = std::uint32_t;
    static constexpr Number none = 0;  // no child; the root is nobody's child
    static constexpr Number root = 0;

    // What a placeholder without a value does: in a grant it matches nothing, in a denial it matches any level.
    enum class NoValue : std::uint8_t { never, any };
    explicit Tree(NoValue no_value) : no_value_(no_value) {}

    // `rule` is borrowed. {role} is `role` here. A pattern that is not a topic filter, or deeper than max_levels, is
    // left out.
    void add(const Rule& rule, std::string_view role, Slots& slots);

    [[nodiscard]] bool empty() const { return nodes_.size() == 1 && nodes_[root].below.empty(); }

    struct Walk {
        std::size_t visited = 0;    // nodes
        bool for_everybody = true;  // no placeholder was compared: with other values the same rules match
    };
    // Calls `visit(const Rule&)` for each rule whose pattern matches, in no order. Allocates nothing itself.
    template <class Visit>
    Walk match(const SplitTopic& topic, const Values& values, Visit&& visit) const {
        Walk walk;
        if (!empty()) {
            match(root, 0, topic, values, visit, walk);
        }
        return walk;
    }

    // For coverage, which looks at many topics at once.
    struct Node {
        Number plus = none;
        Number first_child = none;  // an index of edges_, from 1 on
        std::vector<std::pair<LevelTemplate, Number>> templates;
        std::vector<const Rule*> here;   // patterns that end at this level
        std::vector<const Rule*> below;  // patterns that end with '#' under this level, which match it, too
    };
    [[nodiscard]] const Node& node(Number number) const { return nodes_[number]; }
    [[nodiscard]] Number child(Number parent, std::string_view level) const {
        return child(parent, {level.data(), level.size(), hash_of(level)});
    }
    // Does the template of a child match `level`?
    [[nodiscard]] bool matches(const LevelTemplate& level_template, std::string_view level,
                               const Values& values) const {
        const LevelTemplate::Match match = level_template.match(level, values);
        return match == LevelTemplate::Match::yes ||
               (match == LevelTemplate::Match::no_value && no_value_ == NoValue::any);
    }
    // Does it match every level, for want of a value?
    [[nodiscard]] bool matches_any(const LevelTemplate& level_template, const Values& values) const {
        return no_value_ == NoValue::any && level_template.match({}, values) == LevelTemplate::Match::no_value;
    }
    // The levels under `parent` that are written out.
    template <class Visit>
    void for_each_level(Number parent, Visit&& visit) const {
        for (Number edge = nodes_[parent].first_child; edge != none; edge = edges_[edge - 1].sibling) {
            visit(std::string_view(edges_[edge - 1].level));
        }
    }

  private:
    struct Edge {
        std::string level;
        Number parent = 0;
        Number child = 0;
        Number sibling = none;
    };

    template <class Visit>
    void match(Number at, std::size_t depth, const SplitTopic& topic, const Values& values, Visit& visit,
               Walk& walk) const {
        const Node& here = nodes_[at];
        ++walk.visited;
        const bool wildcards = depth > 0 || !topic.hidden();
        if (wildcards) {
            visit_all(here.below, visit);
        }
        if (depth == topic.size()) {
            visit_all(here.here, visit);
            return;
        }
        const auto go_on = [&](Number child) {
            if (child != none) {
                match(child, depth + 1, topic, values, visit, walk);
            }
        };
        if (here.first_child != none) {
            go_on(child(at, topic[depth]));
        }
        for (const auto& [level_template, child] : here.templates) {
            walk.for_everybody = false;
            if (matches(level_template, topic[depth].text(), values)) {
                go_on(child);
            }
        }
        if (wildcards) {
            go_on(here.plus);
        }
    }

    template <class Visit>
    static void visit_all(const std::vector<const Rule*>& rules, Visit& visit) {
        for (const Rule* rule : rules) {
            visit(*rule);
        }
    }

    [[nodiscard]] Number child(Number parent, const SplitTopic::Level& level) const {
        const std::uint32_t found = index_.find(hash_with(level.hash, parent), [&](std::uint32_t number) {
            const Edge& edge = edges_[number - 1];
            return edge.parent == parent && edge.level == level.text();
        });
        return found == FlatIndex::none ? none : edges_[found - 1].child;
    }

    Number grow(Number parent, std::string_view level, Slots& slots);
    Number new_node();
    Number add_edge(Number parent, std::string_view level);

    NoValue no_value_;
    std::vector<Node> nodes_{1};
    std::vector<Edge> edges_;
    FlatIndex index_;  // of edges, from 1 on, by parent and level
};

}  // namespace reseal::policy
