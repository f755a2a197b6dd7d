// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <reseal/device.h>

#include <map>
#include <string>

#include "test_support.h"

namespace reseal::test {
namespace {

constexpr reseal_listener sealed_listener = RESEAL_LISTENER_SEALED;

class Device : public testing::Test {
  protected:
    Device() { EXPECT_EQ(reseal_device_open(&device, &of, &port), RESEAL_OK); }
    ~Device() override { reseal_device_close(&device); }
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    reseal_status seal(const char *topic, std::string_view text) {
        message.payload = room(memory);
        return reseal_device_seal(&device, topic, view(text), &message);
    }

    // What the broker opens, under the topic that the message was published under.
    std::string opened_by_the_broker(const std::string& topic, reseal_bytes payload) {
        std::array<std::uint32_t, 4> words{};
        reseal_receiver broker;
        EXPECT_EQ(
            reseal_receiver_open(&broker, &of, RESEAL_UPLINK, reseal_crypto_openssl(), words.data(), 128, nullptr),
            RESEAL_OK);
        Bytes text(payload.size);
        reseal_buffer out = room(text);
        EXPECT_EQ(reseal_receiver_accept(&broker, view(topic), payload, &out), RESEAL_OK) << topic;
        reseal_receiver_close(&broker);
        return {text.begin(), text.begin() + static_cast<std::ptrdiff_t>(out.size)};
    }

