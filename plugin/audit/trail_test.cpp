// SPDX-License-Identifier: Apache-2.0
// All lines stay in one chain: over files, restarts, crashes and a full disk.
#include "audit/trail.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "audit/test_trail.h"
#include "audit/verify.h"

namespace reseal::audit {
namespace {

class AuditTrail : public TrailTest {};

TEST_F(AuditTrail, WritesLinesThatVerify) {
    write(3);
    const Answer answer = verified();
    EXPECT_TRUE(answer.problems.empty()) << answer.problems.front();
    EXPECT_EQ(answer.lines, 3U);
    EXPECT_EQ(answer.last.number, 3U);
}

TEST_F(AuditTrail, IsReadableByItsOwnerOnly) {
    write(1);
    EXPECT_EQ(folder_.mode("audit"), 0700U);
    EXPECT_EQ(folder_.mode("mark"), 0600U);
    EXPECT_EQ(std::filesystem::status(files().front()).permissions(), std::filesystem::perms(0600));
}

TEST_F(AuditTrail, IsNotWrittenWhereOthersCouldRemoveIt) {
    write(1);
    folder_.mode("audit", 0770);
    const auto refused = Trail::open(settings_, key());
    ASSERT_FALSE(refused);
    EXPECT_EQ(
        refused.error().text(),
        settings_.folder + ": users other than its owner may remove files from it; chmod go-w " + settings_.folder);
}

TEST_F(AuditTrail, ContinuesInTheSameFileAfterAnOrderlyEnd) {
    write(2);
    write(2);
    EXPECT_EQ(files().size(), 1U);
    EXPECT_EQ(verified().last.number, 4U);
    EXPECT_TRUE(verified().problems.empty());
}

TEST_F(AuditTrail, BeginsANewFileWhenOneIsFull) {
    settings_.max_file = 1000;
    write(20);
    EXPECT_EQ(files().size(), 4U);
    for (const std::string& file : files()) {
        EXPECT_LT(std::filesystem::file_size(file), 1000 + line_most);
    }
    const Answer answer = verified();
    EXPECT_TRUE(answer.problems.empty()) << answer.problems.front();
    EXPECT_EQ(answer.lines, 20U);
}

TEST_F(AuditTrail, KeepsTheLatestFilesAndSaysWhatItRemoved) {
    settings_.max_file = 1000;
    settings_.keep = 3;
    write(40);
    EXPECT_EQ(files().size(), 3U);
    const Answer answer = verified();
    EXPECT_TRUE(answer.problems.empty()) << answer.problems.front();
    EXPECT_GT(answer.first, 10U);
}

TEST_F(AuditTrail, WarnsWhenItRemovesFilesYoungerThanTheRetentionPeriod) {
    settings_.max_file = 1000;
    settings_.keep = 3;
    Trail trail = opened();
    while (files().size() < 3) {
        ASSERT_TRUE(trail.append(record("event")));
    }
    EXPECT_FALSE(trail.take_shortage());
    for (int i = 0; i < 10; ++i) {
        ASSERT_TRUE(trail.append(record("event")));
    }
    EXPECT_EQ(trail.take_shortage(), 0U);
    EXPECT_FALSE(trail.take_shortage()) << "said once";
}

TEST_F(AuditTrail, SilentlyRemovesFilesOlderThanTheRetentionPeriod) {
    settings_.max_file = 1000;
    settings_.keep = 3;
    settings_.keep_days = 1;
    Trail trail = opened();
    while (files().size() < 3) {
        ASSERT_TRUE(trail.append(record("event")));
    }
    const std::string second = files()[1];
    const std::uint64_t number = *first_number(std::filesystem::path(second).filename().string());
    constexpr std::int64_t day = std::int64_t{24} * 3600 * 1000;
    std::filesystem::rename(second, settings_.folder + "/" + file_name(number, now() - day - 1000));
    while (files().size() == 3 && *first_number(std::filesystem::path(files()[0]).filename().string()) == 1) {
        ASSERT_TRUE(trail.append(record("event")));
    }
    EXPECT_FALSE(trail.take_shortage());
}

TEST_F(AuditTrail, ContinuesInANewFileWhenItsFileIsRemoved) {
    const std::vector<std::function<void(const std::string& file)>> ways = {
        [](const std::string& file) { std::filesystem::remove(file); },
        [](const std::string& file) { std::filesystem::rename(file, file + ".old"); },
        [](const std::string& file) { std::filesystem::resize_file(file, 0); },
        [](const std::string& file) { std::filesystem::resize_file(file, std::filesystem::file_size(file) - 1); },
    };
    for (const auto& way : ways) {
        Trail trail = opened();
        ASSERT_TRUE(trail.append(record("before")));
        EXPECT_FALSE(trail.look());
        const std::string taken = files().back();
        way(taken);
        const auto finding = trail.look();
        ASSERT_TRUE(finding);
        EXPECT_NE(finding->find(taken + " was removed, replaced or changed in size"), std::string::npos) << *finding;
        EXPECT_FALSE(trail.look()) << "said once";
        ASSERT_TRUE(trail.append(record("after")));
        ASSERT_TRUE(trail.sync());
        EXPECT_NE(files().back(), taken);
    }
    EXPECT_FALSE(verified().problems.empty()) << "what is missing is found, too";
}

TEST_F(AuditTrail, ContinuesWhenItsFolderIsRemoved) {
    Trail trail = opened();
    ASSERT_TRUE(trail.append(record("before")));
    std::filesystem::rename(settings_.folder, folder_ / "elsewhere");
    EXPECT_TRUE(trail.look());
    ASSERT_TRUE(trail.append(record("after")));
    EXPECT_EQ(files().size(), 1U);
}

TEST_F(AuditTrail, WritesItsMarkAgainWhenTheMarkIsRemoved) {
    Trail trail = opened();
    ASSERT_TRUE(trail.append(record("before")));
    ASSERT_TRUE(trail.sync());
    std::filesystem::remove(settings_.mark);
    const auto finding = trail.look();
    ASSERT_TRUE(finding);
    EXPECT_NE(finding->find(settings_.mark + " was removed or replaced"), std::string::npos) << *finding;
    EXPECT_FALSE(trail.look());
    EXPECT_EQ((*read_mark(settings_.mark))->number, 1U);
}

TEST_F(AuditTrail, ContinuesInANewFileAfterHalfALine) {
    write(3);
    std::ofstream(files().front(), std::ios::app) << R"({"seq":4,"time":"20)";
    Trail trail = opened();
    EXPECT_TRUE(trail.crashed());
    EXPECT_TRUE(trail.findings().empty());
    ASSERT_TRUE(trail.append(record("after")));
    EXPECT_EQ(files().size(), 2U);
    const Answer answer = verified();
    EXPECT_TRUE(answer.problems.empty()) << answer.problems.front();
    EXPECT_EQ(answer.lines, 4U);
    ASSERT_EQ(answer.notes.size(), 2U);
    EXPECT_NE(answer.notes.front().find("half a line"), std::string::npos);
}

TEST_F(AuditTrail, ContinuesAfterHalfOfItsVeryFirstLine) {
    std::filesystem::create_directory(settings_.folder);
    std::ofstream(settings_.folder + "/" + file_name(1, 0)) << R"({"seq":1,)";
    write(2);
    EXPECT_EQ(verified().lines, 2U);
    EXPECT_TRUE(verified().problems.empty());
}

TEST_F(AuditTrail, FindsThatItsEndWasCutOff) {
    write(5);
    rewrite([](std::vector<std::string>& lines) { lines.pop_back(); });
    Trail trail = opened();
    ASSERT_EQ(trail.findings().size(), 1U);
    EXPECT_NE(trail.findings().front().find("up to line 5 and ends with line 4"), std::string::npos);
    ASSERT_TRUE(trail.append(record("after")));
    const Answer answer = verified();
    ASSERT_EQ(answer.problems.size(), 1U);
    EXPECT_NE(answer.problems.front().find("line 5 is missing before this one"), std::string::npos);
}

TEST_F(AuditTrail, FindsThatItsLastLineWasChanged) {
    write(2);
    rewrite([](std::vector<std::string>& lines) { lines.back().replace(lines.back().find("event 1"), 7, "event X"); });
    EXPECT_EQ(opened().findings().size(), 2U);
}

TEST_F(AuditTrail, FindsThatTheWholeTrailIsGone) {
    write(5);
    std::filesystem::remove(files().front());
    EXPECT_EQ(opened().findings().size(), 1U);
}

TEST_F(AuditTrail, IsWrittenByOneProcessAtATime) {
    const Trail trail = opened();
    const auto second = Trail::open(settings_, key());
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().text().find("another broker writes this audit trail"), std::string::npos);
}

TEST_F(AuditTrail, ContinuesWhenTheDiskHasRoomAgain) {
    Trail trail = opened();
    ASSERT_TRUE(trail.append(record("before")));
    {
        const FullDisk full(std::filesystem::file_size(files().front()) + 10);
        const auto refused = trail.append(record("kept waiting"));
        ASSERT_FALSE(refused);
        EXPECT_NE(refused.error().text().find("there must be free space"), std::string::npos);
    }
    ASSERT_TRUE(trail.append(record("kept waiting")));
    const Answer answer = verified();
    EXPECT_TRUE(answer.problems.empty()) << answer.problems.front();
    EXPECT_EQ(answer.lines, 2U);
}

}  // namespace
}  // namespace reseal::audit
