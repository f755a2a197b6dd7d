// SPDX-License-Identifier: Apache-2.0
#include <reseal/receiver.h>

#include <gtest/gtest.h>

#include "core/test_support.h"

namespace reseal::test {
namespace {

class ReceiverTest : public testing::Test {
  protected:
    ~ReceiverTest() override { reseal_receiver_close(&receiver); }

    void open(const reseal_crypto *crypto, const reseal_credentials& of) {
        const reseal_window_store store = windows.port();
        ASSERT_EQ(
            reseal_receiver_open(&receiver, &of, RESEAL_DOWNLINK, crypto, words.data(), RESEAL_WINDOW_DEFAULT, &store),
            RESEAL_OK);
    }

    reseal_status accept(const Bytes& message, std::string_view topic = "ward/7/bed/12/ecg") {
        out.assign(message.size(), 0xAA);
        reseal_buffer buffer = room(out);
        buffer.size = 99;
        const reseal_status status = reseal_receiver_accept(&receiver, view(topic), view(message), &buffer);
        if (status != RESEAL_OK) {
            EXPECT_EQ(buffer.size, 0U);
            EXPECT_TRUE(all_zero(out)) << "output after a refusal";
        }
        out.resize(buffer.size);
        return status;
    }

    // Everything that a refused message must not change.
    struct State {
        reseal_epoch epoch{};
        std::uint32_t top = 0;
        std::array<std::uint32_t, RESEAL_WINDOW_WORDS(RESEAL_WINDOW_DEFAULT)> words{};
        reseal_epoch keys_epoch{};
        const void *keys = nullptr;
        int stores = 0;
    };

    State state() {
        return {
            receiver.replay.epoch, receiver.replay.top, words, receiver.keys_epoch, receiver.keys.aead.state.context,
            windows.stores};
    }

    static void expect_same(const State& a, const State& b, const std::string& after) {
        EXPECT_TRUE(reseal_epoch_equal(&a.epoch, &b.epoch)) << after;
        EXPECT_EQ(a.top, b.top) << after;
        EXPECT_EQ(a.words, b.words) << after;
        EXPECT_TRUE(reseal_epoch_equal(&a.keys_epoch, &b.keys_epoch)) << after;
        EXPECT_EQ(a.keys, b.keys) << after;
        EXPECT_EQ(a.stores, b.stores) << after;
    }

    MemoryWindows windows;
    std::array<std::uint32_t, RESEAL_WINDOW_WORDS(RESEAL_WINDOW_DEFAULT)> words{};
    reseal_receiver receiver{};
    Bytes out;
};

class Receiver : public ReceiverTest, public testing::WithParamInterface<std::tuple<const reseal_crypto *, int>> {
  protected:
    void SetUp() override { open(std::get<0>(GetParam()), of); }

    [[nodiscard]] Draft draft(std::uint32_t epoch, std::uint32_t counter) const {
        return {.credentials = of, .epoch = {epoch, {1, 2, 3, 4}}, .counter = counter};
    }

