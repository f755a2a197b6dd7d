// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>

#include "setup/test_settings.h"

namespace {

using namespace reseal::test;

reseal_settings_field with_wifi_name(std::string_view name) {
    reseal_settings changed = settings();
    put(changed.wifi_name, sizeof changed.wifi_name, name);
    return reseal_settings_check(&changed);
}

reseal_settings_field with_wifi_password(std::string_view password) {
    reseal_settings changed = settings();
    put(changed.wifi_password, sizeof changed.wifi_password, password);
    return reseal_settings_check(&changed);
}

reseal_settings_field with_broker(std::string_view broker) {
    reseal_settings changed = settings();
    put(changed.broker, sizeof changed.broker, broker);
    return reseal_settings_check(&changed);
}

TEST(SettingsCheck, OrdinaryAndLongestSettingsAreValid) {
    const reseal_settings ordinary = settings();
    const reseal_settings longest = longest_settings();
    EXPECT_EQ(reseal_settings_check(&ordinary), RESEAL_SETTINGS_NONE);
    EXPECT_EQ(reseal_settings_check(&longest), RESEAL_SETTINGS_NONE);
}

TEST(SettingsCheck, ADeviceThatWasNeverSetUpLacksItsWifiNameFirst) {
    const reseal_settings none{};
    EXPECT_EQ(reseal_settings_check(&none), RESEAL_SETTINGS_WIFI_NAME);
}

TEST(SettingsCheck, AWifiNameHasOneTo32BytesOfTextWithoutControlCharacters) {
    for (const std::string name : {"x", " leading and trailing ", "\"Königin's\" café", "Ä", "日本語"}) {
        EXPECT_EQ(with_wifi_name(name), RESEAL_SETTINGS_NONE) << name;
    }
    EXPECT_EQ(with_wifi_name(std::string(32, 'n')), RESEAL_SETTINGS_NONE);
    for (const std::string name : {"", "a\tb", "a\nb", "\x7F", "torn \xC3", "\xC0\x80"}) {
        EXPECT_EQ(with_wifi_name(name), RESEAL_SETTINGS_WIFI_NAME) << name;
    }
    EXPECT_EQ(with_wifi_name(std::string(33, 'n')), RESEAL_SETTINGS_WIFI_NAME);
}

TEST(SettingsCheck, AWifiPasswordIsEmptyOrHas8To63AsciiCharacters) {
    for (const std::size_t length : {0U, 8U, 63U}) {
        EXPECT_EQ(with_wifi_password(std::string(length, '~')), RESEAL_SETTINGS_NONE) << length;
    }
    for (const std::size_t length : {1U, 7U, 64U}) {
        EXPECT_EQ(with_wifi_password(std::string(length, '~')), RESEAL_SETTINGS_WIFI_PASSWORD) << length;
    }
    EXPECT_EQ(with_wifi_password("pass word \"'\\"), RESEAL_SETTINGS_NONE);
    EXPECT_EQ(with_wifi_password("passwörter"), RESEAL_SETTINGS_WIFI_PASSWORD);
    EXPECT_EQ(with_wifi_password("password\t"), RESEAL_SETTINGS_WIFI_PASSWORD);
    EXPECT_EQ(with_wifi_password("password\x7F"), RESEAL_SETTINGS_WIFI_PASSWORD);
}

TEST(SettingsCheck, ABrokerIsAHostNameOrAnIpv4Address) {
    for (const std::string broker : {"b", "broker.example", "BROKER", "a-b.c", "7up.example", "xn--caf-dma.example",
                                     "0.0.0.0", "192.168.4.1", "255.255.255.255"}) {
        EXPECT_EQ(with_broker(broker), RESEAL_SETTINGS_NONE) << broker;
    }
    for (const std::string broker : {"",
                                     ".",
                                     "a.",
                                     ".a",
                                     "a..b",
                                     "-a",
                                     "a-",
                                     "a.-b",
                                     "a b",
                                     "café",
                                     "mqtt://a",
                                     "a:1883",
                                     "[::1]",
                                     "a_b",
                                     "192.168.4",
                                     "192.168.4.256",
                                     "192.168.4.01",
                                     "192.168.4.1.5",
                                     "1",
                                     "host.7",
                                     "1.2.3.",
                                     "1234.1.1.1"}) {
        EXPECT_EQ(with_broker(broker), RESEAL_SETTINGS_BROKER) << broker;
    }
    EXPECT_EQ(with_broker(std::string(63, 'b')), RESEAL_SETTINGS_NONE);
    EXPECT_EQ(with_broker(std::string(64, 'b')), RESEAL_SETTINGS_BROKER);
}

TEST(SettingsCheck, ThePortIsNotZero) {
    reseal_settings changed = settings();
    changed.port = 0;
    EXPECT_EQ(reseal_settings_check(&changed), RESEAL_SETTINGS_PORT);
    changed.port = 65535;
    EXPECT_EQ(reseal_settings_check(&changed), RESEAL_SETTINGS_NONE);
}

TEST(SettingsCheck, CredentialsMayBeMissingButNotWrong) {
    reseal_settings changed = settings();
    changed.credentials.algorithm = 2;
    EXPECT_EQ(reseal_settings_check(&changed), RESEAL_SETTINGS_CREDENTIALS);
    changed.has_credentials = false;
    EXPECT_EQ(reseal_settings_check(&changed), RESEAL_SETTINGS_NONE);
}

TEST(SettingsCheck, TlsRequiresACaCertificate) {
    reseal_settings changed = settings();
    changed.tls = true;
    EXPECT_EQ(reseal_settings_check(&changed), RESEAL_SETTINGS_CA);
    put_der(changed.ca, 500);
    EXPECT_EQ(reseal_settings_check(&changed), RESEAL_SETTINGS_NONE);
}

TEST(SettingsCheck, ACertificateAndItsKeyComeTogether) {
    reseal_settings changed = settings();
    put_der(changed.certificate, 500);
    EXPECT_EQ(reseal_settings_check(&changed), RESEAL_SETTINGS_PRIVATE_KEY);
    put_der(changed.private_key, 138);
    EXPECT_EQ(reseal_settings_check(&changed), RESEAL_SETTINGS_NONE);
    changed.certificate.size = 0;
    EXPECT_EQ(reseal_settings_check(&changed), RESEAL_SETTINGS_CERTIFICATE);
}

TEST(SettingsCheck, ACertificateOrKeyIsExactlyOneDerSequence) {
    for (const int break_how : {0, 1, 2, 3}) {
        reseal_settings changed = longest_settings();
        reseal_certificate& ca = changed.ca;
        ca.size = static_cast<std::uint16_t>(break_how == 0 ? ca.size - 1 : ca.size);
        ca.der[0] = break_how == 1 ? 0x31 : ca.der[0];
        ca.der[1] = break_how == 2 ? 0x80 : ca.der[1];
        ca.der[3] = static_cast<std::uint8_t>(break_how == 3 ? ca.der[3] + 1 : ca.der[3]);
        EXPECT_EQ(reseal_settings_check(&changed), RESEAL_SETTINGS_CA) << break_how;
    }
    reseal_settings changed = longest_settings();
    changed.private_key.size = 1;
    EXPECT_EQ(reseal_settings_check(&changed), RESEAL_SETTINGS_PRIVATE_KEY);
}

TEST(SettingsFieldText, EveryFieldHasItsOwnText) {
    std::set<std::string> texts;
    for (int number = RESEAL_SETTINGS_NONE; number <= RESEAL_SETTINGS_FORM; number++) {
        texts.insert(reseal_settings_field_text(static_cast<reseal_settings_field>(number)));
    }
    EXPECT_EQ(texts.size(), 11U);
    EXPECT_EQ(texts.count(""), 0U);
}

}  // namespace
