// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <numeric>

#include "setup/form.h"
#include "setup/test_page.h"

namespace {

using namespace reseal::test;
using namespace std::string_view_literals;

constexpr char kSealed = 1;
constexpr char kWrongCode = 2;
constexpr char kStale = 3;
constexpr int kRead = 1;
constexpr int kWrite = 2;

reseal_pairing wrong_pairing() {
    reseal_pairing code = pairing();
    code.secret[9] ^= 1U;
    return code;
}

// The device's sealed answer to a request under the page's challenge; empty if the answer is not sealed.
std::string ask(SetupDevice& device, int kind, const Bytes& form) {
    const PageExchange exchange(challenge_of(device.ask(get())), pairing());
    const std::string answer = body_of(device.ask(post(exchange.request(kind, form))));
    return answer[0] == kSealed ? exchange.open(answer).value_or("") : "";
}

std::string ask_with_wrong_code(SetupDevice& device) {
    const PageExchange exchange(challenge_of(device.ask(get())), wrong_pairing());
    return device.ask(post(exchange.request(kWrite, encoded(settings()))));
}

std::string text(const Bytes& bytes) {
    return {bytes.begin(), bytes.end()};
}

TEST(Exchange, AFirstSetupIsStoredAndShown) {
    SetupDevice device;
    const Bytes form = encoded(settings());
    const std::string said = ask(device, kWrite, form);
    EXPECT_EQ(device.stored, form);
    EXPECT_EQ(device.state(), RESEAL_SETUP_TAKEN);
    EXPECT_EQ(said, "\x02" + text(form_of(field(1, "Station 7"), field(2, "\1"), field(3, "broker.example"),
                                          field(4, "\x07\x5B"), field(5, "\0"sv), field(6, "bed-12"), field(7, "\0"sv),
                                          field(8, "\0"sv), field(9, "\0"sv))));
}

TEST(Exchange, OnlyChangesMustBeSent) {
    SetupDevice device(longest_settings());
    EXPECT_EQ(ask(device, kWrite, form_of(field(1, "Küche"))).substr(0, 1), "\x02");
    reseal_settings stored{};
    ASSERT_EQ(reseal_settings_decode(view(device.stored.value()), &stored), RESEAL_OK);
    EXPECT_STREQ(stored.wifi_name, "Küche");
    EXPECT_STREQ(stored.wifi_password, longest_settings().wifi_password);
    EXPECT_EQ(stored.private_key.size, RESEAL_PRIVATE_KEY_MAX);
}

TEST(Exchange, TheLongestSettingsFitIntoARequest) {
    SetupDevice device;
    EXPECT_EQ(ask(device, kWrite, encoded(longest_settings())).substr(0, 1), "\x02");
    EXPECT_EQ(device.stored, encoded(longest_settings()));
}

TEST(Exchange, ReadingShowsNamesAndNoSecret) {
    const reseal_settings from = longest_settings();
    SetupDevice device(from);
    const std::string shown = ask(device, kRead, {});
    EXPECT_EQ(shown.size(), 1U + RESEAL_SHOWN_SIZE_MAX);
    EXPECT_EQ(shown, "\x01" + text(form_of(field(1, from.wifi_name), field(2, "\1"), field(3, from.broker),
                                           field(4, "\xFF\xFF"), field(5, "\1"), field(6, from.credentials.principal),
                                           field(7, "\1"), field(8, "\1"), field(9, "\1"))));
    EXPECT_FALSE(device.stored.has_value());
    EXPECT_EQ(device.state(), RESEAL_SETUP_SERVING);
}

TEST(Exchange, MatchesTheDocumentedExample) {
    reseal_pairing code{};
    ASSERT_EQ(reseal_pairing_read("0000-0000-0000-0001-68", &code), RESEAL_OK);
    std::string salt(32, '\0');
    std::iota(salt.begin(), salt.end(), '\0');
    const std::string request = PageExchange(salt.substr(0, 16), code, salt.substr(16)).request(kRead, {});
    ASSERT_EQ(request.size(), 560U);
    EXPECT_EQ(request.substr(0, 48), salt + "\xDB\xF2\x19\x58\x65\xD6\xD5\x14\xC8\x80\x8A\x87\x95\xD7\xA2\x2A");
    EXPECT_EQ(request.substr(544), "\xB6\x11\x6E\xCB\x60\x5C\x3D\xEF\x37\xE9\xBA\x52\xEA\xAF\x1E\x36");

    SetupDevice device;
    device.setup->pairing = code;
    std::copy_n(salt.begin(), 16, device.setup->challenge);
    EXPECT_EQ(body_of(device.ask(post(request)))[0], kSealed);
}

TEST(Exchange, ADeviceThatWasNeverSetUpShowsThat) {
    SetupDevice device;
    EXPECT_EQ(ask(device, kRead, {}),
              "\x01" + text(form_of(field(1, ""), field(2, "\0"sv), field(3, ""), field(4, "\0\0"sv), field(5, "\0"sv),
                                    field(6, ""), field(7, "\0"sv), field(8, "\0"sv), field(9, "\0"sv))));
}

TEST(Exchange, AWrongValueIsNamedAndNothingIsChanged) {
    SetupDevice device(settings());
    const std::string said = ask(device, kWrite, form_of(field(1, "new"), field(2, "1234567")));
    EXPECT_EQ(said, "\x03\x02" + std::string(reseal_settings_field_text(RESEAL_SETTINGS_WIFI_PASSWORD)));
    EXPECT_FALSE(device.stored.has_value());
    EXPECT_NE(ask(device, kRead, {}).find("Station 7"), std::string::npos);
}

TEST(Exchange, EveryTextAboutAFieldFitsIntoAnAnswer) {
    for (int number = RESEAL_SETTINGS_NONE; number <= RESEAL_SETTINGS_FORM; number++) {
        EXPECT_LE(std::strlen(reseal_settings_field_text(static_cast<reseal_settings_field>(number))), 256U - 4U);
    }
}

TEST(Exchange, SealedContentInAnotherFormatIsRefused) {
    const std::string refused = "\x03\x0A" + std::string(reseal_settings_field_text(RESEAL_SETTINGS_FORM));
    SetupDevice device(settings());
    EXPECT_EQ(ask(device, 3, {}), refused);
    EXPECT_EQ(ask(device, kRead, {1}), refused);
    EXPECT_EQ(ask(device, kWrite, {}), refused);
    const PageExchange exchange(challenge_of(device.ask(get())), pairing());
    std::string longer_than_it_is(512, '\0');
    longer_than_it_is[0] = kWrite;
    longer_than_it_is[1] = 2;
    EXPECT_EQ(exchange.open(body_of(device.ask(post(exchange.request_of(longer_than_it_is))))), refused);
    EXPECT_FALSE(device.stored.has_value());
}

TEST(Exchange, SettingsThatCannotBeStoredAreNotApplied) {
    SetupDevice device(settings());
    device.store_fails = true;
    EXPECT_EQ(ask(device, kWrite, form_of(field(1, "new"))), "\x04");
    EXPECT_EQ(device.state(), RESEAL_SETUP_SERVING);
    EXPECT_NE(ask(device, kRead, {}).find("Station 7"), std::string::npos);
}

TEST(Exchange, AWrongCodeChangesNothingAndCountsAsATry) {
    SetupDevice device;
    const std::string answer = ask_with_wrong_code(device);
    EXPECT_EQ(body_of(answer).substr(0, 2), (std::string{kWrongCode, 4}));
    EXPECT_EQ(body_of(answer).size(), 18U);
    EXPECT_FALSE(device.stored.has_value());
    EXPECT_NE(device.ask(get()).find("data-tries=\"4\""), std::string::npos);
}

TEST(Exchange, TheFifthWrongCodeLocksOutEvenTheRightOne) {
    SetupDevice device;
    for (int left = 4; left > 0; left--) {
        ASSERT_EQ(body_of(ask_with_wrong_code(device)).substr(0, 2),
                  (std::string{kWrongCode, static_cast<char>(left)}));
        ASSERT_NE(ask(device, kRead, {}), "");
    }
    const std::string challenge = challenge_of(device.ask(get()));
    EXPECT_EQ(status_of(device.ask(post(PageExchange(challenge, wrong_pairing()).request(kRead, {})))), 403);
    EXPECT_EQ(device.state(), RESEAL_SETUP_CLOSED);
    EXPECT_EQ(status_of(device.ask(get())), 403);
    EXPECT_EQ(status_of(device.ask(post(PageExchange(challenge, pairing()).request(kRead, {})))), 403);
}

TEST(Exchange, AChallengeIsGoodForOneRequest) {
    SetupDevice device(settings());
    const std::string request = post(PageExchange(challenge_of(device.ask(get())), pairing()).request(kRead, {}));
    EXPECT_EQ(body_of(device.ask(request))[0], kSealed);
    EXPECT_EQ(body_of(device.ask(request)).substr(0, 2), (std::string{kStale, 5}));
}

TEST(Exchange, ASecondPageMakesTheFirstOneStaleWithoutCostingATry) {
    SetupDevice device(settings());
    const std::string first = challenge_of(device.ask(get()));
    (void)device.ask(get());
    const std::string answer = body_of(device.ask(post(PageExchange(first, wrong_pairing()).request(kRead, {}))));
    EXPECT_EQ(answer.substr(0, 2), (std::string{kStale, 5}));
    const PageExchange again(answer.substr(2), pairing());
    EXPECT_EQ(body_of(device.ask(post(again.request(kRead, {}))))[0], kSealed);
}

TEST(Exchange, EachAnswerBringsTheNextChallenge) {
    SetupDevice device(settings());
    std::string challenge = challenge_of(device.ask(get()));
    for (const reseal_pairing& code : {pairing(), wrong_pairing(), pairing()}) {
        const std::string answer = body_of(device.ask(post(PageExchange(challenge, code).request(kRead, {}))));
        EXPECT_EQ(answer[0], code.secret[9] == pairing().secret[9] ? kSealed : kWrongCode);
        EXPECT_NE(answer.substr(2, 16), challenge);
        challenge = answer.substr(2, 16);
    }
}

TEST(Exchange, AnyChangedByteOfARequestCountsAsAWrongCode) {
    for (const std::size_t at : {16U, 31U, 32U, 300U, 543U, 544U, 559U}) {
        SetupDevice device;
        std::string request =
            PageExchange(challenge_of(device.ask(get())), pairing()).request(kWrite, encoded(settings()));
        ASSERT_EQ(request.size(), 560U);
        request[at] ^= 1;
        EXPECT_EQ(body_of(device.ask(post(request)))[0], kWrongCode) << at;
        EXPECT_FALSE(device.stored.has_value());
    }
}

TEST(Exchange, AnyChangedByteOfAnAnswerIsNoticedByThePage) {
    SetupDevice device(settings());
    const PageExchange exchange(challenge_of(device.ask(get())), pairing());
    const std::string answer = body_of(device.ask(post(exchange.request(kRead, {}))));
    EXPECT_TRUE(exchange.open(answer).has_value());
    for (std::size_t at = 0; at < answer.size(); at++) {
        std::string changed = answer;
        changed[at] ^= 1;
        ASSERT_FALSE(exchange.open(changed).has_value()) << at;
    }
}

TEST(Exchange, SizesOfRequestsAndAnswersRevealNothing) {
    SetupDevice device(settings());
    const auto sizes = [&](int kind, const Bytes& form) {
        const PageExchange exchange(challenge_of(device.ask(get())), pairing());
        const std::string request = exchange.request(kind, form);
        return std::pair(request.size(), device.ask(post(request)).size());
    };
    const auto reading = sizes(kRead, {});
    EXPECT_EQ(sizes(kWrite, form_of(field(2, "12345678"))), reading);
    EXPECT_EQ(sizes(kWrite, form_of(field(2, std::string(63, 'p')))), reading);
    EXPECT_EQ(sizes(kWrite, form_of(field(2, "short"))), reading);
}

TEST(Exchange, OtherSizesAreNotARequest) {
    SetupDevice device;
    for (const std::size_t size : {0U, 1U, 48U, 559U, 561U, 1071U}) {
        EXPECT_EQ(status_of(device.ask(post(std::string(size, 'x')))), 400) << size;
    }
    EXPECT_EQ(status_of(device.ask(post(std::string(4145, 'x')))), 413);
}

TEST(Exchange, NothingOfARequestStaysInMemory) {
    SetupDevice device;
    const std::string secret = "a very long password";
    ASSERT_NE(ask(device, kWrite, encoded(settings())), "");
    ASSERT_NE(ask(device, kWrite, form_of(field(2, secret), field(2, ""))), "");
    const std::string_view memory(reinterpret_cast<const char *>(device.setup.get()), sizeof(reseal_setup));
    EXPECT_EQ(memory.find(secret), std::string_view::npos);
}

}  // namespace
