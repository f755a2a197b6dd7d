// SPDX-License-Identifier: Apache-2.0
// The broker hands over records and goes on, whatever the disk does. They are written, whatever the broker does.
#include "audit/writer.h"

#include <gtest/gtest.h>

#include <sys/wait.h>

#include <csignal>
#include <filesystem>
#include <iterator>
#include <set>

#include <nlohmann/json.hpp>

#include "audit/test_trail.h"

namespace reseal::audit {
namespace {

class AuditWriter : public TrailTest {
  protected:
    // The sum of `count` over all lines of this event.
    [[nodiscard]] std::uint64_t counted(const std::string& event) const {
        std::uint64_t out = 0;
        for (std::size_t file = 0; file < files().size(); ++file) {
            for (const std::string& line : lines(file)) {
                const auto json = nlohmann::json::parse(line);
                out += json.at("event") == event ? json.value("count", std::uint64_t{1}) : 0;
            }
        }
        return out;
    }

    // The names of the files that a process has open.
    static std::multiset<std::string> descriptors(const std::string& process) {
        std::multiset<std::string> out;
        for (const auto& each : std::filesystem::directory_iterator("/proc/" + process + "/fd")) {
            std::error_code gone;
            out.insert(std::filesystem::read_symlink(each, gone));
        }
        return out;
    }
};

TEST_F(AuditWriter, WritesWhatIsQueuedBeforeItEnds) {
    {
        Writer writer(opened());
        for (int i = 0; i < 1000; ++i) {
            writer.put(record("event"));
        }
    }
    EXPECT_EQ(verified(true, true).lines, 1000U);
    EXPECT_TRUE(verified(true, true).problems.empty());
}

TEST_F(AuditWriter, AddsNoThreadAndNoTrailDescriptorToTheBroker) {
    const auto threads = [] { return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {}); };
    const auto before = threads();
    const std::size_t open_before = descriptors("self").size();
    const Writer writer(opened());
    EXPECT_EQ(threads(), before);
    EXPECT_EQ(descriptors("self").size(), open_before + 1) << "its socket";
    EXPECT_EQ(descriptors("self").count(settings_.mark), 0U);
}

TEST_F(AuditWriter, HoldsNoneOfTheBrokersFilesOpen) {
    write(1);
    const std::ofstream brokers(folder_ / "broker");
    const Writer writer(opened());
    const std::string process = std::to_string(writer.process());
    EXPECT_TRUE(eventually([&] { return descriptors(process).count(folder_ / "broker") == 0; }));
    EXPECT_EQ(descriptors(process).count(settings_.mark), 1U);
    EXPECT_EQ(descriptors(process).count(files().front()), 1U);
}

TEST_F(AuditWriter, LeavesTheTrailToTheNextOne) {
    for (int run = 0; run < 3; ++run) {
        Writer writer(opened());
        writer.put(record("event"));
    }
    EXPECT_EQ(verified(true, true).lines, 3U);
    EXPECT_TRUE(verified(true, true).problems.empty());
}

TEST_F(AuditWriter, WritesWhatItWasGivenEvenIfTheBrokerCrashes) {
    const pid_t broker = ::fork();
    if (broker == 0) {
        Writer writer(opened());
        for (int i = 0; i < 1000; ++i) {
            writer.put(record("event"));
        }
        (void)::kill(::getpid(), SIGKILL);
    }
    ASSERT_EQ(::waitpid(broker, nullptr, 0), broker);
    const Trail next = opened();  // waits for that process
    EXPECT_EQ(next.position().number, 1000U);
    EXPECT_TRUE(next.findings().empty());
    EXPECT_FALSE(next.crashed());
}

TEST_F(AuditWriter, IsNotEndedBySignalsThatEndTheBroker) {
    {
        Writer writer(opened());
        for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) {
            ASSERT_EQ(::kill(writer.process(), signal), 0);
        }
        writer.put(record("the last word"));
        ASSERT_TRUE(eventually([&] { return writer.written() == 1; }));
        EXPECT_FALSE(writer.failing());
    }
    EXPECT_EQ(verified(true, true).lines, 1U);
}

TEST_F(AuditWriter, ReportsThatItsProcessWasEnded) {
    Writer writer(opened(), 4);
    ASSERT_EQ(::kill(writer.process(), SIGKILL), 0);
    EXPECT_TRUE(eventually([&] { return writer.failing(); }));
    EXPECT_EQ(writer.fault(), "the process that writes it has ended; restart the broker");
    for (int i = 0; i < 5; ++i) {
        writer.put(record("lost"));
    }
    EXPECT_EQ(writer.dropped(), 1U);
}

TEST_F(AuditWriter, KeepsTheOrder) {
    {
        Writer writer(opened(), 64);
        for (int i = 0; i < 50; ++i) {
            writer.put(record(std::to_string(i)));
        }
    }
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(nlohmann::json::parse(lines().at(static_cast<std::size_t>(i))).at("detail"), std::to_string(i));
    }
}

TEST_F(AuditWriter, CountsAndReportsWhatItDropped) {
    constexpr std::uint64_t flood = 100000;
    {
        Writer writer(opened(), 4);
        for (std::uint64_t i = 0; i < flood; ++i) {
            writer.put(record("event"));
        }
        EXPECT_GT(writer.dropped(), 0U);
    }
    EXPECT_GT(counted("dropped"), 0U);
    EXPECT_EQ(counted("refused") + counted("dropped"), flood);
    EXPECT_TRUE(verified().problems.empty());
}

TEST_F(AuditWriter, ReportsAFullDiskAndContinuesAfterwards) {
    {
        Writer writer(opened(), 4);
        writer.put(record("before"));
        ASSERT_TRUE(eventually([&] { return writer.written() == 1; }));
        {
            const FullDisk full(std::filesystem::file_size(files().front()), writer.process());
            for (int i = 0; i < 10; ++i) {
                writer.put(record("meanwhile"));
            }
            EXPECT_TRUE(eventually([&] { return writer.failing(); }));
            EXPECT_NE(writer.fault().find("there must be free space"), std::string::npos);
        }
        EXPECT_TRUE(eventually([&] { return !writer.failing(); }));
    }
    EXPECT_EQ(counted("refused") + counted("dropped"), 11U);
    EXPECT_GE(counted("dropped"), 6U);
    EXPECT_TRUE(verified(true, true).problems.empty());
}

TEST_F(AuditWriter, EndsEvenIfTheDiskIsFull) {
    write(1);
    {
        const FullDisk full(std::filesystem::file_size(files().front()));
        Writer writer(opened());
        writer.put(record("lost"));
    }
    EXPECT_EQ(verified(true, true).lines, 1U);
}

}  // namespace
}  // namespace reseal::audit
