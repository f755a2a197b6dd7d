// SPDX-License-Identifier: Apache-2.0
#include "base/file_watch.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/temp_folder.h"

namespace reseal {
namespace {

class Watched : public testing::Test {
  protected:
    Watched() { watch.watch({first, second}); }

    TempFolder folder;
    std::string first = folder.write("first", "one");
    std::string second = folder.write("second", "two");
    FileWatch watch;
};

TEST_F(Watched, UnchangedFilesAreNotReported) {
    EXPECT_FALSE(watch.changed());
    EXPECT_FALSE(watch.changed());
}

TEST_F(Watched, AWrittenFileIsReportedOnceItStopsChanging) {
    folder.write("second", "more than before");
    EXPECT_FALSE(watch.changed()) << "it may still be written";
    EXPECT_TRUE(watch.changed());
    EXPECT_FALSE(watch.changed()) << "once";
}

TEST_F(Watched, AFileThatKeepsChangingIsWaitedFor) {
    for (int size = 1; size < 10; ++size) {
        folder.write("first", std::string(static_cast<std::size_t>(100 + size), 'x'));
        EXPECT_FALSE(watch.changed());
    }
    EXPECT_TRUE(watch.changed());
}

TEST_F(Watched, AReplacedFileOfTheSameSizeAndTimeIsReported) {
    const auto time = std::filesystem::last_write_time(first);
    const std::string fresh = folder.write("fresh", "1ne");
    std::filesystem::last_write_time(fresh, time);
    std::filesystem::rename(fresh, first);
    EXPECT_FALSE(watch.changed());
    EXPECT_TRUE(watch.changed());
}

TEST_F(Watched, AMissingFileAndItsReturnAreReported) {
    std::filesystem::remove(first);
    EXPECT_FALSE(watch.changed());
    EXPECT_TRUE(watch.changed());
    folder.write("first", "one");
    EXPECT_FALSE(watch.changed());
    EXPECT_TRUE(watch.changed());
}

}  // namespace
}  // namespace reseal
