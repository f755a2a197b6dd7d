// SPDX-License-Identifier: Apache-2.0
#include "tools/credentials.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tools/test_support.h"

namespace reseal::tools {
namespace {

using testing::Folder;
using testing::sample_credentials;
using testing::sample_credentials_text;

Credentials sample() {
    return std::move(*Credentials::parse(sample_credentials_text(), "FILE"));
}

// The good text with one thing changed.
std::string changed(const std::string& from, const std::string& to) {
    std::string text = sample_credentials_text();
    return text.replace(text.find(from), from.size(), to);
}

std::string refusal(const std::string& text) {
    const auto credentials = Credentials::parse(text, "FILE");
    return credentials ? "accepted" : credentials.error().text();
}

TEST(Credentials, AreReadCompletely) {
    const Folder folder;
    const auto credentials = Credentials::read(folder.write("c.json", sample_credentials_text()));
    ASSERT_TRUE(credentials) << credentials.error().text();
    const reseal_credentials expected = sample_credentials();
    const reseal_credentials& found = credentials->expose();
    EXPECT_EQ(credentials->principal(), "iot_dev_01");
    EXPECT_STREQ(found.realm, "ward-7");
    EXPECT_EQ(found.algorithm, expected.algorithm);
    EXPECT_TRUE(reseal_equal(found.key_id, expected.key_id, sizeof(expected.key_id)));
    EXPECT_TRUE(reseal_equal(found.master, expected.master, sizeof(expected.master)));
}

TEST(Credentials, MayBeInAnyOrderAndOnManyLines) {
    EXPECT_EQ(refusal("{\n \"algorithm\" : 1,\n \"key_id\":\"00000000000000\",\n \"principal\":\"a\",\"realm\":\"b\",\n"
                      "\"master_secret\":\"" +
                      std::string(64, '0') + "\",\t\"format\":\"reseal-credentials/2\"\r\n}\n"),
              "accepted");
}

TEST(Credentials, HoldNoSecretOnceMoved) {
    Credentials first = sample();
    const Credentials second = std::move(first);
    const reseal_credentials empty{};
    const auto& left =
        first.expose().master;  // NOLINT(bugprone-use-after-move,clang-analyzer-cplusplus.Move): the point
    EXPECT_TRUE(reseal_equal(left, empty.master, sizeof(empty.master)));
    EXPECT_EQ(second.principal(), "iot_dev_01");
}

TEST(Credentials, AreRefusedWithARemedyIfOthersMayReadTheFile) {
    const Folder folder;
    for (const mode_t mode : {0644U, 0640U, 0660U, 0604U, 0700U, 0602U}) {
        const std::string path = folder.write("c.json", sample_credentials_text(), mode);
        const auto credentials = Credentials::read(path);
        ASSERT_FALSE(credentials) << std::oct << mode;
        EXPECT_EQ(credentials.error().remedy, "run: chmod 600 " + path);
        EXPECT_NE(credentials.error().problem.find("mode 0"), std::string::npos) << credentials.error().text();
    }
    EXPECT_TRUE(Credentials::read(folder.write("narrow.json", sample_credentials_text(), 0400)));
}

TEST(Credentials, AreReadFromRegularFilesOnly) {
    const Folder folder;
    ASSERT_EQ(mkfifo(folder.path("pipe").c_str(), 0600), 0);
    EXPECT_FALSE(Credentials::read(folder.path("pipe")));
    EXPECT_FALSE(Credentials::read(folder.path("")));
    EXPECT_FALSE(Credentials::read(folder.path("missing")));
    EXPECT_FALSE(Credentials::read(folder.write("long", std::string(5000, ' '))));
}

TEST(Credentials, AreRefusedWithTheKeyThatIsWrong) {
    EXPECT_EQ(refusal(changed("reseal-credentials/2", "reseal-credentials/1")),
              "FILE:1: format: must be \"reseal-credentials/2\"");
    EXPECT_EQ(refusal(changed("iot_dev_01", "")), "FILE:1: principal: must have 1 to 64 characters");
    EXPECT_EQ(refusal(changed("iot_dev_01", std::string(65, 'a'))), "FILE:1: principal: must have 1 to 64 characters");
    EXPECT_EQ(refusal(changed("iot_dev_01", "iot dev")), "FILE:1: principal: may contain only A-Z a-z 0-9 . _ -");
    EXPECT_EQ(refusal(changed("ward-7", "")), "FILE:1: realm: must have 1 to 64 characters");
    EXPECT_EQ(refusal(changed("ward-7", "ward/7")), "FILE:1: realm: may contain only A-Z a-z 0-9 . _ -");
    EXPECT_EQ(refusal(changed(R"("realm":"ward-7",)", "")), "FILE: realm is missing");
    EXPECT_EQ(refusal(changed(":30", ":2")), "FILE:1: algorithm: 2 is not one of 1, 3, 24, 30, 31");
    EXPECT_EQ(refusal(changed(":30", ":286")), "FILE:1: algorithm: 286 is not one of 1, 3, 24, 30, 31");
    EXPECT_EQ(refusal(changed(":30", ":99999999999")), "FILE:1: algorithm: must be a whole number without quotes");
    EXPECT_EQ(refusal(changed(":30", ":\"30\"")), "FILE:1: algorithm: must be a whole number without quotes");
    EXPECT_EQ(refusal(changed("a7a7", "a7")), "FILE:1: key_id: must be 14 digits of 0-9 and a-f, but is 12 long");
    EXPECT_EQ(refusal(changed("a7a7", "a7A7")), "FILE:1: key_id: must be 14 digits of 0-9 and a-f");
    EXPECT_EQ(refusal(changed("\"key_id\"", "\"kid\"")),
              "FILE:1: unknown key; a credentials file has format, principal, realm, algorithm, key_id, master_secret");
    EXPECT_EQ(refusal(changed("\"algorithm\":30,", "")), "FILE: algorithm is missing");
    EXPECT_EQ(refusal(changed("\"algorithm\":30,", "\"algorithm\":30,\n\"algorithm\":30,")),
              "FILE:1: algorithm: is there twice");
}

TEST(Credentials, AreNeverQuotedInAFault) {
    const std::string secret = "5c5c5c5c";
    for (const std::string& text : {changed("5c5c", "5c5"), changed("5c5c", "5c5g"), changed("5c5c", R"(5c\u)"),
                                    changed(R"("master_secret":)", ""),
                                    changed(R"("master_secret":")", R"("master_secret":)"), changed(R"("})", "")}) {
        const std::string why = refusal(text);
        EXPECT_NE(why, "accepted");
        EXPECT_EQ(why.find(secret), std::string::npos) << why;
    }
}

TEST(Credentials, MustBeOneFlatObject) {
    for (const char* text :
         {"", "[]", "{}", "{", "null", R"({"format"})", R"({"format":})", R"({"format":"x")", R"({"format":"x",})",
          R"({"format":01})", R"({"format":-1})", R"({"format":true})", R"({"format":{}})", "{\"format\":\"a\nb\"}"}) {
        EXPECT_NE(refusal(text), "accepted") << text;
    }
    EXPECT_EQ(refusal(sample_credentials_text() + "x"), "FILE:2: nothing may follow the closing '}'");
    EXPECT_EQ(refusal(changed("{", "\xEF\xBB\xBF{")), "FILE:1: a JSON object must begin with '{'");
}

}  // namespace
}  // namespace reseal::tools
