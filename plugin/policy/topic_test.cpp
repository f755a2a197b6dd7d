// SPDX-License-Identifier: Apache-2.0
#include "policy/topic.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "policy/allocation_count.h"

namespace reseal::policy {
namespace {

using Texts = std::vector<std::string>;

// All of one level up to `depth` levels, each from `names`; the empty text is neither topic nor filter.
Texts paths(const Texts& names, std::size_t depth) {
    Texts all;
    Texts longest = names;
    for (std::size_t levels = 1; levels <= depth; ++levels) {
        all.insert(all.end(), longest.begin(), longest.end());
        Texts longer;
        for (const std::string& head : longest) {
            for (const std::string& name : names) {
                longer.push_back(std::string(head).append("/").append(name));
            }
        }
        longest = std::move(longer);
    }
    std::erase(all, "");
    return all;
}

Texts all_filters() {
    const Texts names = {"", "a", "$", "+"};
    Texts filters = paths(names, 4);
    filters.emplace_back("#");
    for (const std::string& head : paths(names, 3)) {
        filters.push_back(head + "/#");
    }
    filters.emplace_back("/#");
    return filters;
}

// MQTT 5 section 4.7, word by word, on levels that are taken apart first.
Texts split(const std::string& text) {
    Texts levels(1);
    for (const char c : text) {
        if (c == '/') {
            levels.emplace_back();
        } else {
            levels.back() += c;
        }
    }
    return levels;
}

bool matches_by_the_book(const std::string& filter, const std::string& topic) {
    Texts wanted = split(filter);
    const Texts given = split(topic);
    if (given[0].starts_with('$') && (wanted[0] == "+" || wanted[0] == "#")) {
        return false;
    }
    const bool open_end = wanted.back() == "#";
    if (open_end) {
        wanted.pop_back();
    }
    if (given.size() < wanted.size() || (!open_end && given.size() != wanted.size())) {
        return false;
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i] != "+" && wanted[i] != given[i]) {
            return false;
        }
    }
    return true;
}

TEST(Topic, IsUtf8WithoutWildcardsOrNul) {
    for (const std::string_view topic : {"a", "/", "a//b", "ward/3/pulse", "$SYS/x", "\xC3\xB6/\xF0\x9F\x8F\xA5"}) {
        EXPECT_TRUE(valid_topic(topic)) << topic;
    }
    using namespace std::string_view_literals;
    for (const std::string_view topic : {""sv, "a/+"sv, "#"sv, "a+b"sv, "a\0b"sv, "\xFF"sv, "a/\xED\xA0\x80"sv}) {
        EXPECT_FALSE(valid_topic(topic)) << testing::PrintToString(topic);
    }
}

TEST(Topic, HasAtMost65535Bytes) {
    EXPECT_TRUE(valid_topic(std::string(65535, 'x')));
    EXPECT_FALSE(valid_topic(std::string(65536, 'x')));
}

TEST(Filter, MayHaveWildcardsThatFillALevel) {
    for (const std::string_view filter :
         {"#", "+", "/", "+/+", "a/#", "/#", "a/+/b", "a/+/#", "$SYS/#", "$shared/a", "\xC3\xB6/+"}) {
        EXPECT_TRUE(valid_filter(filter)) << filter;
        EXPECT_EQ(filter_remedy(filter), "") << filter;
    }
    EXPECT_TRUE(valid_filter(std::string(65535, 'x')));
}

TEST(Filter, SaysWhyItIsInvalid) {
    using namespace std::string_view_literals;
    EXPECT_EQ(filter_remedy(""), "write at least one character");
    EXPECT_EQ(filter_remedy(std::string(65536, 'x')), "write at most 65535 bytes");
    EXPECT_EQ(filter_remedy("a\0"sv), "leave out the NUL");
    EXPECT_EQ(filter_remedy("a/\xFF"), "write it in UTF-8");
    EXPECT_EQ(filter_remedy("ward/#/x"), "'#' may stand only at the end");
    EXPECT_EQ(filter_remedy("#/"), "'#' may stand only at the end");
    EXPECT_EQ(filter_remedy("ward/x#"), "'#' must fill a whole level, as in 'ward/#'");
    EXPECT_EQ(filter_remedy("##"), "'#' must fill a whole level, as in 'ward/#'");
    EXPECT_EQ(filter_remedy("ward/+#"), "'#' must fill a whole level, as in 'ward/#'");
    EXPECT_EQ(filter_remedy("ward/bed+/x"), "'+' must fill a whole level, as in 'ward/+/pulse'");
    EXPECT_EQ(filter_remedy("++"), "'+' must fill a whole level, as in 'ward/+/pulse'");
}

