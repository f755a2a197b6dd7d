// SPDX-License-Identifier: Apache-2.0
// The small parts that the tools share.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/file.h"
#include "tools/line_input.h"
#include "tools/sender.h"
#include "tools/test_support.h"

namespace reseal::tools {
namespace {

using testing::as_bytes;
using testing::Folder;
using testing::OtherEnd;
using testing::read_text;
using testing::sample_credentials_text;

std::vector<std::string> lines_of(const std::string& text) {
    const Folder folder;
    const Descriptor file(open(folder.write("lines", text).c_str(), O_RDONLY));
    LineInput input(file.get());
    std::vector<std::string> lines;
    while (!input.ended()) {
        EXPECT_TRUE(input.read_some());
        while (const auto line = input.next()) {
            lines.push_back(*line);
        }
    }
    return lines;
}

TEST(WriteWholeFile, LeavesOnePrivateFile) {
    const Folder folder;
    const std::string path = folder.write("out", "before", 0644);
    ASSERT_TRUE(write_whole_file(path, as_bytes("after")));
    struct stat about {};
    ASSERT_EQ(stat(path.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 07777U, 0600U);
    EXPECT_EQ(read_text(path), "after");
}

TEST(WriteWholeFile, ReplacesOnlyRegularFiles) {
    const Folder folder;
    EXPECT_FALSE(write_whole_file("/dev/null", as_bytes("x")));
    EXPECT_FALSE(write_whole_file(folder.path("."), as_bytes("x")));
    EXPECT_FALSE(write_whole_file(folder.path("missing/out"), as_bytes("x")));
    ASSERT_EQ(symlink(folder.write("target", "kept").c_str(), folder.path("link").c_str()), 0);
    EXPECT_FALSE(write_whole_file(folder.path("link"), as_bytes("x")));
    EXPECT_EQ(read_text(folder.path("target")), "kept");
}

TEST(LineInput, SplitsLinesAndSkipsBlankOnes) {
    EXPECT_EQ(lines_of("a\nbc\n"), (std::vector<std::string>{"a", "bc"}));
    EXPECT_EQ(lines_of("a\n\n\nb"), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(lines_of("\n"), std::vector<std::string>{});
    EXPECT_EQ(lines_of(""), std::vector<std::string>{});
    const std::string wide(200'000, 'x');
    EXPECT_EQ(lines_of(wide + "\nend\n"), (std::vector<std::string>{wide, "end"}));
}

TEST(Base64url, FollowsRfc4648WithoutPadding) {
    EXPECT_EQ(base64url(as_bytes("")), "");
    EXPECT_EQ(base64url(as_bytes("f")), "Zg");
    EXPECT_EQ(base64url(as_bytes("fo")), "Zm8");
    EXPECT_EQ(base64url(as_bytes("foo")), "Zm9v");
    EXPECT_EQ(base64url(as_bytes("foobar")), "Zm9vYmFy");
    EXPECT_EQ(base64url(as_bytes("\xfb\xff\xbf")), "-_-_");
}

// The inverse of base64url, for its output only.
std::string decoded(const std::string& text) {
    const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string bytes;
    std::size_t bits = 0;
    std::size_t held = 0;
    for (const char digit : text) {
        bits = (bits << 6U | digits.find(digit)) & 0xFFFFU;
        held += 6;
        if (held >= 8) {
            held -= 8;
            bytes += static_cast<char>(bits >> held & 0xFFU);
        }
    }
    return bytes;
}

std::string as_text(const std::vector<std::uint8_t>& bytes) {
    return {bytes.begin(), bytes.end()};
}

class SenderTest : public ::testing::Test {
  protected:
    [[nodiscard]] std::unique_ptr<Sender> sender() const { return std::move(*Sender::make(credentials_, state_)); }

    Folder folder_;
    std::string state_ = folder_.path("epoch");
    Credentials credentials_ = std::move(*Credentials::parse(sample_credentials_text(), "FILE"));
};

TEST_F(SenderTest, SealsWhatTheOtherEndOpens) {
    const auto sealing = sender();
    OtherEnd broker;
    for (const std::string text : {"", "72", "a longer one"}) {
        const auto sealed = sealing->seal("ward/1/pulse", text);
        EXPECT_EQ(broker.open("ward/1/pulse", as_text(*sealed)), text);
    }
}

TEST_F(SenderTest, ContinuesAboveTheStoredEpochAfterARestart) {
    OtherEnd broker;
    for (int start = 0; start < 3; ++start) {
        const auto sealed = sender()->seal("t", "x");
        EXPECT_EQ(broker.open("t", as_text(*sealed)), "x");
    }
}

TEST_F(SenderTest, SharesItsEpochFileWithNoOther) {
    const auto first = sender();
    EXPECT_EQ(Sender::make(credentials_, state_).error().where, state_);
}

TEST_F(SenderTest, NamesTheLimitOfTheAlgorithm) {
    const auto sealing = sender();
    EXPECT_TRUE(sealing->seal("t", std::string(65'535, 'x')));
    EXPECT_EQ(sealing->seal("t", std::string(65'536, 'x')).error().text(),
              "'t': the message has 65536 bytes; AES-CCM-16-128-128 seals at most 65535");
}

TEST_F(SenderTest, LogsInWithAFreshProofForTheClientId) {
    const auto sealing = sender();
    const auto first = sealing->login(RESEAL_LISTENER_SEALED, "iot_dev_01/a");
    const auto second = sealing->login(RESEAL_LISTENER_SEALED, "iot_dev_01/a");
    EXPECT_EQ(first->user_name, "iot_dev_01");
    EXPECT_EQ(first->password.find_first_of("+/="), std::string::npos);
    OtherEnd broker;
    EXPECT_EQ(broker.open("$connect/loopback/iot_dev_01/a", decoded(first->password)).front(), '!');
    EXPECT_EQ(broker.open("$connect/sealed/iot_dev_01/b", decoded(first->password)).front(), '!');
    EXPECT_EQ(broker.open("$connect/sealed/iot_dev_01/a", decoded(first->password)), "");
    EXPECT_EQ(broker.open("$connect/sealed/iot_dev_01/a", decoded(first->password)).front(), '!');
    EXPECT_EQ(broker.open("$connect/sealed/iot_dev_01/a", decoded(second->password)), "");
}

}  // namespace
}  // namespace reseal::tools
