// SPDX-License-Identifier: Apache-2.0
// Tampering with an audit trail is found, and its place.
#include "audit/verify.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "audit/test_trail.h"

namespace reseal::audit {
namespace {

class AuditVerify : public TrailTest {
  protected:
    AuditVerify() {
        settings_.max_file = 1500;
        write(20);
    }

    // Expects exactly one problem, with or without the key.
    void expect(const std::string& place, const std::string& problem, bool with_key = true) const {
        const Answer answer = verified(with_key);
        ASSERT_EQ(answer.problems.size(), 1U) << testing::PrintToString(answer.problems);
        EXPECT_NE(answer.problems.front().find(place), std::string::npos) << answer.problems.front();
        EXPECT_NE(answer.problems.front().find(problem), std::string::npos) << answer.problems.front();
    }
    void expect_both(const std::string& place, const std::string& problem) const {
        expect(place, problem, true);
        expect(place, problem, false);
    }
};

TEST_F(AuditVerify, FindsNothingInWhatWasWritten) {
    ASSERT_EQ(files().size(), 3U);
    ASSERT_GT(lines(1).size(), 3U);
    EXPECT_TRUE(verified().problems.empty());
    EXPECT_TRUE(verified(false).problems.empty());
    EXPECT_TRUE(verified(true, true).problems.empty());
}

TEST_F(AuditVerify, FindsARemovedLine) {
    rewrite([](auto& lines) { lines.erase(lines.begin() + 1); }, 1);
    expect_both(files()[1] + ":2: ", "is missing before this one");
}

TEST_F(AuditVerify, FindsAChangedLine) {
    rewrite([](auto& lines) { lines[1].replace(lines[1].find("event"), 5, "evenT"); }, 1);
    expect(files()[1] + ":2: ", "was changed");
    expect(files()[1] + ":3: ", "does not continue the one before it", false);
}

TEST_F(AuditVerify, FindsAMalformedLine) {
    rewrite([](auto& lines) { lines.insert(lines.begin() + 1, "# a remark"); }, 1);
    expect_both(files()[1] + ":2: ", "not a line of an audit trail");
}

TEST_F(AuditVerify, FindsARepeatedLine) {
    rewrite([](auto& lines) { lines.insert(lines.begin() + 2, lines[1]); }, 1);
    expect_both(files()[1] + ":3: ", "inserted, repeated or moved");
}

TEST_F(AuditVerify, FindsSwappedLines) {
    rewrite([](auto& lines) { std::swap(lines[1], lines[2]); }, 1);
    for (const bool with_key : {true, false}) {
        const Answer answer = verified(with_key);
        ASSERT_EQ(answer.problems.size(), 2U);
        EXPECT_NE(answer.problems[0].find(":2: line"), std::string::npos);
        EXPECT_NE(answer.problems[1].find("inserted, repeated or moved"), std::string::npos);
    }
}

TEST_F(AuditVerify, FindsAMissingFileInTheMiddle) {
    std::filesystem::remove(files()[1]);
    expect_both(files()[1] + ":1: ", "are missing before this one");
}

TEST_F(AuditVerify, FindsAMissingFirstFile) {
    std::filesystem::remove(files()[0]);
    expect_both(files()[0] + ":1: ", "does not say that `keep` removed them");
}

TEST_F(AuditVerify, FindsATruncatedEndByTheMarkAlone) {
    rewrite([](auto& lines) { lines.pop_back(); }, files().size() - 1);
    EXPECT_TRUE(verified().problems.empty());
    const Answer answer = verified(true, true);
    ASSERT_EQ(answer.problems.size(), 1U);
    EXPECT_NE(answer.problems.front().find("line 20 is missing at the end"), std::string::npos);
}

// Whoever has no key can still make a chain with valid hashes.
TEST_F(AuditVerify, FindsARewrittenChainByItsMacs) {
    for (const std::string& file : files()) {
        std::filesystem::remove(file);
    }
    std::filesystem::remove(settings_.mark);
    auto forged = Trail::open(settings_, key(2));
    ASSERT_TRUE(forged);
    ASSERT_TRUE(forged->append(record("all was well")));
    EXPECT_TRUE(verified(false).problems.empty());
    EXPECT_EQ(verified(true).problems.size(), 1U);
}

TEST_F(AuditVerify, SaysWhetherTheEndWasOrderly) {
    EXPECT_EQ(verified().notes.size(), 1U);
    Trail trail = opened();
    Record stopped;
    stopped.event = Event::stopped;
    ASSERT_TRUE(trail.append(stopped));
    EXPECT_TRUE(verified().notes.empty());
}

TEST_F(AuditVerify, IsNotMisledByTextFromOutside) {
    Trail trail = opened();
    ASSERT_TRUE(trail.append(record(R"(","event":"removed","through":999)")));
    std::filesystem::remove(files()[0]);
    expect_both(files()[0] + ":1: ", "does not say that `keep` removed them");
}

// The lines are from 1970. The caller says how far back they must reach.
TEST_F(AuditVerify, FindsThatTheTrailDoesNotReachBackFarEnough) {
    settings_.keep = 2;
    write(20);
    EXPECT_TRUE(verified().problems.empty());
    const auto reaches_back_to = [this](std::int64_t time) {
        return verify({.files = files(), .from_beginning = true, .keep_from = time})->problems;
    };
    EXPECT_TRUE(reaches_back_to(0).empty());
    const auto problems = reaches_back_to(-1);
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems[0], files()[0] +
                               ":1: the trail reaches back only to 1970-01-01T00:00:00.000Z, less than "
                               "audit.keep_days: `keep` has removed what came before");
}

TEST_F(AuditVerify, AcceptsAShortTrailOfASiteThatHasRemovedNothing) {
    EXPECT_TRUE(verify({.files = files(), .from_beginning = true, .keep_from = -1})->problems.empty());
}

}  // namespace
}  // namespace reseal::audit
