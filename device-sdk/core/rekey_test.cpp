// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <reseal/rekey.h>

#include <string>

#include "core/test_support.h"

namespace reseal::test {
namespace {

constexpr const char *kTopic = "$reseal/bed-12/key";

// The generation after credentials().
reseal_credentials next_generation(std::uint8_t number = 2) {
    reseal_credentials made = credentials();
    made.key_id[0] = number;
    made.master[0] = number;
    return made;
}

Bytes record_of(const reseal_credentials& of) {
    Bytes out(RESEAL_REKEY_RECORD_MAX);
    out.resize(reseal_rekey_record_write(out.data(), &of));
    return out;
}

// Keeps what it is given, as flash does, and checks `device` at that moment.
struct MemoryKeys {
    reseal_credentials kept = credentials();
    bool fails = false;
    int stores = 0;
    const reseal_device *device = nullptr;
    std::uint8_t used_while_stored = 0;  // first byte of the key id

    reseal_key_store port() { return {this, store}; }

    static reseal_status store(void *context, const reseal_credentials *fresh) {
        auto& self = *static_cast<MemoryKeys *>(context);
        self.stores++;
        self.used_while_stored = self.device->sender.credentials.key_id[0];
        if (self.fails) {
            return RESEAL_NOT_STORED;
        }
        self.kept = *fresh;
        return RESEAL_OK;
    }
};

class Rekey : public testing::Test {
  protected:
    Rekey() {
        port.windows = windows.port();
        keys.device = &device;
        EXPECT_EQ(reseal_device_open(&device, &old, &port), RESEAL_OK);
    }
    ~Rekey() override { reseal_device_close(&device); }
    Rekey(const Rekey&) = delete;
    Rekey& operator=(const Rekey&) = delete;

    // A record as the broker sends it: sealed under `under`, with its own counter.
    Bytes sealed(const Bytes& record, const reseal_credentials& under, const std::string& topic = kTopic) {
        Draft draft;
        draft.credentials = under;
        draft.counter = counter++;
        draft.topic = topic;
        draft.plaintext = record;
        return draft.seal();
    }

    reseal_status rekey(const Bytes& message) {
        const reseal_key_store store = keys.port();
        return reseal_device_rekey(&device, view(message), &store);
    }

    // The first byte of the key id that the device seals under; 0 if it cannot seal.
    std::uint8_t seals_under() {
        Bytes memory(100);
        reseal_message message{};
        message.payload = room(memory);
        reseal_envelope envelope{};
        const bool done = reseal_device_seal(&device, "t", {}, &message) == RESEAL_OK &&
                          reseal_envelope_parse({message.payload.data, message.payload.size}, &envelope) == RESEAL_OK;
        return done ? envelope.key_id[0] : 0;
    }

    void expect_nothing_changed(const std::string& after) {
        EXPECT_EQ(keys.stores, 0) << after;
        EXPECT_EQ(seals_under(), old.key_id[0]) << after;
    }

    bool device_holds(const std::uint8_t *secret, std::size_t size) const {
        const auto *bytes = reinterpret_cast<const std::uint8_t *>(&device);
        return std::search(bytes, bytes + sizeof device, secret, secret + size) != bytes + sizeof device;
    }

