// SPDX-License-Identifier: Apache-2.0
#include "state/delivery_journal.h"

#include <fstream>

#include "state/state_test_support.h"

namespace reseal::state {

namespace {

std::span<const std::uint8_t> bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

DeliveryJournal open(const TempFolder& folder) {
    auto out = DeliveryJournal::open(folder.path());
    EXPECT_TRUE(out) << out.error().text();
    return std::move(*out);
}

}  // namespace

TEST(DeliveryJournal, ReportsWhatADeadProcessHadHandedOver) {
    const TempFolder folder;
    {
        DeliveryJournal journal = open(folder);
        EXPECT_TRUE(journal.unfinished().empty());
        EXPECT_TRUE(journal.message("ward/pulse", bytes("sealed"), true));
        journal.recipient("nurse", 1);
        journal.recipient("monitor", 2);
        journal.fanout_over();
        EXPECT_TRUE(journal.message("ward/empty", {}, false));
    }
    DeliveryJournal journal = open(folder);
    ASSERT_EQ(journal.unfinished().size(), 2U);
    const DeliveryJournal::Message& first = journal.unfinished().front();
    EXPECT_EQ(first.topic, "ward/pulse");
    EXPECT_EQ(std::string(first.payload.begin(), first.payload.end()), "sealed");
    EXPECT_TRUE(first.retain);
    EXPECT_TRUE(first.whole);
    ASSERT_EQ(first.recipients.size(), 2U);
    EXPECT_EQ(first.recipients[0].client_id, "nurse");
    EXPECT_EQ(first.recipients[1].qos, 2);
    EXPECT_TRUE(journal.unfinished().back().payload.empty());
    EXPECT_FALSE(journal.unfinished().back().whole) << "its fan-out was not over";
}

TEST(DeliveryJournal, HoldsNothingOnceTheRoundIsOver) {
    const TempFolder folder;
    {
        DeliveryJournal journal = open(folder);
        journal.message("ward/pulse", bytes("sealed"), false);
        journal.recipient("nurse", 1);
        journal.clear();
        journal.recipient("monitor", 1);  // no longer belongs to a message
    }
    EXPECT_TRUE(open(folder).unfinished().empty());
}

TEST(DeliveryJournal, ReportsItOnce) {
    const TempFolder folder;
    open(folder).message("ward/pulse", bytes("sealed"), false);
    EXPECT_EQ(open(folder).unfinished().size(), 1U);
    EXPECT_TRUE(open(folder).unfinished().empty());
}

TEST(DeliveryJournal, GrowsWithALargeFanOut) {
    const TempFolder folder;
    const std::string large(60000, 'x');
    {
        DeliveryJournal journal = open(folder);
        for (int i = 0; i < 100; ++i) {
            EXPECT_TRUE(journal.message("ward/pulse", bytes(large), false));
            journal.recipient("nurse", 1);
        }
    }
    DeliveryJournal journal = open(folder);
    ASSERT_EQ(journal.unfinished().size(), 100U);
    EXPECT_EQ(journal.unfinished().back().payload.size(), large.size());
    EXPECT_EQ(journal.unfinished().back().recipients.size(), 1U);
}

TEST(DeliveryJournal, SurvivesTheDeathOfTheProcessAtAnyMoment) {
    const TempFolder folder;
    const std::vector<int> reported = killed_after<int>(500, [&](const std::function<void(int)>& report) {
        auto journal = DeliveryJournal::open(folder.path());
        for (int i = 0;; ++i) {
            journal->message("ward/pulse", bytes(std::to_string(i)), false);
            journal->recipient("nurse", 1);
            report(i);
        }
    });
    DeliveryJournal journal = open(folder);
    ASSERT_GE(journal.unfinished().size(), reported.size());
    for (std::size_t i = 0; i < reported.size(); ++i) {
        const auto& payload = journal.unfinished()[i].payload;
        EXPECT_EQ(std::string(payload.begin(), payload.end()), std::to_string(i));
        EXPECT_EQ(journal.unfinished()[i].recipients.size(), 1U);
    }
}

TEST(DeliveryJournal, ReadsNothingBeyondADamagedEntry) {
    const TempFolder folder;
    {
        DeliveryJournal journal = open(folder);
        journal.message("ward/pulse", bytes("sealed"), false);
        journal.message("ward/pulse", bytes("second"), false);
    }
    std::fstream file(folder.path() + "/handed-over", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(16 + 8 + 10 + 6);  // the head of the second entry
    file.write("\xff\xff\xff\xff\xff\xff\xff\xff", 8);
    file.close();
    EXPECT_EQ(open(folder).unfinished().size(), 1U);
}

TEST(DeliveryJournal, IsMadeAgainWhenItIsRemoved) {
    const TempFolder folder;
    const std::string path = folder.path() + "/handed-over";
    {
        DeliveryJournal journal = open(folder);
        EXPECT_FALSE(journal.look());
        std::filesystem::resize_file(path, 0);
        EXPECT_TRUE(journal.look());
        EXPECT_FALSE(journal.look());
        std::filesystem::remove(path);
        journal.message("ward/pulse", bytes("sealed"), false);
        EXPECT_FALSE(journal.look()) << "something is in it";
        journal.clear();
        EXPECT_TRUE(journal.look());
        journal.message("ward/pulse", bytes("sealed"), false);
        journal.recipient("nurse", 1);
    }
    EXPECT_EQ(open(folder).unfinished().size(), 1U);
}

TEST(DeliveryJournal, IsNotWrittenToSomebodyElsesFile) {
    const TempFolder folder;
    std::ofstream(folder.path() + "/handed-over") << "something that is not ours";
    const auto opened = DeliveryJournal::open(folder.path());
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().text().find("is not a file that this program writes"), std::string::npos);
}

}  // namespace reseal::state
