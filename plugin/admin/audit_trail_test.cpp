// SPDX-License-Identifier: Apache-2.0
// audit verify and audit show, as an administrator calls them.
#include <gtest/gtest.h>

#include <fstream>

#include "admin/program.h"
#include "audit/trail.h"
#include "keyring/seal.h"

namespace reseal::admin {
namespace {

namespace fs = std::filesystem;

class AuditTest : public ProgramTest {
  protected:
    AuditTest() {
        make_site();
        auto trail = opened();
        for (const char* reason : {"replay", "bad_tag", "replay"}) {
            audit::Record record;
            record.event = audit::Event::refused;
            record.time = 1'769'860'800'000 + (reason[0] == 'b' ? 3'600'000 : 0);
            record.principal = reason[0] == 'b' ? "pico2" : "pico1";
            record.topic = "ward/\x1b[2J";
            record.reason = reason;
            EXPECT_TRUE(trail.append(record));
        }
        EXPECT_TRUE(trail.sync());
        file_ = audit::trail_files(site + "/audit")->front();
    }

    [[nodiscard]] audit::Trail opened() const {
        const auto master_key = keyring::read_master_key(site + "/master.key");
        auto trail = audit::Trail::open({.folder = site + "/audit", .mark = audit::mark_path(site + "/state")},
                                        audit::derive_key(*master_key));
        EXPECT_TRUE(trail) << trail.error().text();
        return std::move(*trail);
    }

    void change() const {
        std::string text = temp.read(fs::relative(file_, temp.path()));
        text.replace(text.find("pico2"), 5, "pico3");
        std::ofstream(file_) << text;
    }

    std::string file_;
};

TEST_F(AuditTest, VerifySaysInOneLineThatNothingIsWrong) {
    for (const std::string& arguments : {std::string("audit verify"), "audit verify " + site + "/audit",
                                         "audit verify " + file_, "audit verify --no-key " + file_}) {
        const Outcome outcome = run(arguments);
        EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
        EXPECT_TRUE(contains(outcome.out, "OK: lines 1 to 3 in 1 file, ")) << outcome.out;
        EXPECT_TRUE(contains(outcome.err, "note: the last line is not an orderly stop"));
    }
}

TEST_F(AuditTest, VerifyNamesFileAndLineOfAChange) {
    change();
    const Outcome outcome = run("audit verify");
    EXPECT_EQ(outcome.code, 1);
    EXPECT_EQ(outcome.out, file_ + ":2: line 2 was changed, or not written by a broker with this site's master key\n");
    EXPECT_EQ(run("audit verify --no-key").code, 1);
}

TEST_F(AuditTest, VerifyFindsThatTheWholeTrailIsGone) {
    fs::remove(file_);
    const Outcome outcome = run("audit verify");
    EXPECT_EQ(outcome.code, 1);
    EXPECT_TRUE(contains(outcome.out, "lines 1 to 3 are missing at the end")) << outcome.out;
}

TEST_F(AuditTest, VerifyReadsAnArchiveTogetherWithTheSitesFolder) {
    const std::string archive = temp / "archive";
    fs::create_directory(archive);
    fs::rename(file_, archive + "/" + fs::path(file_).filename().string());
    audit::Record record;
    ASSERT_TRUE(opened().append(record));
    EXPECT_EQ(run("audit verify").code, 1) << "lines are missing at the front";
    const Outcome outcome = run("audit verify " + archive + " " + site + "/audit");
    EXPECT_EQ(outcome.code, 0) << outcome.out;
    EXPECT_TRUE(contains(outcome.out, "OK: lines 1 to 4 in 2 files")) << outcome.out;
}

// Whoever fills the trail pushes older lines out. That is not OK.
TEST_F(AuditTest, VerifyAndCheckReportATrailThatDoesNotReachBackFarEnough) {
    const auto master_key = keyring::read_master_key(site + "/master.key");
    auto trail = audit::Trail::open(
        {.folder = site + "/audit", .mark = audit::mark_path(site + "/state"), .max_file = 4096, .keep = 2},
        audit::derive_key(*master_key));
    ASSERT_TRUE(trail);
    audit::Record record;
    record.time = audit::now();
    for (int i = 0; i < 100; ++i) {
        ASSERT_TRUE(trail->append(record));
    }
    ASSERT_TRUE(trail->sync());
    const Outcome outcome = run("audit verify");
    EXPECT_EQ(outcome.code, 1);
    EXPECT_TRUE(contains(outcome.out, ", less than audit.keep_days: `keep` has removed what came before"))
        << outcome.out;
    EXPECT_FALSE(contains(run("check").out, "audit.keep")) << "there is room for more files by now";
    std::string text = temp.read(fs::relative(site + "/reseal.yaml", temp.path()));
    text.replace(text.find("keep: 100"), 9, "keep: 2");
    std::ofstream(site + "/reseal.yaml") << text;
    EXPECT_TRUE(contains(run("check").out, "audit.keep: the audit trail reaches back only to 20")) << run("check").out;
}

TEST_F(AuditTest, VerifyExitsWith2WhenItCannotDecide) {
    EXPECT_EQ(run("audit verify " + file_ + ".missing").code, 2);
    EXPECT_EQ(run("audit verify " + site + "/state").code, 2);
    EXPECT_EQ(run("audit").code, 2);
    fs::remove(site + "/master.key");
    EXPECT_EQ(run("audit verify").code, 2);
    EXPECT_EQ(run("audit verify --no-key").code, 0);
}

TEST_F(AuditTest, ShowRejectsUnknownQueries) {
    expect_failure("audit show --event refusd", "--event: 'refusd' is not known; did you mean 'refused'?");
    expect_failure("audit show --event x", "--event: 'x' is not known; one of started, stopped, connected");
    expect_failure("audit show --reason bad_tags", "--reason: 'bad_tags' is not known; did you mean 'bad_tag'?");
    expect_failure("audit show --reason none", "--reason: 'none' is not known; one of no_certificate");
    expect_failure("audit show --principal 'a b'", "--principal: 'a b' is not a valid principal name");
    expect_failure("audit show --since yesterday", "--since: 'yesterday' is not a time; UTC, such as 2026-01-31");
    expect_failure("audit show no-such-file", "no-such-file: there is no such file");
}

TEST_F(AuditTest, ShowSelectsTheRequestedLines) {
    const auto lines = [this](const std::string& arguments) {
        const std::string out = run("audit show " + arguments).out;
        return std::count(out.begin(), out.end(), '\n');
    };
    EXPECT_EQ(lines(""), 3);
    EXPECT_EQ(lines("--principal pico1"), 2);
    EXPECT_EQ(lines("--principal pico2 --reason replay"), 0);
    EXPECT_EQ(lines("--reason bad_tag"), 1);
    EXPECT_EQ(lines("--event connected"), 0);
    EXPECT_EQ(lines("--since 2026-01-31T12:30"), 1);
    EXPECT_EQ(run("audit show --reason bad_tag").out,
              R"({"seq":2,"time":"2026-01-31T13:00:00.000Z","event":"refused","reason":"bad_tag","principal":"pico2",)"
              R"("topic":"ward/\u001b[2J"})"
              "\n");
}

}  // namespace
}  // namespace reseal::admin