    MemoryEpochs epochs;
    CountingRandom random;
    reseal_credentials of = credentials();
    reseal_port port{reseal_crypto_mbedtls(), epochs.port(), random.port()};
    reseal_device device;
    Bytes memory = Bytes(256);
    reseal_message message{};
};

TEST_F(Device, SealsUnderTheTopicItReturns) {
    ASSERT_EQ(seal("ward/7/pulse", "72"), RESEAL_OK);
    EXPECT_STREQ(message.topic, "ward/7/pulse");
    EXPECT_EQ(opened_by_the_broker(message.topic, {memory.data(), message.payload.size}), "72");
}

TEST_F(Device, FillsInItsName) {
    ASSERT_EQ(seal("{id}/ward/{id}", ""), RESEAL_OK);
    EXPECT_STREQ(message.topic, "bed-12/ward/bed-12");
    EXPECT_EQ(opened_by_the_broker(message.topic, {memory.data(), message.payload.size}), "");
    ASSERT_EQ(seal("a{i{id{id}}", ""), RESEAL_OK);
    EXPECT_STREQ(message.topic, "a{i{idbed-12}");
}

TEST_F(Device, AcceptsATopicOfTheStatedLengthAndNoneLonger) {
    const std::string longest(RESEAL_DEVICE_TOPIC_MAX, 't');
    ASSERT_EQ(seal(longest.c_str(), "x"), RESEAL_OK);
    EXPECT_EQ(message.topic, longest);
    EXPECT_EQ(seal((longest + "t").c_str(), "x"), RESEAL_BAD_TOPIC);
    const std::string just_fits(RESEAL_DEVICE_TOPIC_MAX - 6, 't');
    EXPECT_EQ(seal((just_fits + "{id}").c_str(), "x"), RESEAL_OK);
    EXPECT_EQ(seal((just_fits + "t{id}").c_str(), "x"), RESEAL_BAD_TOPIC);
}

TEST_F(Device, WritesNothingWhenItCannotSeal) {
    const Bytes untouched = memory;
    for (const char *topic : {"", "ward/+", "ward/#"}) {
        EXPECT_EQ(seal(topic, "x"), RESEAL_BAD_TOPIC) << topic;
        EXPECT_STREQ(message.topic, "") << topic;
        EXPECT_EQ(message.payload.size, 0U) << topic;
    }
    message.payload = {memory.data(), 51, 0};
    EXPECT_EQ(reseal_device_seal(&device, "t", view(std::string_view("1234")), &message), RESEAL_BUFFER_TOO_SMALL);
    const reseal_bytes endless{memory.data(), 65536};
    EXPECT_EQ(reseal_device_seal(&device, "t", endless, &message), RESEAL_TOO_LONG);
    EXPECT_EQ(memory, untouched);
    EXPECT_TRUE(epochs.calls.empty()) << "no epoch is used up by a call that cannot be carried out";
    epochs.store_fails = true;
    EXPECT_EQ(seal("t", "x"), RESEAL_EPOCH_NOT_STORED);
    epochs.store_fails = false;
    epochs.stored = UINT32_MAX;
    EXPECT_EQ(seal("t", "x"), RESEAL_EPOCH_EXHAUSTED);
    random.fails = true;
    epochs.stored = 1;
    EXPECT_EQ(seal("t", "x"), RESEAL_NO_RANDOM);
    EXPECT_EQ(memory, untouched);
}

TEST_F(Device, RefusesNulls) {
    EXPECT_EQ(reseal_device_open(nullptr, &of, &port), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_device_seal(nullptr, "t", {}, &message), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_device_seal(&device, nullptr, {}, &message), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_device_seal(&device, "t", {}, nullptr), RESEAL_BAD_ARGUMENT);
    message.payload = {nullptr, 100, 0};
    EXPECT_EQ(reseal_device_seal(&device, "t", {}, &message), RESEAL_BAD_ARGUMENT);
    message.payload = room(memory);
    EXPECT_EQ(reseal_device_seal(&device, "t", {nullptr, 3}, &message), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_device_receive(nullptr, "t", {}, &message.payload), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_device_receive(&device, nullptr, {}, &message.payload), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_device_receive(&device, "t", {}, nullptr), RESEAL_BAD_ARGUMENT);
    char password[RESEAL_DEVICE_LOGIN_SIZE];
    for (const int none : {0, 5}) {
        EXPECT_EQ(reseal_device_login(&device, static_cast<reseal_listener>(none), "{id}", password, sizeof password),
                  RESEAL_BAD_ARGUMENT);
    }
    EXPECT_EQ(reseal_device_login(nullptr, sealed_listener, "{id}", password, sizeof password), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_device_login(&device, sealed_listener, nullptr, password, sizeof password), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_device_login(&device, sealed_listener, "{id}", nullptr, sizeof password), RESEAL_BAD_ARGUMENT);
}

TEST_F(Device, CannotBeOpenedWithMissingOrInvalidArguments) {
    reseal_device other;
    EXPECT_EQ(reseal_device_open(&other, nullptr, &port), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_device_open(&other, &of, nullptr), RESEAL_BAD_ARGUMENT);
    for (int part = 0; part < 4; part++) {
        reseal_port lacking = port;
        lacking.crypto = part == 0 ? nullptr : lacking.crypto;
        lacking.epochs.load = part == 1 ? nullptr : lacking.epochs.load;
        lacking.epochs.store = part == 2 ? nullptr : lacking.epochs.store;
        lacking.random.fill = part == 3 ? nullptr : lacking.random.fill;
        EXPECT_EQ(reseal_device_open(&other, &of, &lacking), RESEAL_BAD_ARGUMENT) << part;
        EXPECT_EQ(reseal_device_seal(&other, "t", {}, &message), RESEAL_CLOSED) << part;
    }
    reseal_credentials broken = of;
    broken.algorithm = 99;
    EXPECT_EQ(reseal_device_open(&other, &broken, &port), RESEAL_BAD_CREDENTIALS);
}

TEST_F(Device, OpensAMessageFromTheBrokerOnce) {
    Draft draft;
    draft.topic = "commands/bed-12/rate";
    const Bytes sealed = draft.seal();
    reseal_buffer out = room(memory);
    ASSERT_EQ(reseal_device_receive(&device, draft.topic.c_str(), view(sealed), &out), RESEAL_OK);
    EXPECT_EQ(std::string(memory.begin(), memory.begin() + 5), "hello");
    EXPECT_EQ(reseal_device_receive(&device, draft.topic.c_str(), view(sealed), &out), RESEAL_REPLAY);
    EXPECT_EQ(out.size, 0U);
    draft.counter = 1;
    EXPECT_EQ(reseal_device_receive(&device, "commands/bed-12/other", view(draft.seal()), &out), RESEAL_BAD_TAG);
}

TEST_F(Device, RefusesReplaysAfterARestartIfThePortKeepsTheWindow) {
    MemoryWindows windows;
    port.windows = windows.port();
    Draft draft;
    const Bytes sealed = draft.seal();
    for (const reseal_status expected : {RESEAL_OK, RESEAL_REPLAY}) {
        reseal_device_close(&device);
        ASSERT_EQ(reseal_device_open(&device, &of, &port), RESEAL_OK);
        reseal_buffer out = room(memory);
        EXPECT_EQ(reseal_device_receive(&device, draft.topic.c_str(), view(sealed), &out), expected);
    }
    windows.load_fails = true;
    EXPECT_EQ(reseal_device_open(&device, &of, &port), RESEAL_WINDOW_NOT_STORED);
}

// Decodes base64url (RFC 4648 section 5).
Bytes decoded(const std::string& text) {
    const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    Bytes out;
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : text) {
        EXPECT_NE(digits.find(c), std::string::npos) << text;
        bits = bits << 6 | static_cast<std::uint32_t>(digits.find(c));
        held += 6;
        if (held >= 8) {
            held -= 8;
            out.push_back(static_cast<std::uint8_t>(bits >> held));
        }
    }
    return out;
}

TEST_F(Device, LogsInWithASealedConnectForItsClientId) {
    char password[RESEAL_DEVICE_LOGIN_SIZE];
    ASSERT_EQ(reseal_device_login(&device, sealed_listener, "{id}/left", password, sizeof password), RESEAL_OK);
    const Bytes sealed = decoded(password);
    EXPECT_EQ(opened_by_the_broker("$connect/sealed/bed-12/left", view(sealed)), "");
}

TEST_F(Device, LogsInAtTheNamedKindOfListener) {
    const std::map<reseal_listener, std::string> kinds = {{RESEAL_LISTENER_SEALED, "sealed"},
                                                          {RESEAL_LISTENER_LOOPBACK, "loopback"},
                                                          {RESEAL_LISTENER_PSK, "psk"},
                                                          {RESEAL_LISTENER_TLS, "tls"}};
    for (const auto& [listener, kind] : kinds) {
        char password[RESEAL_DEVICE_LOGIN_SIZE];
        ASSERT_EQ(reseal_device_login(&device, listener, "{id}", password, sizeof password), RESEAL_OK);
        EXPECT_EQ(opened_by_the_broker("$connect/" + kind + "/bed-12", view(decoded(password))), "");
    }
}

TEST_F(Device, LogsInWithANewValidPasswordEachTime) {
    char first[RESEAL_DEVICE_LOGIN_SIZE];
    char last[RESEAL_DEVICE_LOGIN_SIZE];
    ASSERT_EQ(reseal_device_login(&device, sealed_listener, "{id}", first, sizeof first), RESEAL_OK);
    device.sender.counter = RESEAL_COUNTER_LIMIT_VALUE - 1;
    ASSERT_EQ(reseal_device_login(&device, sealed_listener, "{id}", last, sizeof last), RESEAL_OK);
    EXPECT_STRNE(first, last);
    EXPECT_LT(std::string(last).size(), sizeof last);
    EXPECT_EQ(opened_by_the_broker("$connect/sealed/bed-12", view(decoded(last))), "");
}

TEST_F(Device, ReturnsAnEmptyPasswordWhenItCannotLogIn) {
    char password[RESEAL_DEVICE_LOGIN_SIZE] = "x";
    EXPECT_EQ(reseal_device_login(&device, sealed_listener, "{id}", password, sizeof password - 1),
              RESEAL_BUFFER_TOO_SMALL);
    EXPECT_STREQ(password, "");
    password[0] = 'x';
    EXPECT_EQ(reseal_device_login(&device, sealed_listener, std::string(120, 'c').c_str(), password, sizeof password),
              RESEAL_BAD_TOPIC);
    EXPECT_STREQ(password, "");
}

TEST_F(Device, HasNoKeyLeftAfterClose) {
    ASSERT_EQ(seal("t", "x"), RESEAL_OK);
    const Bytes master(of.master, of.master + RESEAL_MASTER_SIZE);
    const Bytes key(device.sender.keys.aead.state.key, device.sender.keys.aead.state.key + 16);
    const auto holds = [this](const Bytes& secret) {
        const auto *bytes = reinterpret_cast<const std::uint8_t *>(&device);
        return std::search(bytes, bytes + sizeof device, secret.begin(), secret.end()) != bytes + sizeof device;
    };
    EXPECT_TRUE(holds(master));
    EXPECT_TRUE(holds(key));
    reseal_device_close(&device);
    EXPECT_FALSE(holds(master));
    EXPECT_FALSE(holds(key));
    EXPECT_EQ(seal("t", "x"), RESEAL_CLOSED);
    EXPECT_EQ(reseal_device_receive(&device, "t", {}, &message.payload), RESEAL_CLOSED);
    reseal_device_close(&device);
    reseal_device_close(nullptr);
}

}  // namespace
}  // namespace reseal::test
