// SPDX-License-Identifier: Apache-2.0
// What the tests of the SDK share: credentials, ports in memory, and messages with a chosen epoch and counter.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <reseal/receiver.h>
#include <reseal/sender.h>

namespace reseal::test {

using Bytes = std::vector<std::uint8_t>;

inline constexpr std::array<int, 5> kAlgorithms{RESEAL_AES_CCM_16_128_128, RESEAL_AES_CCM_16_128_256, RESEAL_A128GCM,
                                                RESEAL_A256GCM, RESEAL_CHACHA20_POLY1305};

inline std::vector<const reseal_crypto *> backends() {
    std::vector<const reseal_crypto *> all{reseal_crypto_openssl(), reseal_crypto_mbedtls(), reseal_crypto_psa()};
    if (reseal_crypto_host() != reseal_crypto_openssl()) {
        all.push_back(reseal_crypto_host());
    }
    return all;
}

// The ciphers are mbedTLS's: AES-CCM with at most 65,279 bytes of additional data.
inline bool is_mbedtls(const reseal_crypto *crypto) {
    return crypto == reseal_crypto_mbedtls() || crypto == reseal_crypto_psa();
}

inline reseal_bytes view(const Bytes& bytes) {
    return {bytes.data(), bytes.size()};
}

inline reseal_bytes view(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()};
}

inline reseal_buffer room(Bytes& bytes) {
    return {bytes.data(), bytes.size(), 0};
}

inline bool all_zero(const Bytes& bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

inline Bytes pattern(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; i++) {
        bytes[i] = static_cast<std::uint8_t>(i * 7 + 1);
    }
    return bytes;
}

inline reseal_credentials credentials(int algorithm = RESEAL_AES_CCM_16_128_128) {
    reseal_credentials made{};
    std::memcpy(made.principal, "bed-12", 7);
    std::memcpy(made.realm, "ward-7", 7);
    made.algorithm = static_cast<std::uint8_t>(algorithm);
    for (std::uint8_t i = 0; i < RESEAL_KEY_ID_SIZE; i++) {
        made.key_id[i] = static_cast<std::uint8_t>(0xC0 + i);
    }
    for (std::uint8_t i = 0; i < RESEAL_MASTER_SIZE; i++) {
        made.master[i] = static_cast<std::uint8_t>(i + 1);
    }
    return made;
}

// An epoch store in memory that records every call and fails on demand.
struct MemoryEpochs {
    std::uint32_t stored = 0;
    bool load_fails = false;
    bool store_fails = false;
    std::vector<std::string> calls;

    reseal_epoch_store port() { return {this, load, store}; }

    static reseal_status load(void *context, std::uint32_t *epoch) {
        auto& self = *static_cast<MemoryEpochs *>(context);
        self.calls.emplace_back("load");
        *epoch = self.stored;
        return self.load_fails ? RESEAL_EPOCH_NOT_STORED : RESEAL_OK;
    }

    static reseal_status store(void *context, std::uint32_t epoch) {
        auto& self = *static_cast<MemoryEpochs *>(context);
        self.calls.push_back("store " + std::to_string(epoch));
        if (self.store_fails) {
            return RESEAL_EPOCH_NOT_STORED;
        }
        self.stored = epoch;
        return RESEAL_OK;
    }
};

// Counts up instead of being random, so that every draw differs and is predictable.
struct CountingRandom {
    std::uint8_t next = 1;
    bool fails = false;

    reseal_random port() { return {this, fill}; }

    static bool fill(void *context, std::uint8_t *out, std::size_t size) {
        auto& self = *static_cast<CountingRandom *>(context);
        std::generate_n(out, size, [&self] { return self.next++; });
        return !self.fails;
    }
};

// A window store in memory.
struct MemoryWindows {
    reseal_epoch epoch{};
    std::uint32_t top = 0;
    std::vector<std::uint32_t> words;
    bool load_fails = false;
    bool store_fails = false;
    int stores = 0;

    reseal_window_store port() { return {this, load, store}; }

    static reseal_status load(void *context, reseal_replay *replay) {
        auto& self = *static_cast<MemoryWindows *>(context);
        if (self.load_fails) {
            return RESEAL_WINDOW_NOT_STORED;
        }
        replay->epoch = self.epoch;
        replay->top = self.top;
        std::copy(self.words.begin(), self.words.end(), replay->words);
        return RESEAL_OK;
    }

    static reseal_status store(void *context, const reseal_replay *replay, std::uint32_t /*counter*/) {
        auto& self = *static_cast<MemoryWindows *>(context);
        self.stores++;
        if (self.store_fails) {
            return RESEAL_WINDOW_NOT_STORED;
        }
        self.epoch = replay->epoch;
        self.top = replay->top;
        self.words.assign(replay->words, replay->words + RESEAL_WINDOW_WORDS(replay->window));
        return RESEAL_OK;
    }
};

// Keys of one epoch that wipe themselves.
class EpochKeys {
  public:
    EpochKeys(const reseal_crypto *crypto, const reseal_credentials& of, reseal_direction direction,
              const reseal_epoch& epoch, reseal_use use) {
        status_ = reseal_epoch_keys_derive(crypto, &of, direction, &epoch, use, &keys_);
    }
    ~EpochKeys() { reseal_epoch_keys_wipe(&keys_); }
    EpochKeys(const EpochKeys&) = delete;
    EpochKeys& operator=(const EpochKeys&) = delete;
    EpochKeys(EpochKeys&&) = delete;
    EpochKeys& operator=(EpochKeys&&) = delete;

    [[nodiscard]] reseal_status status() const { return status_; }
    reseal_epoch_keys *get() { return &keys_; }

  private:
    reseal_epoch_keys keys_{};
    reseal_status status_;
};

// A message as a sender with this epoch and counter would make it; empty if it cannot be sealed.
struct Draft {
    reseal_credentials credentials = test::credentials();
    reseal_direction direction = RESEAL_DOWNLINK;
    reseal_epoch epoch{1, {1, 2, 3, 4}};
    std::uint32_t counter = 0;
    std::string topic = "ward/7/bed/12/ecg";
    Bytes plaintext{'h', 'e', 'l', 'l', 'o'};

    [[nodiscard]] reseal_envelope header() const {
        reseal_envelope envelope{};
        envelope.algorithm = credentials.algorithm;
        envelope.direction = static_cast<std::uint8_t>(direction);
        std::copy_n(credentials.key_id, RESEAL_KEY_ID_SIZE, envelope.key_id);
        envelope.epoch = epoch;
        envelope.counter = counter;
        return envelope;
    }

    [[nodiscard]] Bytes seal() const {
        EpochKeys keys(reseal_crypto_openssl(), credentials, direction, epoch, RESEAL_USE_SEAL);
        Bytes out(plaintext.size() + RESEAL_OVERHEAD_MAX);
        reseal_buffer buffer = room(out);
        const reseal_envelope envelope = header();
        const reseal_status status = reseal_message_seal(keys.get(), &envelope, view(topic), view(plaintext), &buffer);
        out.resize(status == RESEAL_OK ? buffer.size : 0);
        return out;
    }
};

}  // namespace reseal::test
