// The broker's thread hands records over and goes on, whatever the disk does.
#include "audit/writer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <thread>

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

TEST_F(AuditWriter, LeavesTheProcessNoDescriptorOfTheTrail) {
    const auto held = [this] {
        std::size_t out = 0;
        for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
            std::error_code gone;
            const std::string path = std::filesystem::read_symlink(each, gone);
            out += path.starts_with(settings_.folder + "/") || path == settings_.mark ? 1 : 0;
        }
        return out;
    };
    {
        Writer first(opened());
        first.put(record("event"));
    }
    Trail trail = opened();
    EXPECT_EQ(held(), 2U) << "the file it goes on with, and the mark";
    {
        const Writer second(std::move(trail));
        EXPECT_EQ(held(), 0U);
    }
    EXPECT_TRUE(Trail::open(settings_, key())) << "the lock on its mark ended with the writer";
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

TEST_F(AuditWriter, CountsAndSaysWhatItDropped) {
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

TEST_F(AuditWriter, SaysThatTheDiskIsFullAndGoesOnAfterwards) {
    {
        Writer writer(opened(), 4);
        writer.put(record("before"));
        ASSERT_TRUE(eventually([&] { return writer.written() == 1; }));
        {
            const FullDisk full(std::filesystem::file_size(files().front()));
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

TEST_F(AuditWriter, EndsThoughTheDiskIsFull) {
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
