// SPDX-License-Identifier: Apache-2.0
// What is logged is counted, audited and, where it looks like an attack, raised as an alert.
#include "observe/watch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <optional>

#include <nlohmann/json.hpp>

#include "audit/folder.h"
#include "audit/test_trail.h"
#include "base/temp_folder.h"

namespace reseal::observe {
namespace {

class WatchTest : public testing::Test {
  protected:
    static audit::Trail trail(const TempFolder& folder) {
        auto out = audit::Trail::open({.folder = folder / "audit", .mark = folder / "mark"}, audit::Key());
        EXPECT_TRUE(out);
        return std::move(*out);
    }

    void refuse(Refusal reason, int times = 1, std::string_view principal = "pico") {
        for (int i = 0; i < times; ++i) {
            watch_->refused({.action = "publish",
                             .principal = principal,
                             .client_id = "pico/1",
                             .topic = "ward/pico/pulse",
                             .reason = reason,
                             .certificate = certificate_,
                             .rule = "acl.yaml:3"});
        }
    }
    void forge(const std::string& address, const std::string& name) {
        watch_->refused({.action = "connect",
                         .principal = name,
                         .client_id = name,
                         .reason = Refusal::bad_tag,
                         .address = address,
                         .proven = false});
    }
    void pass(std::chrono::seconds time) { watch_->tick(now_ += time); }

    // The lines of the audit trail, which ends with this.
    std::vector<nlohmann::json> audited() {
        watch_.reset();
        writer_.reset();
        std::vector<nlohmann::json> out;
        const auto files = audit::trail_files(folder_ / "audit");
        for (const std::string& file : *files) {
            std::ifstream stream(file);
            for (std::string line; std::getline(stream, line);) {
                out.push_back(nlohmann::json::parse(line));
            }
        }
        return out;
    }

    std::size_t logged(const std::string& part) const {
        return static_cast<std::size_t>(
            std::ranges::count_if(log_, [&](const std::string& line) { return line.find(part) != std::string::npos; }));
    }

