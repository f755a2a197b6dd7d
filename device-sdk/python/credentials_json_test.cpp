// SPDX-License-Identifier: Apache-2.0
#include "python/credentials_json.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <string>

namespace {

// As `provision export pico1 --format json` writes it.
const std::string exported =
    R"({"format":"reseal-credentials/2","principal":"pico1","realm":"ward-7","algorithm":30,)"
    R"("key_id":"72657365616c31","master_secret":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff"})"
    "\n";

const char *read(const std::string& text, reseal_credentials& out) {
    return reseal_credentials_json_read({reinterpret_cast<const uint8_t *>(text.data()), text.size()}, &out);
}

std::string changed(const std::string& from, const std::string& to) {
    std::string text = exported;
    return text.replace(text.find(from), from.size(), to);
}

// The sentence of a refusal, after which the credentials are zeroed.
std::string refusal(const std::string& text) {
    reseal_credentials out;
    std::memset(&out, 0xFF, sizeof out);
    const char *problem = read(text, out);
    const reseal_credentials zeroed{};
    EXPECT_EQ(std::memcmp(&out, &zeroed, sizeof out), 0) << text;
    return problem == nullptr ? "" : problem;
}

TEST(CredentialsJson, ReadsAndWritesWhatProvisionExports) {
    reseal_credentials credentials;
    ASSERT_EQ(read(exported, credentials), nullptr);
    EXPECT_STREQ(credentials.principal, "pico1");
    EXPECT_STREQ(credentials.realm, "ward-7");
    EXPECT_EQ(credentials.algorithm, RESEAL_AES_CCM_16_128_128);
    EXPECT_EQ(std::memcmp(credentials.key_id, "reseal1", sizeof credentials.key_id), 0);
    EXPECT_EQ(credentials.master[1], 1);
    EXPECT_EQ(credentials.master[31], 0xFF);

    std::array<char, RESEAL_CREDENTIALS_JSON_MAX> written{};
    EXPECT_EQ(reseal_credentials_json_write(&credentials, written.data()), exported.size());
    EXPECT_EQ(written.data(), exported);
}

TEST(CredentialsJson, WritesTheLongestNamesAndEveryAlgorithmIntoItsRoom) {
    for (const char *number : {"1", "3", "24", "30", "31"}) {
        std::string text = changed("\"algorithm\":30", std::string("\"algorithm\":") + number);
        text.replace(text.find("pico1"), 5, std::string(RESEAL_PRINCIPAL_MAX, 'p'));
        text.replace(text.find("ward-7"), 6, std::string(RESEAL_REALM_MAX, 'r'));
        reseal_credentials credentials;
        ASSERT_EQ(read(text, credentials), nullptr);
        std::array<char, RESEAL_CREDENTIALS_JSON_MAX> written{};
        EXPECT_EQ(reseal_credentials_json_write(&credentials, written.data()), text.size());
        EXPECT_EQ(written.data(), text);
    }
}

TEST(CredentialsJson, TakesAnyOrderAndWhiteSpace) {
    const std::string key_id = R"("key_id":"72657365616c31",)";
    reseal_credentials credentials;
    EXPECT_EQ(read("\r\n{ \t" + key_id + changed(key_id, "").substr(1) + " \n", credentials), nullptr);
}

TEST(CredentialsJson, SaysWhatIsWrongAndGivesOutNothing) {
    EXPECT_EQ(refusal(""), "the file must begin with '{'");
    EXPECT_EQ(refusal(changed("/2", "/1")), "format must be \"reseal-credentials/2\"");
    for (const std::string& name : {std::string(), std::string("a b"), std::string(65, 'p'), std::string("a\0b", 3)}) {
        EXPECT_NE(refusal(changed("pico1", name)), "");
        EXPECT_NE(refusal(changed("ward-7", name)), "");
    }
    for (const char *number : {"0", "2", "286", "4294967326", "-30", "\"30\"", "3e1", ""}) {
        EXPECT_NE(refusal(changed("30,", std::string(number) + ",")), "") << number;
    }
    EXPECT_EQ(refusal(changed("72657365616c31", "72657365616C31")), "key_id must be 14 digits of 0-9 and a-f");
    EXPECT_EQ(refusal(changed("1eff", "1ef")), "master_secret must be 64 digits of 0-9 and a-f");
    EXPECT_EQ(refusal(changed("realm", "principal")), "a key is unknown, or is there twice");
    EXPECT_EQ(refusal(changed("realm", "place")), "a key is unknown, or is there twice");
    EXPECT_EQ(refusal(changed("}", ",\"more\":1}")), "only '}' may follow the six members");
    EXPECT_EQ(refusal(exported + "x"), "only '}' may follow the six members");
}

TEST(CredentialsJson, RefusesEveryPartOfItself) {
    for (size_t size = 0; size + 1 < exported.size(); size++) {
        EXPECT_NE(refusal(exported.substr(0, size)), "") << size;
    }
}

}  // namespace
