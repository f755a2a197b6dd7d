// SPDX-License-Identifier: Apache-2.0
#include "audit/lines.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "audit/line.h"
#include "base/temp_folder.h"

namespace reseal::audit {
namespace {

class LinesTest : public testing::Test {
  protected:
    [[nodiscard]] std::vector<std::string> lines_of(const std::string& contents) {
        auto lines = Lines::open(folder.write("file", contents));
        EXPECT_TRUE(lines) << lines.error().text();
        std::vector<std::string> out;
        for (std::string line; *lines->next(line);) {
            out.push_back(line);
            half = lines->half();
        }
        return out;
    }

    TempFolder folder;
    bool half = false;
};

TEST_F(LinesTest, ReadsLinesUnchanged) {
    EXPECT_EQ(lines_of(""), std::vector<std::string>{});
    EXPECT_EQ(lines_of("a\n\nb\n"), (std::vector<std::string>{"a", "", "b"}));
    EXPECT_FALSE(half);
}

TEST_F(LinesTest, SaysThatTheLastLineIsCutOff) {
    EXPECT_EQ(lines_of("a\nb"), (std::vector<std::string>{"a", "b"}));
    EXPECT_TRUE(half);
}

TEST_F(LinesTest, ReadsMoreLinesThanFitIntoOneRead) {
    std::string contents;
    std::vector<std::string> wanted;
    for (int i = 0; i < 30'000; ++i) {
        wanted.push_back("line " + std::to_string(i));
        contents += wanted.back() + "\n";
    }
    EXPECT_EQ(lines_of(contents), wanted);
}

// The broker's user may write any file. Reading it must not take more memory than a line may have.
TEST_F(LinesTest, KeepsOnlyEnoughOfALineToSeeThatItIsTooLong) {
    const auto lines = lines_of("a\n" + std::string(10 * line_most, 'x') + "\nb\n");
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[1].size(), line_most + 1);
    EXPECT_EQ(lines[2], "b");
}

TEST_F(LinesTest, RefusesANonRegularFile) {
    ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
    folder.write("file", "a\n");
    std::filesystem::create_symlink("file", folder / "link");
    EXPECT_EQ(Lines::open(folder / "fifo").error().problem, "is a FIFO");
    EXPECT_EQ(Lines::open(folder / "link").error().problem, "is a symbolic link");
}

}  // namespace
}  // namespace reseal::audit