TEST(Filter, IsNotASharedSubscription) {
    for (const std::string_view shared : {"$share", "$share/", "$share/g/a", "$share/+/a"}) {
        EXPECT_EQ(filter_remedy(shared),
                  "leave out '$share/GROUP/': the filter after it covers shared subscriptions, too");
        EXPECT_FALSE(valid_filter(shared));
    }
}

TEST(Matches, FollowsTheExamplesOfMqtt) {
    EXPECT_TRUE(matches("sport/tennis/player1/#", "sport/tennis/player1"));
    EXPECT_TRUE(matches("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon"));
    EXPECT_TRUE(matches("sport/#", "sport"));
    EXPECT_TRUE(matches("sport/tennis/+", "sport/tennis/player1"));
    EXPECT_FALSE(matches("sport/tennis/+", "sport/tennis/player1/ranking"));
    EXPECT_FALSE(matches("sport/+", "sport"));
    EXPECT_TRUE(matches("sport/+", "sport/"));
    EXPECT_TRUE(matches("+/+", "/finance"));
    EXPECT_TRUE(matches("/+", "/finance"));
    EXPECT_FALSE(matches("+", "/finance"));
    EXPECT_FALSE(matches("#", "$SYS/x"));
    EXPECT_FALSE(matches("+/monitor/Clients", "$SYS/monitor/Clients"));
    EXPECT_TRUE(matches("$SYS/#", "$SYS/x"));
    EXPECT_TRUE(matches("$SYS/monitor/+", "$SYS/monitor/Clients"));
    EXPECT_FALSE(matches("ward/3", "ward/33"));
    EXPECT_FALSE(matches("ward/3/#", "ward/33"));
    EXPECT_FALSE(matches("Ward", "ward"));
}

TEST(Matches, AgreesWithAReferenceOnEveryShortFilterAndTopic) {
    const Texts topics = paths({"", "a", "b", "$"}, 4);
    for (const std::string& filter : all_filters()) {
        for (const std::string& topic : topics) {
            ASSERT_EQ(matches(filter, topic), matches_by_the_book(filter, topic)) << filter << " and " << topic;
        }
    }
}

TEST(Matches, AllocatesNothing) {
    const std::string topic = "ward/" + std::string(1000, 'x') + "/vitals/pulse";
    const std::size_t before = allocation_count();
    const bool matched = matches("ward/+/vitals/#", topic) && !matches("ward/+/vitals", topic);
    EXPECT_EQ(allocation_count(), before);
    EXPECT_TRUE(matched);
    EXPECT_GT(before, 0U);
}

// The sorted topics of `topics` that `filter` matches, by their numbers.
std::vector<std::size_t> matched_by_the_book(const std::string& filter, const Texts& topics) {
    std::vector<std::size_t> matched;
    for (std::size_t i = 0; i < topics.size(); ++i) {
        if (matches_by_the_book(filter, topics[i])) {
            matched.push_back(i);
        }
    }
    return matched;
}

// Topics one name richer than the filters tell '+' from every name, and '#' shows on the parent as well as below it:
// what holds for them holds for all topics.
TEST(Covers, IsTrueExactlyIfOneFilterMatchesEveryTopicOfTheOther) {
    const Texts topics = paths({"", "a", "b", "$", "$b"}, 4);
    const Texts filters = all_filters();
    std::vector<std::vector<std::size_t>> matched;
    for (const std::string& filter : filters) {
        matched.push_back(matched_by_the_book(filter, topics));
    }
    for (std::size_t i = 0; i < filters.size(); ++i) {
        for (std::size_t j = 0; j < filters.size(); ++j) {
            const bool all = std::includes(matched[i].begin(), matched[i].end(), matched[j].begin(), matched[j].end());
            ASSERT_EQ(covers(filters[i], filters[j]), all) << filters[i] << " and " << filters[j];
        }
    }
}

TEST(Covers, KnowsThatNoTopicIsEmpty) {
    EXPECT_TRUE(covers("+/#", "#"));
    EXPECT_TRUE(covers("/+/#", "/#"));
    EXPECT_FALSE(covers("+/+/#", "+/#"));
    EXPECT_FALSE(covers("#", "$SYS/#"));
}

TEST(Share, IsStripped) {
    EXPECT_EQ(without_share("ward/#"), "ward/#");
    EXPECT_EQ(without_share("$shared/a/b"), "$shared/a/b");
    EXPECT_EQ(without_share("$share/group/ward/#"), "ward/#");
    EXPECT_EQ(without_share("$share/group//x"), "/x");
}

TEST(Share, IsEmptyIfMalformed) {
    for (const std::string_view filter : {"$share", "$share/", "$share/group", "$share/group/", "$share//ward/#",
                                          "$share/+/ward", "$share/#", "$share/a#/ward"}) {
        EXPECT_EQ(without_share(filter), "") << filter;
    }
}

}  // namespace
}  // namespace reseal::policy
