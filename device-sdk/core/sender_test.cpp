// SPDX-License-Identifier: Apache-2.0
#include <reseal/sender.h>
#include <reseal/sender_position.h>

#include <memory>
#include <set>

#include <gtest/gtest.h>

#include "core/test_support.h"

namespace reseal::test {
namespace {

using Calls = std::vector<std::string>;

class Sender : public testing::TestWithParam<const reseal_crypto *> {
  protected:
    ~Sender() override { reseal_sender_close(&sender); }

    void SetUp() override { ASSERT_EQ(open(), RESEAL_OK); }

    reseal_status open(reseal_direction direction = RESEAL_UPLINK) {
        const reseal_epoch_store store = epochs.port();
        const reseal_random source = random.port();
        return reseal_sender_open(&sender, &of, direction, GetParam(), &store, &source);
    }

    reseal_status seal(const std::string& text = "hello") { return seal_into(text.size() + RESEAL_OVERHEAD_MAX, text); }

    reseal_status seal_into(std::size_t capacity, const std::string& text, std::string_view topic = "a/b") {
        message.assign(capacity, 0);
        reseal_buffer buffer = room(message);
        buffer.size = 99;
        const reseal_status status = reseal_sender_seal(&sender, view(topic), view(text), &buffer);
        message.resize(buffer.size);
        return status;
    }

    static Bytes salt_of(const reseal_epoch& epoch) { return {epoch.salt, epoch.salt + RESEAL_SALT_SIZE}; }

    // What a broker would read in the last message.
    reseal_envelope header() {
        reseal_envelope envelope{};
        EXPECT_EQ(reseal_envelope_parse(view(message), &envelope), RESEAL_OK);
        return envelope;
    }

