// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstdio>

#include "setup/test_page.h"

namespace {

using namespace reseal::test;

const int kFirst = 0;
const int kSecond = 0;

TEST(Setup, ThePageIsACompleteGzipFileWithAFreshChallenge) {
    SetupDevice device;
    const std::string first = device.ask(get());
    const std::string second = device.ask(get());
    EXPECT_NE(challenge_of(first), challenge_of(second));

    const std::string path = testing::TempDir() + "reseal-setup-page.gz";
    std::FILE *file = std::fopen(path.c_str(), "wb");
    ASSERT_NE(file, nullptr);
    const std::string gzip = body_of(second);
    ASSERT_EQ(std::fwrite(gzip.data(), 1, gzip.size(), file), gzip.size());
    ASSERT_EQ(std::fclose(file), 0);
    std::FILE *unpacked = popen(("gzip -dc '" + path + "'").c_str(), "r");
    ASSERT_NE(unpacked, nullptr);
    std::string text(1000, '\0');
    text.resize(std::fread(text.data(), 1, text.size(), unpacked));
    EXPECT_EQ(pclose(unpacked), 0);
    EXPECT_EQ(std::remove(path.c_str()), 0);
    EXPECT_EQ(text.rfind(std::string(kPageText) + "<data id=\"device\" value=\"", 0), 0U) << text;
    EXPECT_NE(text.find("\" data-tries=\"5\"></data>\n"), std::string::npos) << text;
}

TEST(Setup, ARequestMayComeByteByByte) {
    SetupDevice device;
    const std::string request = get();
    for (const char& byte : request) {
        const auto answer = device.feed(&kFirst, std::string_view(&byte, 1));
        ASSERT_EQ(answer.has_value(), &byte == &request.back());
    }
}

TEST(Setup, ASecondClientIsToldToWaitWhileTheFirstIsOpen) {
    SetupDevice device;
    EXPECT_FALSE(device.feed(&kFirst, "GET /").has_value());
    EXPECT_EQ(status_of(device.feed(&kSecond, get()).value()), 503);
    EXPECT_EQ(reseal_setup_client(device.setup.get()), &kFirst);
    reseal_setup_end(device.setup.get(), &kSecond);
    EXPECT_EQ(status_of(device.feed(&kFirst, " HTTP/1.1\r\nHost: a\r\n\r\n").value()), 200);
    EXPECT_EQ(status_of(device.feed(&kSecond, get()).value()), 503);
    reseal_setup_end(device.setup.get(), &kFirst);
    EXPECT_EQ(status_of(device.feed(&kSecond, get()).value()), 200);
}

TEST(Setup, RefusingASecondClientLeavesTheFirstAnswerIntact) {
    SetupDevice device;
    reseal_setup_answer answer{};
    const std::string request = get();
    ASSERT_EQ(reseal_setup_feed(device.setup.get(), &kFirst, view(std::string_view(request)), &answer),
              RESEAL_SETUP_ANSWER);
    const std::string before = SetupDevice::text_of(answer);
    (void)device.feed(&kSecond, post(std::string(560, 'x')));
    EXPECT_FALSE(device.feed(&kFirst, get()).has_value());
    EXPECT_EQ(SetupDevice::text_of(answer), before);
}

// A client has ten seconds from its first byte, whatever it does. Then it is somebody else's turn.
class SetupTime : public testing::Test {
  protected:
    reseal_setup_verdict pass(std::uint32_t milliseconds) {
        passed_ += milliseconds;
        const reseal_setup_verdict verdict = reseal_setup_elapsed(device.setup.get(), milliseconds, &answer_);
        if (verdict == RESEAL_SETUP_ANSWER) {
            said = status_of(SetupDevice::text_of(answer_));
        }
        return verdict;
    }
    // Milliseconds until the device drops a client that sends `text` every second.
    std::uint32_t served(const std::string& text) {
        while (pass(500) != RESEAL_SETUP_DROP && passed_ < 60000) {
            if (passed_ % 1000 == 0) {
                (void)device.feed(&kFirst, text);
            }
        }
        return passed_;
    }
    void expect_next_one_is_served() {
        EXPECT_EQ(pass(0), RESEAL_SETUP_DROP) << "until its end";
        reseal_setup_end(device.setup.get(), &kFirst);
        EXPECT_EQ(status_of(device.feed(&kSecond, get()).value()), 200);
    }

    SetupDevice device;
    int said = 0;

