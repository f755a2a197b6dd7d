// SPDX-License-Identifier: Apache-2.0
// A board whose time, sensors, network and broker a test controls. It has no salt: what is random is always the same.
#pragma once

#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "app/vitals.h"
#include "host/simulated_sensors.h"
#include "link/test_driver.h"

namespace reseal::vitals {

inline reseal_credentials test_credentials() {
    reseal_credentials credentials{};
    std::strcpy(credentials.principal, "pico1");
    std::strcpy(credentials.realm, "ward-7");
    credentials.algorithm = RESEAL_AES_CCM_16_128_128;
    std::memcpy(credentials.key_id, "keyname", RESEAL_KEY_ID_SIZE);
    std::memset(credentials.master, 0x5A, RESEAL_MASTER_SIZE);
    return credentials;
}

// base64url without padding, as in the password of a sealed CONNECT.
inline std::vector<std::uint8_t> decode(const std::string& text) {
    const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::vector<std::uint8_t> bytes;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char character : text) {
        bits = bits << 6 | static_cast<std::uint32_t>(alphabet.find(character));
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes.push_back(static_cast<std::uint8_t>(bits >> count));
        }
    }
    return bytes;
}

// What the plugin does with a device's messages: delivers each once, and acknowledges repeats without delivering them.
class TestBroker {
  public:
    explicit TestBroker(std::uint32_t window = RESEAL_WINDOW_MIN,
                        const reseal_credentials& credentials = test_credentials())
        : words_(RESEAL_WINDOW_WORDS(window)) {
        reseal_receiver_open(&receiver_, &credentials, RESEAL_UPLINK, reseal_crypto_mbedtls(), words_.data(), window,
                             nullptr);
    }
    ~TestBroker() { reseal_receiver_close(&receiver_); }
    TestBroker(const TestBroker&) = delete;
    TestBroker& operator=(const TestBroker&) = delete;

    reseal_status take(const std::string& topic, const std::vector<std::uint8_t>& payload) {
        std::vector<std::uint8_t> memory(payload.size());
        reseal_buffer out{memory.data(), memory.size(), 0};
        const reseal_status status =
            reseal_receiver_accept(&receiver_, {reinterpret_cast<const std::uint8_t *>(topic.data()), topic.size()},
                                   {payload.data(), payload.size()}, &out);
        if (status == RESEAL_OK) {
            delivered.emplace_back(topic, std::string(memory.begin(), memory.begin() + static_cast<long>(out.size)));
        }
        return status;
    }

    // Its sealed acknowledgement (docs/protocol.md, "Sealed acknowledgement").
    [[nodiscard]] std::string acknowledgement() const {
        const reseal_replay& window = receiver_.replay;
        reseal_ack ack{.epoch = window.epoch, .counter = window.top, .window = {}};
        for (std::uint32_t n = 0; n + 1 < window.window && n < window.top; ++n) {
            const std::uint32_t bit = (window.top - 1 - n) % window.window;
            const bool accepted = (window.words[bit / 32] >> (bit % 32) & 1U) != 0;
            ack.window[n / 8] |= static_cast<std::uint8_t>(accepted ? 1U << (n % 8) : 0U);
        }
        std::string record(RESEAL_ACK_SIZE, '\0');
        reseal_ack_write(reinterpret_cast<std::uint8_t *>(record.data()), &ack);
        return record;
    }

    std::vector<std::pair<std::string, std::string>> delivered;

  private:
    std::vector<std::uint32_t> words_;
    reseal_receiver receiver_{};
};

class TestBoard {
  public:
    TestBoard() {
        board_ = {
            .context = this,
            .now_ms = [](void *self) { return of(self).ms; },
            .adc = [](void *self, board_channel channel, std::uint16_t *out) { return of(self).adc(channel, out); },
            .i2c_write = [](void *self, std::uint8_t address, std::uint8_t first,
                            std::uint8_t value) { return of(self).motion.write(address, first, value); },
            .i2c_read = [](void *self, std::uint8_t address, std::uint8_t first, std::uint8_t *out,
                           std::uint8_t size) { return of(self).motion.read(address, first, out, size); },
            .led = [](void *self, bool on) { of(self).led = on; },
            .store_key = [](void *self, const reseal_credentials *fresh) { return of(self).store_key(*fresh); },
            .tell = [](void *self, const char *line) { of(self).lines.emplace_back(line); }};
    }

    static TestBoard& of(void *self) { return *static_cast<TestBoard *>(self); }
    [[nodiscard]] const board *get() const { return &board_; }

    // Epochs and windows in memory that outlives the device.
    reseal_port port() {
        return {.crypto = reseal_crypto_mbedtls(),
                .epochs = {this,
                           [](void *self, std::uint32_t *stored) {
                               *stored = of(self).epoch;
                               return RESEAL_OK;
                           },
                           [](void *self, std::uint32_t raised) {
                               of(self).epoch = raised;
                               return of(self).flash_works ? RESEAL_OK : RESEAL_EPOCH_NOT_STORED;
                           }},
                .random = {this, [](void * /*self*/, std::uint8_t *out, size_t size) {
                               std::memset(out, 7, size);
                               return true;
                           }}};
    }

    std::uint32_t ms = 1000;
    std::uint32_t epoch = 0;
    bool flash_works = true;
    std::vector<reseal_credentials> keys;  // new ones that were stored
    bool led = false;
    bool adc_works = true;
    SimulatedMpu6050 motion;
    test::FakeDriver driver;
    std::vector<std::string> lines;

  private:
    reseal_status store_key(const reseal_credentials& fresh) {
        if (flash_works) {
            keys.push_back(fresh);
        }
        return flash_works ? RESEAL_OK : RESEAL_NOT_STORED;
    }

    bool adc(board_channel channel, std::uint16_t *out) const {
        *out = channel == BOARD_PULSE ? 2048 : simulated_temperature(27);
        return adc_works;
    }

    board board_{};
};

}  // namespace reseal::vitals
