// SPDX-License-Identifier: Apache-2.0
#include "policy/tree.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "policy/topic.h"

namespace reseal::policy {
namespace {

// A tree of patterns, of which the rules remember the order.
struct Patterns {
    Slots slots;
    std::deque<Rule> rules;
    Tree tree{Tree::NoValue::never};

    void add(std::string pattern) {
        rules.push_back({.pattern = std::move(pattern), .origin = {static_cast<int>(rules.size()), ""}, .limits = {}});
        tree.add(rules.back(), "staff", slots);
    }
    [[nodiscard]] std::vector<std::string> matching(std::string_view topic, const Values& values = {"pump-7", ""}) {
        std::set<int> lines;
        tree.match(SplitTopic(topic), values, [&](const Rule& rule) { lines.insert(rule.origin.line); });
        std::vector<std::string> out;
        for (const int line : lines) {
            out.push_back(rules[static_cast<std::size_t>(line)].pattern);
        }
        return out;
    }
    [[nodiscard]] std::size_t visited(std::string_view topic, const Values& values = {"pump-7", ""}) const {
        return tree.match(SplitTopic(topic), values, [](const Rule&) {}).visited;
    }
};

using Found = std::vector<std::string>;

TEST(Tree, FindsEveryPatternThatMatches) {
    Patterns patterns;
    for (const char* pattern : {"#", "a/#", "a/+", "a/b", "+/b", "a/b/#", "a/b/c", "b"}) {
        patterns.add(pattern);
    }
    EXPECT_EQ(patterns.matching("a/b"), (Found{"#", "a/#", "a/+", "a/b", "+/b", "a/b/#"}));
    EXPECT_EQ(patterns.matching("a"), (Found{"#", "a/#"}));
    EXPECT_EQ(patterns.matching("$SYS/b"), (Found{}));
}

TEST(Tree, FillsInPlaceholdersOnLookup) {
    Patterns patterns;
    patterns.add("ward/{id}/#");
    patterns.add("{role}/x");
    EXPECT_EQ(patterns.matching("ward/pump-7/x"), Found{"ward/{id}/#"});
    EXPECT_EQ(patterns.matching("ward/pump-8/x"), Found{});
    EXPECT_EQ(patterns.matching("ward/pump-8/x", {"pump-8", ""}), Found{"ward/{id}/#"});
    EXPECT_EQ(patterns.matching("staff/x"), Found{"{role}/x"});
}

TEST(Tree, AgreesWithMatchingPatternsOneByOne) {
    std::mt19937 random(1);
    const std::vector<std::string> levels{"a", "b", "+", "", "$a", "c"};
    const auto text = [&](bool pattern) {
        std::string out;
        const std::size_t depth = 1 + random() % 4;
        for (std::size_t i = 0; i < depth; ++i) {
            std::string level = levels[random() % levels.size()];
            level = !pattern && level == "+" ? "d" : level;
            out += (i == 0 ? "" : "/") + level;
        }
        return pattern && random() % 3 == 0 ? out + "/#" : out;
    };
    for (int round = 0; round < 300; ++round) {
        Patterns patterns;
        for (int i = 0; i < 12; ++i) {
            patterns.add(text(true));
        }
        for (int i = 0; i < 30; ++i) {
            const std::string topic = text(false);
            Found expected;
            for (const Rule& rule : patterns.rules) {
                if (valid_topic(topic) && valid_filter(rule.pattern) && matches(rule.pattern, topic)) {
                    expected.push_back(rule.pattern);
                }
            }
            if (valid_topic(topic)) {
                ASSERT_EQ(patterns.matching(topic), expected) << topic;
            }
        }
    }
}

std::size_t visited_with(int rules) {
    Patterns patterns;
    patterns.add("ward/{id}/#");
    patterns.add("ward/+/alarm");
    for (int i = 2; i < rules; ++i) {
        const std::string number = std::to_string(i);
        patterns.add(i % 3 == 0   ? "ward/w" + number + "/vitals/+"
                     : i % 3 == 1 ? "x" + number + "/#"
                                  : "ward/pump-7/" + number);
    }
    return patterns.visited("ward/pump-7/vitals/pulse");
}

TEST(Tree, VisitsTheSameNodesForTenRulesAndForTenThousand) {
    EXPECT_LE(visited_with(10000), visited_with(10));
    EXPECT_LE(visited_with(10), 6U);
}

TEST(Tree, GoesNoDeeperThanItsPatterns) {
    Patterns patterns;
    patterns.add("a/#");
    std::string deep = "a";
    for (int i = 0; i < 30000; ++i) {
        deep += "/a";
    }
    EXPECT_EQ(patterns.matching(deep), Found{"a/#"});
    EXPECT_EQ(patterns.visited(deep), 2U);
}

TEST(Tree, DistinguishesTheDeepestPatternFromADeeperTopic) {
    std::string deepest = "a";
    for (std::size_t i = 1; i < max_levels; ++i) {
        deepest += "/a";
    }
    Patterns patterns;
    patterns.add(deepest);
    patterns.add(deepest + "/a");
    EXPECT_EQ(patterns.matching(deepest), Found{deepest});
    EXPECT_EQ(patterns.matching(deepest + "/a"), Found{});
}

}  // namespace
}  // namespace reseal::policy