  private:
    reseal_setup_answer answer_{};
    std::uint32_t passed_ = 0;
};

TEST_F(SetupTime, StartsWithTheFirstByte) {
    EXPECT_EQ(pass(1000000), RESEAL_SETUP_WAIT);
    (void)device.feed(&kFirst, "GET /");
    EXPECT_EQ(pass(RESEAL_SETUP_READ_MS - 1), RESEAL_SETUP_WAIT);
    EXPECT_FALSE(device.feed(&kFirst, " ").has_value());
    EXPECT_EQ(pass(1), RESEAL_SETUP_ANSWER);
    EXPECT_EQ(said, 408);
    EXPECT_EQ(pass(RESEAL_SETUP_CLIENT_MS - RESEAL_SETUP_READ_MS - 1), RESEAL_SETUP_WAIT);
    EXPECT_EQ(pass(1), RESEAL_SETUP_DROP);
    expect_next_one_is_served();
}

TEST_F(SetupTime, EndsForAClientThatFallsSilent) {
    (void)device.feed(&kFirst, "G");
    EXPECT_EQ(served(""), 10000U);
    EXPECT_EQ(said, 408);
    expect_next_one_is_served();
}

TEST_F(SetupTime, EndsForAClientThatSendsAByteNowAndThen) {
    (void)device.feed(&kFirst, "GET / HTTP/1.1\r\nX: ");
    EXPECT_EQ(served("x"), 10000U);
    EXPECT_EQ(said, 408);
    expect_next_one_is_served();
}

TEST_F(SetupTime, EndsForAClientThatDoesNotReadItsAnswer) {
    EXPECT_EQ(status_of(device.feed(&kFirst, get()).value()), 200);
    EXPECT_EQ(served(""), 10000U);
    expect_next_one_is_served();
}

TEST_F(SetupTime, EndsForAClientThatKeepsSendingAfterItsAnswer) {
    EXPECT_EQ(status_of(device.feed(&kFirst, get()).value()), 200);
    EXPECT_EQ(served("x"), 10000U);
    expect_next_one_is_served();
}

TEST_F(SetupTime, StartsAgainForEachClient) {
    (void)device.feed(&kFirst, "GET /");
    EXPECT_EQ(pass(7000), RESEAL_SETUP_WAIT);
    reseal_setup_end(device.setup.get(), &kFirst);
    (void)device.feed(&kFirst, "GET /");
    EXPECT_EQ(pass(7000), RESEAL_SETUP_WAIT);
}

// The port may be delayed.
TEST_F(SetupTime, EndsAfterAStepOfAnyLength) {
    (void)device.feed(&kFirst, "GET /");
    EXPECT_EQ(pass(UINT32_MAX), RESEAL_SETUP_DROP);
    expect_next_one_is_served();
}

TEST(Setup, DataAfterARequestIsRefused) {
    SetupDevice device;
    EXPECT_EQ(status_of(device.ask(get() + get())), 400);
    EXPECT_EQ(status_of(device.ask(get() + "x")), 400);
    EXPECT_EQ(status_of(device.ask(post(std::string(560, 'x')) + "x")), 400);
    (void)device.feed(&kFirst, post(std::string(560, 'x')).substr(0, 300));
    EXPECT_EQ(status_of(device.feed(&kFirst, std::string(1000, 'x')).value()), 400);
}

TEST(Setup, AHeadOfMoreThan4096BytesIsRefused) {
    SetupDevice device;
    const std::string beginning = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    const std::string fitting = beginning + std::string(4096 - beginning.size() - 4, 'x') + "\r\n\r\n";
    EXPECT_EQ(status_of(device.ask(fitting)), 200);
    EXPECT_EQ(status_of(device.ask(beginning + std::string(4096, 'x'))), 431);
}

TEST(Setup, NonHttpDataIsRefusedAtOnce) {
    SetupDevice device;
    EXPECT_EQ(status_of(device.ask("\x16\x03\x01")), 400);
}

TEST(Setup, WithoutRandomNumbersNothingIsServed) {
    SetupDevice device;
    device.random.fails = true;
    EXPECT_EQ(status_of(device.ask(get())), 500);
    SetupDevice other;
    reseal_setup_port port{reseal_crypto_openssl(), device.random.port(), &other.page, nullptr, SetupDevice::store};
    const reseal_pairing code = pairing();
    const reseal_settings none{};
    EXPECT_EQ(reseal_setup_open(other.setup.get(), &code, &none, &port), RESEAL_NO_RANDOM);
    port.store = nullptr;
    EXPECT_EQ(reseal_setup_open(other.setup.get(), &code, &none, &port), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_setup_open(nullptr, &code, &none, &port), RESEAL_BAD_ARGUMENT);
}

TEST(Setup, CloseWipesEverything) {
    SetupDevice device(longest_settings());
    (void)device.feed(&kFirst, "GET /");
    reseal_setup_close(device.setup.get());
    const auto *bytes = reinterpret_cast<const std::uint8_t *>(device.setup.get());
    EXPECT_TRUE(std::all_of(bytes, bytes + sizeof(reseal_setup), [](std::uint8_t byte) { return byte == 0; }));
    reseal_setup_close(nullptr);
}

}  // namespace
