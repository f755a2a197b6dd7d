// SPDX-License-Identifier: Apache-2.0
#include "policy/coverage.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "policy/topic.h"

namespace reseal::policy {
namespace {

using PatternList = std::vector<std::string>;

const Values values{"me", ""};

struct Union {
    Slots slots;
    std::deque<Rule> rules;
    Tree granted{Tree::NoValue::never};
    Tree denied{Tree::NoValue::any};

    Union(const PatternList& grants, const PatternList& denials) {
        add(granted, grants);
        add(denied, denials);
    }
    void add(Tree& tree, const PatternList& patterns) {
        for (const std::string& pattern : patterns) {
            rules.push_back({.pattern = pattern, .origin = {}, .limits = {}});
            tree.add(rules.back(), {}, slots);
        }
    }
    [[nodiscard]] Coverage::Outcome of(std::string_view filter) const {
        Coverage coverage(values, [](const Rule&) { return Refusal::none; });
        coverage.add(granted, denied);
        return coverage.of(filter);
    }
};

bool covered(const PatternList& grants, const PatternList& denials, std::string_view filter) {
    const Coverage::Outcome outcome = Union(grants, denials).of(filter);
    return outcome.granted && !outcome.refused && !outcome.undecided;
}

TEST(Coverage, CombinesSeveralPatterns) {
    EXPECT_TRUE(covered({"a", "a/+", "a/+/+/#"}, {}, "a/#"));
    EXPECT_FALSE(covered({"a", "a/+", "a/+/+/+/#"}, {}, "a/#"));
    EXPECT_TRUE(covered({"+/x", "a/#"}, {}, "a/+"));
    EXPECT_FALSE(covered({"a/x", "a/y"}, {}, "a/+"));
}

TEST(Coverage, SubtractsDenials) {
    EXPECT_FALSE(covered({"#"}, {"a/secret"}, "a/+"));
    EXPECT_TRUE(covered({"#"}, {"a/secret"}, "a/open"));
    EXPECT_TRUE(covered({"#"}, {"a/secret"}, "a/+/x"));
    EXPECT_FALSE(covered({"#"}, {"a"}, "a/#"));
}

TEST(Coverage, LeavesTheBrokersOwnTopicsToTheirName) {
    EXPECT_TRUE(covered({"#"}, {"$SYS/#"}, "#"));
    EXPECT_FALSE(covered({"#"}, {}, "$SYS/#"));
    EXPECT_TRUE(covered({"$SYS/+", "$SYS/+/+/#", "$SYS"}, {}, "$SYS/#"));
}

TEST(Coverage, NamesTheBlockingRule) {
    const Union all({"#"}, {"a/secret"});
    const Coverage::Outcome outcome = all.of("a/+");
    ASSERT_NE(outcome.refusing, nullptr);
    EXPECT_EQ(outcome.refusing->pattern, "a/secret");
    EXPECT_EQ(outcome.reason, Refusal::denied);
}

// Which rules match is another set for each way to choose from three values on 20 levels.
TEST(Coverage, GivesUpWhereTheQuestionGrowsWithoutBound) {
    PatternList patterns;
    for (int i = 0; i < 20; ++i) {
        for (const char* value : {"0", "1"}) {
            std::string pattern;
            for (int level = 0; level < 20; ++level) {
                pattern += (level == 0 ? "" : "/") + std::string(level == i ? value : "+");
            }
            patterns.push_back(pattern + "/x");
        }
    }
    std::string filter = "+";
    for (int level = 1; level < 20; ++level) {
        filter += "/+";
    }
    patterns.push_back(filter + "/x");
    const Coverage::Outcome outcome = Union(patterns, {}).of(filter + "/x");
    EXPECT_TRUE(outcome.undecided);
}

// Every topic of up to 4 levels over an alphabet that has a level which no pattern names. PatternList are no deeper
// than 3, so that no deeper topic is decided in another way.
std::vector<std::string> all_topics() {
    std::vector<std::string> out;
    std::vector<std::string> longer{""};
    for (int depth = 1; depth <= 4; ++depth) {
        std::vector<std::string> next;
        for (const std::string& prefix : longer) {
            for (const char* level : {"a", "b", "me", "", "$a", "unnamed"}) {
                next.push_back(depth == 1 ? level : prefix + "/" + level);
            }
        }
        out.insert(out.end(), next.begin(), next.end());
        longer = std::move(next);
    }
    std::erase_if(out, [](const std::string& topic) { return !valid_topic(topic); });
    return out;
}

std::string random_filter(std::mt19937& random, bool pattern) {
    const PatternList levels{"a", "b", "+", "+", "", "$a", pattern ? "{id}" : "me"};
    std::string out;
    const std::size_t depth = random() % 4;
    for (std::size_t i = 0; i < depth; ++i) {
        out += (i == 0 ? "" : "/") + levels[random() % levels.size()];
    }
    if (depth == 0 || (depth < 3 && random() % 2 == 0)) {
        out += depth == 0 ? "#" : "/#";
    }
    return valid_filter(out) ? out : "a";
}

bool any_matches(const PatternList& patterns, std::string_view topic) {
    return std::ranges::any_of(patterns, [topic](const std::string& pattern) {
        return matches(filled(pattern, [](std::string_view) { return "me"; }), topic);
    });
}

TEST(Coverage, AgreesWithTryingEveryTopic) {
    const std::vector<std::string> topics = all_topics();
    std::mt19937 random(7);
    int covered_count = 0;
    for (int round = 0; round < 4000; ++round) {
        PatternList grants;
        PatternList denials;
        std::generate_n(std::back_inserter(grants), random() % 6, [&] { return random_filter(random, true); });
        std::generate_n(std::back_inserter(denials), random() % 3, [&] { return random_filter(random, true); });
        const std::string filter = random_filter(random, false);
        bool granted = false;
        bool refused = false;
        for (const std::string& topic : topics) {
            if (matches(filter, topic)) {
                const bool allowed = any_matches(grants, topic) && !any_matches(denials, topic);
                granted = granted || allowed;
                refused = refused || !allowed;
            }
        }
        const Coverage::Outcome outcome = Union(grants, denials).of(filter);
        ASSERT_FALSE(outcome.undecided);
        ASSERT_EQ(outcome.granted, granted)
            << filter << " of " << testing::PrintToString(grants) << " without " << testing::PrintToString(denials);
        ASSERT_EQ(outcome.refused, refused)
            << filter << " of " << testing::PrintToString(grants) << " without " << testing::PrintToString(denials);
        covered_count += granted && !refused ? 1 : 0;
    }
    EXPECT_GT(covered_count, 100);
}

}  // namespace
}  // namespace reseal::policy