    TempFolder folder_;
    std::vector<std::string> log_;
    std::vector<std::uint8_t> certificate_ = std::vector<std::uint8_t>(32, 0xab);
    Metrics metrics_;
    std::optional<audit::Writer> writer_{std::in_place, trail(folder_)};
    Watch::Clock::time_point now_ = Watch::Clock::now();
    std::optional<Watch> watch_{std::in_place, [this](Level, const std::string& line) { log_.push_back(line); },
                                metrics_, &*writer_, now_};
};

TEST_F(WatchTest, WritesARefusalToTheAuditTrailWithEverythingKnown) {
    refuse(Refusal::publish_not_allowed);
    const auto line = audited().at(0);
    EXPECT_EQ(line.at("event"), "refused");
    EXPECT_EQ(line.at("action"), "publish");
    EXPECT_EQ(line.at("reason"), "publish_not_allowed");
    EXPECT_EQ(line.at("principal"), "pico");
    EXPECT_EQ(line.at("client"), "pico/1");
    EXPECT_EQ(line.at("topic"), "ward/pico/pulse");
    EXPECT_EQ(line.at("rule"), "acl.yaml:3");
    EXPECT_EQ(line.at("certificate").get<std::string>().substr(0, 4), "abab");
}

TEST_F(WatchTest, WritesOtherEventsToo) {
    watch_->happened({.event = audit::Event::connected, .principal = "pico", .address = "192.0.2.1"});
    watch_->refused({.action = "session", .principal = "pico", .reason = Refusal::principal_revoked});
    const auto lines = audited();
    EXPECT_EQ(lines.at(0).at("event"), "connected");
    EXPECT_EQ(lines.at(0).at("address"), "192.0.2.1");
    EXPECT_EQ(lines.at(1).at("event"), "disconnected");
    EXPECT_EQ(lines.at(1).at("reason"), "principal_revoked");
}

TEST_F(WatchTest, CountsEveryRefusalAndReportsRepeatsOncePerInterval) {
    refuse(Refusal::malformed, 1000);
    EXPECT_EQ(metrics_.refused.at(static_cast<std::size_t>(Refusal::malformed)).get(), 1000U);
    pass(std::chrono::seconds(59));
    EXPECT_TRUE(log_.empty()) << "the line of the first one is Log's";
    pass(std::chrono::seconds(1));
    EXPECT_EQ(logged("refused publish, 999 more: reason=malformed principal=\"pico\" topic=\"ward/pico/pulse\""), 1U);
    const auto lines = audited();
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_FALSE(lines[0].contains("count"));
    EXPECT_EQ(lines[1].at("count"), 999);
}

TEST_F(WatchTest, RaisesAnAlertWhenMessagesAreTamperedWith) {
    refuse(Refusal::bad_tag, Watch::tampering_from - 1);
    EXPECT_TRUE(watch_->take_alerts().empty());
    refuse(Refusal::bad_tag);
    const auto alerts = watch_->take_alerts();
    ASSERT_EQ(alerts.size(), 1U);
    const auto alert = nlohmann::json::parse(alerts[0]);
    EXPECT_EQ(alert.at("alert"), "tampering");
    EXPECT_EQ(alert.at("principal"), "pico");
    EXPECT_TRUE(alert.contains("time"));
    EXPECT_EQ(logged("alert tampering: 5 refusals within a minute"), 1U);
    EXPECT_EQ(metrics_.alerts.at(0).get(), 1U);
    EXPECT_EQ(audited().back().at("reason"), "tampering");
}

TEST_F(WatchTest, RaisesAnAlertAtOnceWhenACertificateComesWithoutItsKey) {
    const auto refuse_connect = [this](Refusal reason, std::string_view principal, bool certificate) {
        watch_->refused({.action = "connect",
                         .principal = principal,
                         .client_id = principal,
                         .topic = {},
                         .reason = reason,
                         .address = "192.0.2.7",
                         .proven = certificate});
        return logged("its certificate was shown from \"192.0.2.7\" without the principal's key");
    };
    EXPECT_EQ(refuse_connect(Refusal::bad_connect_proof, "pico", false), 0U);
    EXPECT_EQ(refuse_connect(Refusal::replay, "pico", true), 0U) << "its own, sent again";
    EXPECT_EQ(refuse_connect(Refusal::key_not_proven, "pico", true), 1U);
    EXPECT_EQ(refuse_connect(Refusal::bad_tag, "nurse", true), 2U);
    EXPECT_EQ(refuse_connect(Refusal::unknown_key, "clinician", true), 3U);
}

TEST_F(WatchTest, RaisesAnAlertForABurstOfReplaysButNotAFewRetransmissions) {
    refuse(Refusal::replay, Watch::replays_from - 1);
    EXPECT_TRUE(watch_->take_alerts().empty());
    refuse(Refusal::replay);
    EXPECT_EQ(watch_->take_alerts().size(), 1U);
}

TEST_F(WatchTest, CountsAttacksPerPrincipalAndInterval) {
    refuse(Refusal::bad_tag, 3, "pico");
    refuse(Refusal::bad_tag, 3, "pump");
    pass(std::chrono::seconds(60));
    refuse(Refusal::bad_tag, 3, "pico");
    EXPECT_TRUE(watch_->take_alerts().empty());
}

TEST_F(WatchTest, RaisesTheSameAlertOncePerInterval) {
    refuse(Refusal::bad_tag, 100);
    watch_->alert(Alert::reload_failed, {}, "a");
    watch_->alert(Alert::reload_failed, {}, "a");
    EXPECT_EQ(watch_->take_alerts().size(), 2U);
    pass(std::chrono::seconds(60));
    watch_->alert(Alert::reload_failed, {}, "a");
    EXPECT_EQ(watch_->take_alerts().size(), 1U);
}

TEST_F(WatchTest, RaisesTheSameKindOfAlertAgainForAnotherCause) {
    watch_->alert(Alert::reload_failed, {}, "acl.yaml:3: a");
    watch_->alert(Alert::reload_failed, {}, "acl.yaml:4: b");
    EXPECT_EQ(watch_->take_alerts().size(), 2U);
}

TEST_F(WatchTest, RaisesAMachineAlertHoweverManyPrincipalsAreAttacked) {
    for (int i = 0; i < 5000; ++i) {
        refuse(Refusal::bad_tag, Watch::tampering_from, "pico" + std::to_string(i));
    }
    EXPECT_LT(watch_->take_alerts().size(), 5000U);
    watch_->alert(Alert::registry_unreadable, {}, "registry.db: a");
    EXPECT_EQ(watch_->take_alerts().size(), 1U);
}

// What 4,200 forged proofs from as many addresses did once: the table of attackers was full.
TEST_F(WatchTest, RaisesAnAlertAboutAPrincipalHoweverManyStrangersForge) {
    for (int i = 0; i < 5000; ++i) {
        forge("192.0.2." + std::to_string(i), "pump");
    }
    (void)watch_->take_alerts();
    refuse(Refusal::bad_tag, Watch::tampering_from, "pico");
    const auto alerts = watch_->take_alerts();
    ASSERT_EQ(alerts.size(), 1U);
    EXPECT_EQ(nlohmann::json::parse(alerts[0]).at("principal"), "pico");
}

TEST_F(WatchTest, RaisesAnAlertAboutAForgerHoweverManyStrangersForge) {
    for (int i = 0; i < 5000; ++i) {
        forge("192.0.2." + std::to_string(i), "pump");
    }
    EXPECT_GE(watch_->take_alerts().size(), 1U) << "none of them alone forges often enough";
    for (std::uint32_t i = 0; i < Watch::tampering_from; ++i) {
        forge("198.51.100.1", "pico");
    }
    const auto alerts = watch_->take_alerts();
    ASSERT_EQ(alerts.size(), 1U);
    EXPECT_NE(alerts[0].find("in the name of \\\"pico\\\""), std::string::npos) << alerts[0];
}

TEST_F(WatchTest, RaisesFewAlertsAboutStrangersWhateverNamesTheyTake) {
    for (int i = 0; i < 1000; ++i) {
        forge("192.0.2.1", "pico" + std::to_string(i));
        for (std::uint32_t again = 0; again < Watch::tampering_from; ++again) {
            forge("192.0.2." + std::to_string(i), "pico" + std::to_string(i));
        }
    }
    EXPECT_LE(watch_->take_alerts().size(), Watch::claims_most + 1);
}

// One client that connects over and over wrote the whole history of a site in less than an hour.
TEST_F(WatchTest, BoundsTheLinesAboutOnePrincipalAndCountsTheRest) {
    for (int i = 0; i < 1000; ++i) {
        watch_->happened({.event = audit::Event::connected, .principal = "pico", .address = "192.0.2.1"});
    }
    watch_->happened({.event = audit::Event::connected, .principal = "pump"});
    watch_->happened({.event = audit::Event::reloaded, .detail = "acl.yaml"});
    pass(std::chrono::seconds(60));
    EXPECT_EQ(metrics_.audit_omitted.get(), 760U);
    EXPECT_EQ(logged("alert over_budget: 760 events have no line of their own in the audit trail "
                     "(budgets.principal.audit_lines): connected 760 principal=\"pico\""),
              1U);
    const auto lines = audited();
    ASSERT_GE(lines.size(), 243U);
    EXPECT_LE(lines.size(), 245U);
    EXPECT_EQ(lines.at(240).at("principal"), "pump");
    EXPECT_EQ(lines.at(241).at("event"), "reloaded");
    EXPECT_EQ(lines.at(242).at("event"), "omitted");
    EXPECT_EQ(lines.at(242).at("principal"), "pico");
    EXPECT_EQ(lines.at(242).at("count"), 760);
    EXPECT_EQ(lines.at(242).at("detail"), "connected 760");
}

TEST_F(WatchTest, WritesAnAlertAboutAPrincipalThatUsedUpItsLines) {
    for (int i = 0; i < 1000; ++i) {
        watch_->happened({.event = audit::Event::connected, .principal = "pico"});
    }
    refuse(Refusal::bad_tag, Watch::tampering_from);
    EXPECT_EQ(audited().back().at("reason"), "tampering");
}

TEST_F(WatchTest, WritesAsManyLinesAsTheBudgetAllows) {
    budget::Limits limits;
    limits.principal.audit_lines = 1;
    watch_->set_budgets(limits);
    for (int i = 0; i < 100; ++i) {
        watch_->happened({.event = audit::Event::connected, .principal = "pico"});
    }
    pass(std::chrono::seconds(60));
    EXPECT_EQ(audited().at(60).at("event"), "omitted");
}

TEST_F(WatchTest, RaisesAnAlertWhenABudgetIsExceeded) {
    refuse(Refusal::over_budget_messages, 100);
    const auto alerts = watch_->take_alerts();
    ASSERT_EQ(alerts.size(), 1U);
    EXPECT_EQ(nlohmann::json::parse(alerts[0]).at("alert"), "over_budget");
    EXPECT_EQ(nlohmann::json::parse(alerts[0]).at("principal"), "pico");
    refuse(Refusal::over_budget_messages, 100, "pump");
    EXPECT_EQ(watch_->take_alerts().size(), 1U) << "each principal has an alert of its own";
}

TEST_F(WatchTest, EscapesTopicsThatWouldForgeTheLog) {
    for (std::uint32_t i = 0; i < Watch::tampering_from; ++i) {
        watch_->refused(
            {.action = "publish", .principal = "pico", .topic = "a\nreseal: b", .reason = Refusal::bad_tag});
    }
    EXPECT_EQ(logged("\n"), 0U);
    EXPECT_EQ(nlohmann::json::parse(watch_->take_alerts().at(0)).at("alert"), "tampering");
}

TEST_F(WatchTest, RaisesAnAlertWhenTheAuditTrailDropsRecords) {
    watch_.reset();
    writer_.reset();
    writer_.emplace(trail(folder_), 2);
    watch_.emplace([this](Level, const std::string& line) { log_.push_back(line); }, metrics_, &*writer_, now_);
    while (writer_->dropped() == 0) {
        watch_->happened({.event = audit::Event::connected});
    }
    pass(std::chrono::seconds(1));
    EXPECT_EQ(nlohmann::json::parse(watch_->take_alerts().at(0)).at("alert"), "audit_dropped");
    EXPECT_GT(metrics_.audit_dropped.get(), 0U);
}

TEST_F(WatchTest, RaisesAnAlertWhenTheAuditTrailIsPushedOutTooEarly) {
    watch_.reset();
    writer_.reset();
    auto small = audit::Trail::open(
        {.folder = folder_ / "audit", .mark = folder_ / "mark", .max_file = 4096, .keep = 2}, audit::Key());
    ASSERT_TRUE(small);
    writer_.emplace(std::move(*small));
    watch_.emplace([this](Level, const std::string& line) { log_.push_back(line); }, metrics_, &*writer_, now_);
    for (int i = 0; i < 100; ++i) {
        watch_->happened({.event = audit::Event::reloaded});
    }
    ASSERT_TRUE(audit::eventually([&] { return writer_->written() >= 100; }));
    pass(std::chrono::seconds(1));
    EXPECT_EQ(logged("alert audit_short: the audit trail reaches back 0 days and 0 hours, less than audit.keep_days"),
              1U);
}

TEST_F(WatchTest, RaisesAnAlertWhileTheAuditTrailCannotBeWritten) {
    watch_->happened({.event = audit::Event::connected});
    ASSERT_TRUE(audit::eventually([&] { return writer_->written() == 1; }));
    {
        const auto files = audit::trail_files(folder_ / "audit");
        const audit::FullDisk full(std::filesystem::file_size(files->front()), writer_->process());
        watch_->happened({.event = audit::Event::connected});
        ASSERT_TRUE(audit::eventually([&] { return writer_->failing(); }));
        pass(std::chrono::seconds(1));
    }
    EXPECT_EQ(metrics_.audit_failing.get(), 1U);
    EXPECT_EQ(nlohmann::json::parse(watch_->take_alerts().at(0)).at("alert"), "audit_failing");
    ASSERT_TRUE(audit::eventually([&] { return !writer_->failing(); }));
    pass(std::chrono::seconds(1));
    EXPECT_EQ(metrics_.audit_failing.get(), 0U);
    EXPECT_EQ(logged("the audit trail can be written again"), 1U);
}

TEST_F(WatchTest, RaisesAnAlertWhenTheAuditProcessEndsOnAFullDisk) {
    watch_->happened({.event = audit::Event::connected});
    ASSERT_TRUE(audit::eventually([&] { return writer_->written() == 1; }));
    const auto files = audit::trail_files(folder_ / "audit");
    const audit::FullDisk full(std::filesystem::file_size(files->front()), writer_->process());
    watch_->happened({.event = audit::Event::connected});
    ASSERT_TRUE(audit::eventually([&] { return writer_->failing(); }));
    pass(std::chrono::seconds(1));
    ASSERT_EQ(watch_->take_alerts().size(), 1U);

    ASSERT_EQ(::kill(writer_->process(), SIGKILL), 0);
    ASSERT_TRUE(audit::eventually([&] {
        pass(std::chrono::seconds(1));
        return logged("alert audit_failing") == 2;
    }));
    EXPECT_EQ(logged("the process that writes it has ended; restart the broker"), 1U);
}

TEST_F(WatchTest, WorksWithoutAnAuditTrail) {
    Watch bare([this](Level, const std::string& line) { log_.push_back(line); }, metrics_, nullptr, now_);
    bare.happened({.event = audit::Event::connected});
    EXPECT_TRUE(bare.refused({.action = "publish", .principal = "pico", .reason = Refusal::replay}));
    bare.alert(Alert::crl_stale, {}, "the list of ca.crl was to be renewed on 2026-01-31");
    bare.tick(now_);
    EXPECT_EQ(logged("alert crl_stale: the list of ca.crl"), 1U);
}

}  // namespace
}  // namespace reseal::observe
