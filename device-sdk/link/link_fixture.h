// SPDX-License-Identifier: Apache-2.0
// A link with its device, a driver that the test controls, and whoever seals for the device.
#pragma once

#include <gtest/gtest.h>
#include <reseal/link.h>

#include <functional>
#include <string>
#include <vector>

#include "core/test_support.h"
#include "link/test_driver.h"

namespace reseal::test {

class Link : public testing::Test {
  protected:
    Link() { open(RESEAL_LISTENER_TLS); }
    ~Link() override {
        reseal_link_close(&link);
        reseal_device_close(&device);
        reseal_sender_close(&sealer);
    }

    void open(reseal_listener listener, bool takes_keys = false) {
        const reseal_credentials known = credentials();
        const reseal_port port{reseal_crypto_openssl(), epochs.port(), random_port(), {}};
        ASSERT_EQ(reseal_device_open(&device, &known, &port), RESEAL_OK);
        const reseal_port other{reseal_crypto_openssl(), sealer_epochs.port(), random_port(), {}};
        ASSERT_EQ(reseal_sender_open(&sealer, &known, RESEAL_DOWNLINK, other.crypto, &other.epochs, &other.random),
                  RESEAL_OK);
        reseal_link_config config{};
        config.device = &device;
        config.driver = driver.get();
        config.listener = listener;
        config.filters = filters.data();
        config.filter_count = filters.size();
        config.random = pause_port();
        config.opened = {opened.data(), opened.size(), 0};
        config.calls = {this, on_accepted, on_received, on_changed};
        if (takes_keys) {
            config.keys = {this, [](void *self, const reseal_credentials *fresh) {
                               static_cast<Link *>(self)->keys.push_back(*fresh);
                               return RESEAL_OK;
                           }};
        }
        ASSERT_EQ(reseal_link_open(&link, &config), RESEAL_OK);
    }

    void pass(std::uint32_t ms) {
        for (std::uint32_t gone = 0; gone < ms; gone += 10) {
            now += 10;
            reseal_link_step(&link, now);
        }
    }

    void step() { reseal_link_step(&link, now); }

    // Steps until `condition`, for at most that much of the link's time.
    bool comes(const std::function<bool()>& condition, std::uint32_t limit_ms = 200'000) {
        for (std::uint32_t gone = 0; gone < limit_ms && !condition(); gone += 10) {
            pass(10);
        }
        return condition();
    }

    bool comes_to(reseal_link_state state) {
        return comes([&] { return link.status.state == state; });
    }

    void go_online() {
        ASSERT_TRUE(comes_to(RESEAL_LINK_CONNECTING));
        driver.happen(RESEAL_LINK_EVENT_CONNECTED);
        step();
        driver.answer_subscriptions();
        step();
        ASSERT_EQ(link.status.state, RESEAL_LINK_ONLINE) << line();
    }

    void lose(reseal_link_reason reason, std::int32_t code = 0) {
        driver.happen(RESEAL_LINK_EVENT_LOST, reason, code);
        step();
    }

    [[nodiscard]] std::string line() const {
        char text[RESEAL_LINK_LINE_SIZE];
        reseal_link_line(reseal_link_get_status(&link), text);
        return text;
    }

    reseal_message& seal(const std::string& text) {
        messages.emplace_back();
        memories.emplace_back(text.size() + RESEAL_OVERHEAD_MAX);
        messages.back().payload = room(memories.back());
        EXPECT_EQ(reseal_device_seal(&device, "ward/{id}/pulse", view(text), &messages.back()), RESEAL_OK);
        return messages.back();
    }

    Bytes seal_for_device(const std::string& topic, const std::string& text) {
        Bytes memory(text.size() + RESEAL_OVERHEAD_MAX);
        reseal_buffer out = room(memory);
        EXPECT_EQ(reseal_sender_seal(&sealer, view(topic), view(text), &out), RESEAL_OK);
        memory.resize(out.size);
        return memory;
    }

    // The broker's sealed acknowledgement of everything up to `counter` in the device's epoch.
    void acknowledge_sealed(std::uint32_t counter) {
        reseal_ack ack{.epoch = device.sender.epoch, .counter = counter, .window = {}};
        std::memset(ack.window, 0xFF, sizeof ack.window);
        std::string record(RESEAL_ACK_SIZE, '\0');
        reseal_ack_write(reinterpret_cast<std::uint8_t *>(record.data()), &ack);
        driver.receive("$reseal/bed-12/ack", seal_for_device("$reseal/bed-12/ack", record));
    }

    static Link& of(void *self) { return *static_cast<Link *>(self); }
    static void on_accepted(void *self, std::uint32_t number) { of(self).accepted.push_back(number); }
    static void on_received(void *self, const char *topic, reseal_bytes text) {
        of(self).received.emplace_back(std::string(topic) + " " +
                                       std::string(reinterpret_cast<const char *>(text.data), text.size));
    }
    static void on_changed(void *self, const reseal_link_status * /*status*/) {
        of(self).lines.push_back(of(self).line());
    }

    reseal_random random_port() {
        return {this, [](void *self, std::uint8_t *out, std::size_t size) {
                    for (std::size_t i = 0; i < size; i++) {
                        out[i] = static_cast<std::uint8_t>(of(self).next_random++ * 37);
                    }
                    return true;
                }};
    }

    reseal_random pause_port() {
        return {this, [](void *self, std::uint8_t *out, std::size_t size) {
                    const reseal_random source = of(self).random_port();
                    return of(self).random_works && source.fill(source.context, out, size);
                }};
    }

    std::vector<const char *> filters{"commands/{id}/#", "ward/all/#"};
    MemoryEpochs epochs;
    MemoryEpochs sealer_epochs;
    FakeDriver driver;
    reseal_device device{};
    reseal_sender sealer{};
    reseal_link link{};
    bool random_works = true;  // for the pauses
    std::uint8_t next_random = 1;
    std::uint32_t now = 5000;
    Bytes opened = Bytes(256);
    std::deque<reseal_message> messages;
    std::deque<Bytes> memories;
    std::vector<std::uint32_t> accepted;
    std::vector<std::string> received;
    std::vector<std::string> lines;
    std::vector<reseal_credentials> keys;
};

}  // namespace reseal::test
