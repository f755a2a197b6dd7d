// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "setup/test_settings.h"

namespace {

using namespace reseal::test;
using namespace std::string_view_literals;

reseal_status decode(const Bytes& form, reseal_settings& out) {
    return reseal_settings_decode(view(form), &out);
}

reseal_settings_field change(reseal_settings& settings, const Bytes& form) {
    return reseal_settings_change(&settings, view(form));
}

TEST(SettingsForm, IsDecodedAsEncoded) {
    reseal_settings without_credentials = settings();
    without_credentials.has_credentials = false;
    for (const reseal_settings& from : {settings(), longest_settings(), without_credentials}) {
        reseal_settings back{};
        ASSERT_EQ(decode(encoded(from), back), RESEAL_OK);
        EXPECT_TRUE(same(from, back));
        EXPECT_STREQ(back.wifi_password, from.wifi_password);
        EXPECT_EQ(back.has_credentials, from.has_credentials);
    }
}

TEST(SettingsForm, MatchesTheDocumentedExample) {
    reseal_settings from{};
    put(from.wifi_name, sizeof from.wifi_name, "W");
    put(from.broker, sizeof from.broker, "b.c");
    from.port = 8883;
    const Bytes expected = form_of(field(1, "W"), field(2, ""), field(3, "b.c"), field(4, "\x22\xB3"), field(5, "\0"sv),
                                   field(6, ""), field(7, ""), field(8, ""), field(9, ""));
    EXPECT_EQ(encoded(from), expected);
}

TEST(SettingsForm, TheLongestFitsIntoAFlashRecordOfOneSector) {
    EXPECT_EQ(encoded(longest_settings()).size(), std::size_t{RESEAL_SETTINGS_SIZE_MAX});
    EXPECT_LE(RESEAL_SETTINGS_SIZE_MAX, 4096 - 16);
}

TEST(SettingsForm, InvalidSettingsAndSmallBuffersAreRefused) {
    reseal_settings from = settings();
    Bytes memory(encoded(from).size() - 1, 0xAA);
    reseal_buffer out = room(memory);
    EXPECT_EQ(reseal_settings_encode(&from, &out), RESEAL_BUFFER_TOO_SMALL);
    EXPECT_EQ(out.size, 0U);
    EXPECT_EQ(memory, Bytes(memory.size(), 0xAA));
    from.port = 0;
    EXPECT_EQ(reseal_settings_encode(&from, &out), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_settings_encode(nullptr, &out), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_settings_encode(&from, nullptr), RESEAL_BAD_ARGUMENT);
}

TEST(SettingsForm, ShorterAndLongerFormsAreNotDecoded) {
    const Bytes form = encoded(settings());
    reseal_settings out = longest_settings();
    for (std::size_t size = 0; size < form.size(); size++) {
        ASSERT_EQ(decode(Bytes(form.begin(), form.begin() + static_cast<std::ptrdiff_t>(size)), out), RESEAL_MALFORMED);
        ASSERT_EQ(out.wifi_name[0], '\0');
        ASSERT_EQ(out.ca.size, 0);
    }
    Bytes longer = form;
    longer.push_back(0);
    EXPECT_EQ(decode(longer, out), RESEAL_MALFORMED);
}

TEST(SettingsForm, AnotherVersionOrderOrFieldIsNotDecoded) {
    const Bytes form = encoded(settings());
    reseal_settings out{};
    Bytes version = form;
    version[0] = 1;
    EXPECT_EQ(decode(version, out), RESEAL_MALFORMED);
    EXPECT_EQ(decode(form_of(field(2, ""), field(1, "W")), out), RESEAL_MALFORMED);
    EXPECT_EQ(decode(form_of(field(1, "W"), field(1, "W")), out), RESEAL_MALFORMED);
    EXPECT_EQ(decode(form_of(field(0, "")), out), RESEAL_MALFORMED);
    EXPECT_EQ(decode(form_of(field(10, "")), out), RESEAL_MALFORMED);
    EXPECT_EQ(reseal_settings_decode({nullptr, 0}, &out), RESEAL_MALFORMED);
    EXPECT_EQ(reseal_settings_decode(view(form), nullptr), RESEAL_BAD_ARGUMENT);
}

TEST(SettingsChange, MissingFieldsKeepTheirValues) {
    reseal_settings changed = longest_settings();
    reseal_settings expected = changed;
    put(expected.wifi_name, sizeof expected.wifi_name, "Küche");
    EXPECT_EQ(change(changed, form_of(field(1, "Küche"))), RESEAL_SETTINGS_NONE);
    EXPECT_TRUE(same(changed, expected));
    EXPECT_EQ(change(changed, form_of()), RESEAL_SETTINGS_NONE);
    EXPECT_TRUE(same(changed, expected));
}

TEST(SettingsChange, AShorterTextLeavesNothingOfTheLongerOne) {
    reseal_settings changed = longest_settings();
    ASSERT_EQ(change(changed, form_of(field(2, "12345678"), field(3, "b"))), RESEAL_SETTINGS_NONE);
    EXPECT_TRUE(std::all_of(std::begin(changed.wifi_password) + 8, std::end(changed.wifi_password),
                            [](char c) { return c == '\0'; }));
}

TEST(SettingsChange, EmptyFieldsRemovePasswordCredentialsAndCertificates) {
    reseal_settings changed = longest_settings();
    ASSERT_EQ(change(changed,
                     form_of(field(2, ""), field(5, "\0"sv), field(6, ""), field(7, ""), field(8, ""), field(9, ""))),
              RESEAL_SETTINGS_NONE);
    EXPECT_STREQ(changed.wifi_password, "");
    EXPECT_FALSE(changed.has_credentials);
    EXPECT_TRUE(std::all_of(std::begin(changed.credentials.master), std::end(changed.credentials.master),
                            [](std::uint8_t byte) { return byte == 0; }));
    EXPECT_EQ(changed.ca.size + changed.certificate.size + changed.private_key.size, 0);
}

TEST(SettingsChange, CredentialsAreAlgorithmKeyIdMasterRealmAndName) {
    reseal_settings changed = settings();
    const std::string value =
        "\x18"
        "abcdefg" +
        std::string(32, 'M') + "\x06ward-7pump-3";
    ASSERT_EQ(change(changed, form_of(field(6, value))), RESEAL_SETTINGS_NONE);
    EXPECT_STREQ(changed.credentials.principal, "pump-3");
    EXPECT_STREQ(changed.credentials.realm, "ward-7");
    EXPECT_EQ(changed.credentials.algorithm, RESEAL_CHACHA20_POLY1305);
    EXPECT_EQ(changed.credentials.key_id[6], 'g');
    EXPECT_EQ(changed.credentials.master[31], 'M');
    for (const std::size_t size : {std::size_t{40}, std::size_t{41}, std::size_t{46}, std::size_t{47}}) {
        EXPECT_EQ(change(changed, form_of(field(6, value.substr(0, size)))), RESEAL_SETTINGS_CREDENTIALS) << size;
    }
    std::string endless = value;
    endless[40] = '\xFF';
    EXPECT_EQ(change(changed, form_of(field(6, endless))), RESEAL_SETTINGS_CREDENTIALS);
}

TEST(SettingsChange, TheWrongFieldIsNamed) {
    const auto wrong = [](const Bytes& form) {
        reseal_settings changed = settings();
        return change(changed, form);
    };
    EXPECT_EQ(wrong(form_of(field(1, "a\0b"sv))), RESEAL_SETTINGS_WIFI_NAME);
    EXPECT_EQ(wrong(form_of(field(1, std::string(33, 'n')))), RESEAL_SETTINGS_WIFI_NAME);
    EXPECT_EQ(wrong(form_of(field(2, "1234567"))), RESEAL_SETTINGS_WIFI_PASSWORD);
    EXPECT_EQ(wrong(form_of(field(3, std::string(64, 'b')))), RESEAL_SETTINGS_BROKER);
    EXPECT_EQ(wrong(form_of(field(4, "1"))), RESEAL_SETTINGS_PORT);
    EXPECT_EQ(wrong(form_of(field(4, "\0\0"sv))), RESEAL_SETTINGS_PORT);
    EXPECT_EQ(wrong(form_of(field(5, "\x02"))), RESEAL_SETTINGS_TLS);
    EXPECT_EQ(wrong(form_of(field(5, "\x01"))), RESEAL_SETTINGS_CA);
    EXPECT_EQ(wrong(form_of(field(7, std::string(1241, '0')))), RESEAL_SETTINGS_CA);
    EXPECT_EQ(wrong(form_of(field(8, "PEM"))), RESEAL_SETTINGS_CERTIFICATE);
    EXPECT_EQ(wrong(form_of(field(9, std::string(1225, '0')))), RESEAL_SETTINGS_PRIVATE_KEY);
    EXPECT_EQ(wrong({}), RESEAL_SETTINGS_FORM);
    EXPECT_EQ(wrong({2, 1, 0}), RESEAL_SETTINGS_FORM);
}

}  // namespace