    reseal_credentials of = credentials(std::get<1>(GetParam()));
};

TEST_P(Receiver, AcceptsAMessageOnce) {
    const Bytes message = draft(7, 300).seal();
    EXPECT_EQ(accept(message), RESEAL_OK);
    EXPECT_EQ(out, draft(7, 300).plaintext);
    EXPECT_EQ(windows.stores, 1);
    EXPECT_EQ(accept(message), RESEAL_REPLAY);
    EXPECT_EQ(windows.stores, 1);
}

TEST_P(Receiver, AcceptsOutOfOrderWithinTheWindow) {
    EXPECT_EQ(accept(draft(7, 300).seal()), RESEAL_OK);
    EXPECT_EQ(accept(draft(7, 173).seal()), RESEAL_OK);
    EXPECT_EQ(accept(draft(7, 172).seal()), RESEAL_REPLAY);
    EXPECT_EQ(accept(draft(8, 0).seal()), RESEAL_OK);
    EXPECT_EQ(accept(draft(7, 301).seal()), RESEAL_STALE_EPOCH);
}

TEST_P(Receiver, RefusesEveryFlippedBitAndStaysAsItWas) {
    ASSERT_EQ(accept(draft(7, 300).seal()), RESEAL_OK);
    const Bytes message = draft(7, 301).seal();
    const State before = state();
    for (std::size_t bit = 0; bit < message.size() * 8; bit++) {
        Bytes changed = message;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        const reseal_status status = accept(changed);
        EXPECT_TRUE(status >= RESEAL_MALFORMED && status <= RESEAL_BAD_TAG) << "bit " << bit << ": " << status;
        expect_same(state(), before, "bit " + std::to_string(bit));
    }
    EXPECT_EQ(accept(message), RESEAL_OK);
    EXPECT_EQ(accept(message), RESEAL_REPLAY);
}

TEST_P(Receiver, RefusesMessagesNotSealedForIt) {
    Draft foreign = draft(7, 301);
    foreign.credentials.key_id[0] ^= 1;
    EXPECT_EQ(accept(foreign.seal()), RESEAL_UNKNOWN_KEY);

    Draft reflected = draft(7, 301);
    reflected.direction = RESEAL_UPLINK;
    EXPECT_EQ(accept(reflected.seal()), RESEAL_WRONG_DIRECTION);

    Draft other_algorithm = draft(7, 301);
    other_algorithm.credentials.algorithm = of.algorithm == RESEAL_A128GCM ? RESEAL_A256GCM : RESEAL_A128GCM;
    EXPECT_EQ(accept(other_algorithm.seal()), RESEAL_WRONG_ALGORITHM);

    Draft other_master = draft(8, 0);
    other_master.credentials.master[0] ^= 1;
    EXPECT_EQ(accept(other_master.seal()), RESEAL_BAD_TAG);
    EXPECT_EQ(accept({}), RESEAL_MALFORMED);
    expect_same(state(), State{}, "all these");
}

TEST_P(Receiver, RefusesAnotherEpochThanTheNewest) {
    ASSERT_EQ(accept(draft(7, 300).seal()), RESEAL_OK);
    const State before = state();
    Draft other_salt = draft(7, 301);
    other_salt.epoch.salt[0] ^= 1;
    EXPECT_EQ(accept(other_salt.seal()), RESEAL_STALE_EPOCH);
    EXPECT_EQ(accept(draft(6, 301).seal()), RESEAL_STALE_EPOCH);
    EXPECT_EQ(accept(draft(0, 301).seal()), RESEAL_STALE_EPOCH);
    expect_same(state(), before, "all these");
}

TEST_P(Receiver, RefusesAnotherTopic) {
    const Bytes message = draft(7, 301).seal();
    EXPECT_EQ(accept(message, "ward/7/bed/13/ecg"), RESEAL_BAD_TAG);
    EXPECT_EQ(accept(message, "ward/#"), RESEAL_BAD_TOPIC);
    expect_same(state(), State{}, "another topic");
    EXPECT_EQ(accept(message), RESEAL_OK);
}

TEST_P(Receiver, KeepsItsKeysWhenAForgedNewerEpochDoesNotOpen) {
    ASSERT_EQ(accept(draft(7, 0).seal()), RESEAL_OK);
    const State before = state();
    Bytes forged = draft(9, 0).seal();
    forged.back() ^= 1;
    EXPECT_EQ(accept(forged), RESEAL_BAD_TAG);
    expect_same(state(), before, "a forged epoch");
    EXPECT_EQ(accept(draft(7, 1).seal()), RESEAL_OK);
}

TEST_P(Receiver, OpensAnEmptyMessageAndRefusesAChangedOne) {
    Draft empty = draft(1, 0);
    empty.plaintext.clear();
    Bytes changed = empty.seal();
    changed.back() ^= 1;
    EXPECT_EQ(accept(changed), RESEAL_BAD_TAG);
    EXPECT_EQ(accept(empty.seal()), RESEAL_OK);
    EXPECT_TRUE(out.empty());
}

TEST_P(Receiver, ChangesNothingWhenTheBufferIsOneByteTooSmall) {
    const Bytes message = draft(1, 0).seal();
    const State before = state();
    Bytes small(draft(1, 0).plaintext.size() - 1, 0xAA);
    reseal_buffer buffer = room(small);
    EXPECT_EQ(reseal_receiver_accept(&receiver, view("ward/7/bed/12/ecg"), view(message), &buffer),
              RESEAL_BUFFER_TOO_SMALL);
    EXPECT_TRUE(all_zero(small));
    expect_same(state(), before, "a small buffer");
    EXPECT_EQ(accept(message), RESEAL_OK);
}

TEST_P(Receiver, ReturnsNothingWhenTheWindowCannotBeStored) {
    windows.store_fails = true;
    const Bytes message = draft(1, 0).seal();
    EXPECT_EQ(accept(message), RESEAL_WINDOW_NOT_STORED);
    windows.store_fails = false;
    EXPECT_EQ(accept(message), RESEAL_REPLAY) << "the mark stays";
    EXPECT_EQ(accept(draft(1, 1).seal()), RESEAL_OK);
}

TEST_P(Receiver, RemembersItsWindowAcrossARestart) {
    const Bytes message = draft(7, 300).seal();
    ASSERT_EQ(accept(message), RESEAL_OK);
    reseal_receiver_close(&receiver);
    words.fill(0xFFFFFFFF);
    open(std::get<0>(GetParam()), of);
    EXPECT_EQ(accept(message), RESEAL_REPLAY);
    EXPECT_EQ(accept(draft(7, 299).seal()), RESEAL_OK);
    EXPECT_EQ(accept(draft(6, 0).seal()), RESEAL_STALE_EPOCH);
}

TEST_P(Receiver, LeavesNoSecretBehindWhenItIsClosed) {
    const Bytes message = draft(7, 300).seal();
    ASSERT_EQ(accept(message), RESEAL_OK);
    reseal_receiver_close(&receiver);
    const auto *raw = reinterpret_cast<const std::uint8_t *>(&receiver);
    EXPECT_TRUE(all_zero(Bytes(raw, raw + sizeof receiver)));
    Bytes memory(64);
    reseal_buffer buffer = room(memory);
    EXPECT_EQ(reseal_receiver_accept(&receiver, view("a"), view(message), &buffer), RESEAL_CLOSED);
    reseal_receiver_close(&receiver);
    reseal_receiver_close(nullptr);
}

INSTANTIATE_TEST_SUITE_P(AllBackends, Receiver,
                         testing::Combine(testing::ValuesIn(backends()), testing::ValuesIn(kAlgorithms)));

int derivations = 0;

reseal_status count_and_derive(reseal_bytes salt, reseal_bytes secret, reseal_bytes info, std::uint8_t *out,
                               std::size_t size) {
    derivations++;
    return reseal_crypto_openssl()->hkdf_sha256(salt, secret, info, out, size);
}

TEST_F(ReceiverTest, DerivesKeyAndBaseIvOncePerEpoch) {
    reseal_crypto counting = *reseal_crypto_openssl();
    counting.hkdf_sha256 = count_and_derive;
    open(&counting, credentials());
    derivations = 0;
    for (std::uint32_t counter = 0; counter < 10; counter++) {
        EXPECT_EQ(accept(Draft{.counter = counter}.seal()), RESEAL_OK);
    }
    EXPECT_EQ(derivations, 2);
    EXPECT_EQ(accept(Draft{.epoch = {2, {}}}.seal()), RESEAL_OK);
    EXPECT_EQ(derivations, 4);
}

class ReceiverArguments : public ReceiverTest {
  protected:
    reseal_status try_open(const reseal_credentials *who, int direction, std::uint32_t window) {
        return reseal_receiver_open(&receiver, who, static_cast<reseal_direction>(direction), reseal_crypto_openssl(),
                                    words.data(), window, nullptr);
    }
    reseal_credentials of = credentials();
};

TEST_F(ReceiverArguments, AllowWindowsOf32To4096InStepsOf32) {
    std::vector<std::uint32_t> many(RESEAL_WINDOW_WORDS(RESEAL_WINDOW_MAX) + 1);
    for (std::uint32_t window = 0; window <= RESEAL_WINDOW_MAX + 32; window++) {
        const bool allowed = window >= 32 && window <= 4096 && window % 32 == 0;
        EXPECT_EQ(reseal_receiver_open(&receiver, &of, RESEAL_DOWNLINK, reseal_crypto_openssl(), many.data(), window,
                                       nullptr),
                  allowed ? RESEAL_OK : RESEAL_BAD_ARGUMENT)
            << window;
    }
}

TEST_F(ReceiverArguments, AreChecked) {
    reseal_credentials unnamed = of;
    unnamed.principal[0] = '\0';
    EXPECT_EQ(try_open(nullptr, 2, 128), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(try_open(&of, 0, 128), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(try_open(&of, 3, 128), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(try_open(&unnamed, 2, 128), RESEAL_BAD_CREDENTIALS);
    EXPECT_FALSE(receiver.opened);
}

TEST_F(ReceiverArguments, IncludeAWindowThatCanBeLoaded) {
    windows.load_fails = true;
    const reseal_window_store store = windows.port();
    EXPECT_EQ(reseal_receiver_open(&receiver, &of, RESEAL_DOWNLINK, reseal_crypto_openssl(), words.data(), 128, &store),
              RESEAL_WINDOW_NOT_STORED);
    EXPECT_FALSE(receiver.opened);
}

TEST_F(ReceiverArguments, MayOmitTheWindowStore) {
    ASSERT_EQ(try_open(&of, RESEAL_DOWNLINK, 128), RESEAL_OK);
    EXPECT_EQ(accept(Draft{}.seal()), RESEAL_OK);
    EXPECT_EQ(accept(Draft{}.seal()), RESEAL_REPLAY);
}

TEST_F(ReceiverArguments, ToAcceptAreChecked) {
    ASSERT_EQ(try_open(&of, RESEAL_DOWNLINK, 128), RESEAL_OK);
    const Bytes message = Draft{}.seal();
    Bytes memory(64);
    reseal_buffer buffer = room(memory);
    reseal_buffer nowhere{nullptr, 64, 9};
    EXPECT_EQ(reseal_receiver_accept(nullptr, view("a"), view(message), &buffer), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_receiver_accept(&receiver, view("a"), view(message), nullptr), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_receiver_accept(&receiver, {nullptr, 1}, view(message), &buffer), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_receiver_accept(&receiver, view("a"), {nullptr, 1}, &buffer), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_receiver_accept(&receiver, view("a"), view(message), &nowhere), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(nowhere.size, 0U);
}

}  // namespace
}  // namespace reseal::test