    reseal_credentials of = credentials();
    MemoryEpochs epochs;
    CountingRandom random;
    reseal_sender sender{};
    Bytes message;
};

TEST_P(Sender, WritesNothingWhenItIsOpened) {
    EXPECT_EQ(epochs.calls, Calls{});
}

TEST_P(Sender, ContinuesWhereItWasClosedWithoutANewEpoch) {
    ASSERT_EQ(seal(), RESEAL_OK);
    ASSERT_EQ(seal(), RESEAL_OK);
    const reseal_envelope before = header();
    const Bytes salt = salt_of(before.epoch);
    const reseal_sender_position position = reseal_sender_position_of(&sender);
    reseal_sender_close(&sender);
    ASSERT_EQ(open(), RESEAL_OK);
    epochs.calls.clear();
    ASSERT_EQ(reseal_sender_go_on(&sender, &position), RESEAL_OK);
    ASSERT_EQ(seal(), RESEAL_OK);
    EXPECT_EQ(header().epoch.number, 1U);
    EXPECT_EQ(salt_of(header().epoch), salt);
    EXPECT_EQ(header().counter, 2U);
    EXPECT_EQ(epochs.calls, Calls{});
}

TEST_P(Sender, ContinuesWithANewEpochIfTheOldOneIsUsedUpOrNeverBegan) {
    const reseal_sender_position unused = reseal_sender_position_of(&sender);
    ASSERT_EQ(reseal_sender_go_on(&sender, &unused), RESEAL_OK);
    ASSERT_EQ(seal(), RESEAL_OK);
    EXPECT_EQ(header().epoch.number, 1U);
    reseal_sender_position used_up = reseal_sender_position_of(&sender);
    used_up.counter = RESEAL_COUNTER_LIMIT_VALUE;
    reseal_sender_close(&sender);
    ASSERT_EQ(open(), RESEAL_OK);
    ASSERT_EQ(reseal_sender_go_on(&sender, &used_up), RESEAL_OK);
    ASSERT_EQ(seal(), RESEAL_OK);
    EXPECT_EQ(header().epoch.number, 2U);
    EXPECT_EQ(header().counter, 0U);
}

TEST_P(Sender, ContinuesOnlyRightAfterItWasOpened) {
    ASSERT_EQ(seal(), RESEAL_OK);
    const reseal_sender_position position = reseal_sender_position_of(&sender);
    EXPECT_EQ(reseal_sender_go_on(&sender, &position), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_sender_go_on(&sender, nullptr), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_sender_go_on(nullptr, &position), RESEAL_BAD_ARGUMENT);
    reseal_sender_close(&sender);
    EXPECT_EQ(reseal_sender_go_on(&sender, &position), RESEAL_BAD_ARGUMENT);
}

TEST_P(Sender, RaisesTheEpochOnceAndLoadsBeforeItStores) {
    epochs.stored = 41;
    for (std::uint32_t i = 0; i < 5; i++) {
        ASSERT_EQ(seal(), RESEAL_OK);
        EXPECT_EQ(header().epoch.number, 42U);
        EXPECT_EQ(header().counter, i);
    }
    EXPECT_EQ(epochs.calls, (Calls{"load", "store 42"}));
}

TEST_P(Sender, RaisesTheEpochWithANewSaltAfterEachOpen) {
    ASSERT_EQ(seal(), RESEAL_OK);
    const reseal_epoch first = header().epoch;
    reseal_sender_close(&sender);
    ASSERT_EQ(open(), RESEAL_OK);
    ASSERT_EQ(seal(), RESEAL_OK);
    EXPECT_EQ(header().epoch.number, first.number + 1);
    EXPECT_NE(salt_of(header().epoch), salt_of(first));
    EXPECT_EQ(header().counter, 0U);
}

TEST_P(Sender, MakesMessagesThatAReceiverAccepts) {
    std::array<std::uint32_t, RESEAL_WINDOW_WORDS(32)> words{};
    reseal_receiver receiver;
    ASSERT_EQ(reseal_receiver_open(&receiver, &of, RESEAL_UPLINK, GetParam(), words.data(), 32, nullptr), RESEAL_OK);
    for (const std::string text : {"", "x", "a longer one"}) {
        ASSERT_EQ(seal(text), RESEAL_OK);
        Bytes opened(message.size());
        reseal_buffer buffer = room(opened);
        EXPECT_EQ(reseal_receiver_accept(&receiver, view("a/b"), view(message), &buffer), RESEAL_OK);
        EXPECT_EQ(std::string(opened.begin(), opened.begin() + static_cast<std::ptrdiff_t>(buffer.size)), text);
    }
    reseal_receiver_close(&receiver);
}

TEST_P(Sender, UsesEachCounterOnceAndThenRaisesTheEpoch) {
    for (std::uint32_t counter = 0; counter < RESEAL_COUNTER_LIMIT_VALUE; counter++) {
        ASSERT_TRUE(seal("") == RESEAL_OK && header().counter == counter) << counter;
    }
    const reseal_epoch first = header().epoch;
    ASSERT_EQ(seal(""), RESEAL_OK);
    EXPECT_EQ(header().counter, 0U);
    EXPECT_NE(salt_of(header().epoch), salt_of(first));
    EXPECT_EQ(epochs.calls, (Calls{"load", "store 1", "load", "store 2"}));
}

TEST_P(Sender, RaisesItsOwnEpochWhenTheStoreForgotIt) {
    epochs.stored = 9;
    ASSERT_EQ(seal(), RESEAL_OK);
    epochs.stored = 0;
    sender.counter = RESEAL_COUNTER_LIMIT_VALUE;
    ASSERT_EQ(seal(), RESEAL_OK);
    EXPECT_EQ(header().epoch.number, 11U);
}

TEST_P(Sender, RaisesTheStoredEpochWhenTheStoreIsAhead) {
    ASSERT_EQ(seal(), RESEAL_OK);
    epochs.stored = 500;
    sender.counter = RESEAL_COUNTER_LIMIT_VALUE;
    ASSERT_EQ(seal(), RESEAL_OK);
    EXPECT_EQ(header().epoch.number, 501U);
}

TEST_P(Sender, SealsNothingWhileTheEpochCannotBeStored) {
    epochs.store_fails = true;
    EXPECT_EQ(seal(), RESEAL_EPOCH_NOT_STORED);
    EXPECT_TRUE(message.empty());
    EXPECT_EQ(seal(), RESEAL_EPOCH_NOT_STORED);
    epochs.store_fails = false;
    EXPECT_EQ(seal(), RESEAL_OK);
    EXPECT_EQ(header().epoch.number, 1U);
    EXPECT_EQ(header().counter, 0U);
    EXPECT_EQ(epochs.stored, 1U);
}

TEST_P(Sender, StopsAtTheEndOfAnEpochIfTheNextCannotBeStored) {
    ASSERT_EQ(seal(), RESEAL_OK);
    sender.counter = RESEAL_COUNTER_LIMIT_VALUE;
    epochs.store_fails = true;
    EXPECT_EQ(seal(), RESEAL_EPOCH_NOT_STORED);
    EXPECT_EQ(seal(), RESEAL_EPOCH_NOT_STORED);
    epochs.store_fails = false;
    ASSERT_EQ(seal(), RESEAL_OK);
    EXPECT_EQ(header().epoch.number, 2U);
}

TEST_P(Sender, StoresNothingWhileTheEpochCannotBeLoaded) {
    epochs.load_fails = true;
    EXPECT_EQ(seal(), RESEAL_EPOCH_NOT_STORED);
    EXPECT_EQ(epochs.calls, Calls{"load"});
}

TEST_P(Sender, StoresNothingWithoutASalt) {
    random.fails = true;
    EXPECT_EQ(seal(), RESEAL_NO_RANDOM);
    EXPECT_EQ(epochs.calls, Calls{"load"});
    random.fails = false;
    EXPECT_EQ(seal(), RESEAL_OK);
}

TEST_P(Sender, EndsWithTheLastEpoch) {
    epochs.stored = UINT32_MAX - 1;
    ASSERT_EQ(seal(), RESEAL_OK);
    EXPECT_EQ(header().epoch.number, UINT32_MAX);
    sender.counter = RESEAL_COUNTER_LIMIT_VALUE;
    EXPECT_EQ(seal(), RESEAL_EPOCH_EXHAUSTED);
    EXPECT_TRUE(message.empty());
    EXPECT_EQ(epochs.stored, UINT32_MAX);
}

TEST_P(Sender, ChecksSizesAndTopicBeforeItRaisesTheEpoch) {
    EXPECT_EQ(seal_into(100, "hello", ""), RESEAL_BAD_TOPIC);
    EXPECT_EQ(seal_into(100, "hello", "a/+"), RESEAL_BAD_TOPIC);
    EXPECT_EQ(seal_into(70000, std::string(65536, 'x')), RESEAL_TOO_LONG);
    EXPECT_EQ(seal_into(reseal_message_size(RESEAL_AES_CCM_16_128_128, 0, 5) - 1, "hello"), RESEAL_BUFFER_TOO_SMALL);
    EXPECT_EQ(epochs.calls, Calls{});
}

TEST_P(Sender, ChecksPointersBeforeItRaisesTheEpoch) {
    reseal_buffer nowhere{nullptr, 100, 99};
    EXPECT_EQ(reseal_sender_seal(&sender, view("a"), {}, &nowhere), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(nowhere.size, 0U);
    Bytes out(100);
    reseal_buffer buffer = room(out);
    EXPECT_EQ(reseal_sender_seal(&sender, {nullptr, 1}, {}, &buffer), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_sender_seal(&sender, view("a"), {nullptr, 1}, &buffer), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_sender_seal(&sender, view("a"), {}, nullptr), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_sender_seal(nullptr, view("a"), {}, &buffer), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(epochs.calls, Calls{});
}

TEST_P(Sender, SealsIntoABufferOfTheExactSize) {
    const std::size_t size = reseal_message_size(RESEAL_AES_CCM_16_128_128, 0, 5);
    EXPECT_EQ(seal_into(size, "hello"), RESEAL_OK);
    EXPECT_EQ(message.size(), size);
}

TEST_P(Sender, KeepsItsCounterWhenAnArgumentIsWrong) {
    ASSERT_EQ(seal(), RESEAL_OK);
    EXPECT_EQ(seal_into(10, "hello"), RESEAL_BUFFER_TOO_SMALL);
    ASSERT_EQ(seal(), RESEAL_OK);
    EXPECT_EQ(header().counter, 1U);
}

TEST_P(Sender, Accepts65535BytesOfPlaintext) {
    EXPECT_EQ(seal(std::string(65535, 'x')), RESEAL_OK);
}

TEST_P(Sender, IsNotOpenedWithoutItsPorts) {
    const reseal_epoch_store store = epochs.port();
    const reseal_random source = random.port();
    const reseal_epoch_store half_a_store{nullptr, MemoryEpochs::load, nullptr};
    reseal_sender other;
    const auto try_open = [&](const reseal_crypto *crypto, const reseal_epoch_store *where, const reseal_random *from) {
        return reseal_sender_open(&other, &of, RESEAL_UPLINK, crypto, where, from);
    };
    EXPECT_EQ(try_open(nullptr, &store, &source), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(try_open(GetParam(), nullptr, &source), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(try_open(GetParam(), &half_a_store, &source), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(try_open(GetParam(), &store, nullptr), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_sender_open(nullptr, &of, RESEAL_UPLINK, GetParam(), &store, &source), RESEAL_BAD_ARGUMENT);
}

TEST_P(Sender, IsNotOpenedWithWrongCredentialsOrDirection) {
    const reseal_epoch_store store = epochs.port();
    const reseal_random source = random.port();
    reseal_credentials unnamed = of;
    unnamed.principal[0] = '\0';
    reseal_sender other;
    const auto try_open = [&](const reseal_credentials *who, int direction) {
        return reseal_sender_open(&other, who, static_cast<reseal_direction>(direction), GetParam(), &store, &source);
    };
    EXPECT_EQ(try_open(nullptr, 1), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(try_open(&of, 0), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(try_open(&of, 3), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(try_open(&unnamed, 1), RESEAL_BAD_CREDENTIALS);
    Bytes out(100);
    reseal_buffer buffer = room(out);
    EXPECT_EQ(reseal_sender_seal(&other, view("a"), {}, &buffer), RESEAL_CLOSED) << "a failed open leaves it closed";
    reseal_sender_close(&other);
}

TEST_P(Sender, LeavesNoSecretBehindWhenItIsClosed) {
    ASSERT_EQ(seal(), RESEAL_OK);
    reseal_sender_close(&sender);
    const auto *raw = reinterpret_cast<const std::uint8_t *>(&sender);
    EXPECT_TRUE(all_zero(Bytes(raw, raw + sizeof sender)));
    EXPECT_EQ(seal(), RESEAL_CLOSED);
    EXPECT_TRUE(message.empty());
    reseal_sender_close(&sender);
    reseal_sender_close(nullptr);
}

INSTANTIATE_TEST_SUITE_P(AllBackends, Sender, testing::ValuesIn(backends()),
                         [](const auto& each) { return std::string(each.param->name); });

// A library that breaks after it was chosen.
class BrokenLibrary : public testing::Test {
  protected:
    ~BrokenLibrary() override { reseal_sender_close(&sender); }

    reseal_status seal() {
        Bytes out(100, 0xAA);
        reseal_buffer buffer = room(out);
        const reseal_status status = reseal_sender_seal(&sender, view("a"), view("hello"), &buffer);
        written = Bytes(out.begin(), out.begin() + 53);
        EXPECT_EQ(buffer.size == 0, status != RESEAL_OK);
        return status;
    }

    void open() {
        const reseal_credentials of = credentials();
        const reseal_epoch_store store = epochs.port();
        const reseal_random source = random.port();
        ASSERT_EQ(reseal_sender_open(&sender, &of, RESEAL_UPLINK, &crypto, &store, &source), RESEAL_OK);
    }

    reseal_crypto crypto = *reseal_crypto_openssl();
    MemoryEpochs epochs;
    CountingRandom random;
    reseal_sender sender{};
    Bytes written;
};

TEST_F(BrokenLibrary, DoesNotWearOutTheStore) {
    crypto.hkdf_sha256 = [](reseal_bytes, reseal_bytes, reseal_bytes, std::uint8_t *, std::size_t) {
        return RESEAL_CRYPTO_FAILED;
    };
    open();
    EXPECT_EQ(seal(), RESEAL_CRYPTO_FAILED);
    EXPECT_EQ(epochs.stored, 0U);
}

reseal_status fail_to_seal(reseal_aead *, const std::uint8_t *, reseal_bytes, reseal_bytes plaintext,
                           std::uint8_t *out) {
    reseal_wipe(out, plaintext.size + RESEAL_TAG_SIZE);
    return RESEAL_CRYPTO_FAILED;
}

// Every key remembers the adapter that made it: break the one inside.
TEST_F(BrokenLibrary, CostsACounterAndLeavesNoOutput) {
    open();
    ASSERT_EQ(seal(), RESEAL_OK);
    reseal_crypto broken = crypto;
    broken.seal = fail_to_seal;
    const reseal_crypto *working = sender.keys.aead.crypto;
    sender.keys.aead.crypto = &broken;
    EXPECT_EQ(seal(), RESEAL_CRYPTO_FAILED);
    EXPECT_TRUE(all_zero(Bytes(written.begin(), written.begin() + 52)));
    sender.keys.aead.crypto = working;
    ASSERT_EQ(seal(), RESEAL_OK);
    reseal_envelope envelope{};
    ASSERT_EQ(reseal_envelope_parse({written.data(), 53}, &envelope), RESEAL_OK);
    EXPECT_EQ(envelope.counter, 2U);
}

}  // namespace
}  // namespace reseal::test