    MemoryEpochs epochs;
    MemoryWindows windows;
    CountingRandom random;
    MemoryKeys keys;
    reseal_credentials old = credentials();
    reseal_port port{reseal_crypto_mbedtls(), epochs.port(), random.port(), {}};
    reseal_device device;
    std::uint32_t counter = 0;
};

TEST_F(Rekey, HasATopicForTheDeviceOnly) {
    char topic[RESEAL_REKEY_TOPIC_SIZE] = "x";
    reseal_rekey_topic(&device, topic);
    EXPECT_STREQ(topic, kTopic);
    reseal_device_close(&device);
    reseal_rekey_topic(&device, topic);
    EXPECT_STREQ(topic, "");
}

TEST_F(Rekey, StoresTheNewKeyBeforeUseAndThenUsesNoOther) {
    ASSERT_EQ(seals_under(), old.key_id[0]);
    const reseal_credentials fresh = next_generation();
    ASSERT_EQ(rekey(sealed(record_of(fresh), old)), RESEAL_OK);
    EXPECT_EQ(keys.used_while_stored, old.key_id[0]);
    EXPECT_EQ(std::memcmp(&keys.kept, &fresh, sizeof fresh), 0);
    EXPECT_EQ(seals_under(), fresh.key_id[0]);
    EXPECT_FALSE(device_holds(old.master, sizeof old.master));
}

TEST_F(Rekey, StartsTheNewKeyWithItsOwnEpoch) {
    ASSERT_EQ(seals_under(), old.key_id[0]);
    ASSERT_EQ(epochs.stored, 1U);
    ASSERT_EQ(rekey(sealed(record_of(next_generation()), old)), RESEAL_OK);
    EXPECT_EQ(epochs.stored, 1U) << "nothing is written before something is sealed";
    ASSERT_NE(seals_under(), 0);
    EXPECT_EQ(epochs.stored, 2U);
}

TEST_F(Rekey, OpensUnderTheNewKeyAndNoLongerUnderTheOldOne) {
    const reseal_credentials fresh = next_generation();
    ASSERT_EQ(rekey(sealed(record_of(fresh), old)), RESEAL_OK);
    Bytes memory(100);
    reseal_buffer out = room(memory);
    EXPECT_EQ(reseal_device_receive(&device, "t", view(sealed({1}, fresh, "t")), &out), RESEAL_OK);
    EXPECT_EQ(reseal_device_receive(&device, "t", view(sealed({1}, old, "t")), &out), RESEAL_UNKNOWN_KEY);
}

TEST_F(Rekey, KeepsTheOldKeyUntilTheNewOneCanBeStored) {
    keys.fails = true;
    const Bytes record = record_of(next_generation());
    EXPECT_EQ(rekey(sealed(record, old)), RESEAL_NOT_STORED);
    EXPECT_EQ(seals_under(), old.key_id[0]);
    keys.fails = false;
    EXPECT_EQ(rekey(sealed(record, old)), RESEAL_OK);
    EXPECT_EQ(seals_under(), 2);
}

TEST_F(Rekey, AcceptsAMessageOnce) {
    keys.fails = true;
    const Bytes message = sealed(record_of(next_generation()), old);
    EXPECT_EQ(rekey(message), RESEAL_NOT_STORED);
    EXPECT_EQ(rekey(message), RESEAL_REPLAY);
    EXPECT_EQ(keys.stores, 1);
}

// Each message leads from the key that it is sealed under to a later one. Whoever has only a later key cannot open it.
TEST_F(Rekey, IsNeverLedBackToAnOlderGeneration) {
    const reseal_credentials second = next_generation(2);
    const reseal_credentials third = next_generation(3);
    const Bytes to_second = sealed(record_of(second), old);
    const Bytes to_third = sealed(record_of(third), old);
    ASSERT_EQ(rekey(to_third), RESEAL_OK);
    EXPECT_EQ(rekey(to_second), RESEAL_UNKNOWN_KEY);
    EXPECT_EQ(rekey(to_third), RESEAL_UNKNOWN_KEY);
    EXPECT_EQ(seals_under(), 3);
}

TEST_F(Rekey, RefusesAChangedMovedOrForeignMessage) {
    const Bytes record = record_of(next_generation());
    Bytes flipped = sealed(record, old);
    flipped.back() ^= 1U;
    EXPECT_EQ(rekey(flipped), RESEAL_BAD_TAG);
    EXPECT_EQ(rekey(sealed(record, old, "commands/bed-12/key")), RESEAL_BAD_TAG);
    EXPECT_EQ(rekey(sealed(record, next_generation())), RESEAL_UNKNOWN_KEY);
    EXPECT_EQ(rekey(record), RESEAL_MALFORMED) << "in clear";
    EXPECT_EQ(rekey({}), RESEAL_MALFORMED);
    expect_nothing_changed("refusals");
}

TEST_F(Rekey, RefusesWhatIsNotANewKeyForThisDevice) {
    reseal_credentials other = next_generation();
    std::strcpy(other.principal, "bed-13");
    EXPECT_EQ(rekey(sealed(record_of(other), old)), RESEAL_BAD_CREDENTIALS);
    reseal_credentials longer = next_generation();
    std::strcpy(longer.principal, "bed-12a");
    EXPECT_EQ(rekey(sealed(record_of(longer), old)), RESEAL_BAD_CREDENTIALS);
    EXPECT_EQ(rekey(sealed(record_of(old), old)), RESEAL_BAD_CREDENTIALS) << "the key that it has";
    reseal_credentials algorithm = next_generation();
    algorithm.algorithm = RESEAL_A256GCM;
    EXPECT_EQ(rekey(sealed(record_of(algorithm), old)), RESEAL_WRONG_ALGORITHM);
    algorithm.algorithm = 99;
    EXPECT_EQ(rekey(sealed(record_of(algorithm), old)), RESEAL_BAD_CREDENTIALS);
    expect_nothing_changed("foreign records");
}

TEST_F(Rekey, RefusesEveryMalformedRecord) {
    const Bytes right = record_of(next_generation());
    for (std::size_t size = 0; size < right.size(); size++) {
        const Bytes cut(right.begin(), right.begin() + static_cast<std::ptrdiff_t>(size));
        EXPECT_EQ(rekey(sealed(cut, old)), RESEAL_BAD_CREDENTIALS) << size;
    }
    Bytes longer = right;
    longer.push_back('\0');
    EXPECT_EQ(rekey(sealed(longer, old)), RESEAL_BAD_CREDENTIALS) << "a NUL behind the name";
    longer.resize(RESEAL_REKEY_RECORD_MAX + 1, 'x');
    EXPECT_EQ(rekey(sealed(longer, old)), RESEAL_BUFFER_TOO_SMALL);
    Bytes version = right;
    version[0] = 2;
    EXPECT_EQ(rekey(sealed(version, old)), RESEAL_BAD_CREDENTIALS);
    expect_nothing_changed("other shapes");
}

TEST_F(Rekey, AcceptsTheLongestName) {
    reseal_device_close(&device);
    std::fill_n(old.principal, RESEAL_PRINCIPAL_MAX, 'n');
    ASSERT_EQ(reseal_device_open(&device, &old, &port), RESEAL_OK);
    reseal_credentials fresh = next_generation();
    std::copy_n(old.principal, sizeof old.principal, fresh.principal);
    char topic[RESEAL_REKEY_TOPIC_SIZE];
    reseal_rekey_topic(&device, topic);
    EXPECT_EQ(rekey(sealed(record_of(fresh), old, topic)), RESEAL_OK);
    EXPECT_EQ(seals_under(), 2);
}

TEST_F(Rekey, RefusesNullsAndAClosedDevice) {
    const reseal_key_store store = keys.port();
    const reseal_key_store none{};
    const Bytes message = sealed(record_of(next_generation()), old);
    EXPECT_EQ(reseal_device_rekey(nullptr, view(message), &store), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_device_rekey(&device, view(message), nullptr), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_device_rekey(&device, view(message), &none), RESEAL_BAD_ARGUMENT);
    reseal_device_close(&device);
    EXPECT_EQ(rekey(message), RESEAL_CLOSED);
    EXPECT_EQ(keys.stores, 0);
}

TEST_F(Rekey, StoresTheNewKeyAndClosesIfTheWindowCannotBeReread) {
    windows.load_fails = true;
    EXPECT_EQ(rekey(sealed(record_of(next_generation()), old)), RESEAL_WINDOW_NOT_STORED);
    EXPECT_EQ(keys.kept.key_id[0], 2);
    EXPECT_EQ(seals_under(), 0);
    EXPECT_FALSE(device_holds(keys.kept.master, sizeof keys.kept.master));
}

}  // namespace
}  // namespace reseal::test
