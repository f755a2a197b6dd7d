// SPDX-License-Identifier: Apache-2.0
// The application with its board, and whoever commands it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "app/test_board.h"

namespace reseal::vitals {

class Vitals : public testing::Test {
  protected:
    Vitals() { open(RESEAL_LISTENER_TLS); }
    ~Vitals() override { vitals_close(&app); }

    void open(reseal_listener listener) {
        const reseal_credentials credentials = test_credentials();
        port = board.port();
        listener_ = listener;
        ASSERT_EQ(vitals_open(&app, board.get(), board.driver.get(), &credentials, &port, listener), RESEAL_OK);
    }

    void pass(std::uint32_t ms) {
        for (std::uint32_t gone = 0; gone < ms; gone += 10) {
            board.ms += 10;
            vitals_step(&app);
        }
    }

    [[nodiscard]] reseal_link_state state() const { return app.link.status.state; }

    void go_online() {
        while (state() != RESEAL_LINK_CONNECTING) {
            pass(10);
        }
        board.driver.happen(RESEAL_LINK_EVENT_CONNECTED);
        vitals_step(&app);
        board.driver.answer_subscriptions();
        vitals_step(&app);
    }

    // Messages in flight arrive, and are acknowledged if `acknowledges`.
    void arrive(bool acknowledges = true) {
        auto& sent = board.driver.sent;
        while (!sent.empty()) {
            const test::Published message = sent.front();
            sent.pop_front();
            last_status = broker.take(message.topic, message.payload);
            if (acknowledges) {
                board.driver.acknowledge(message.handle);
                vitals_step(&app);
                if (listener_ == RESEAL_LISTENER_SEALED) {
                    command("$reseal/pico1/ack", broker.acknowledgement());
                }
            }
        }
    }

    void lose_connection(reseal_link_reason reason = RESEAL_LINK_RESET) {
        board.driver.happen(RESEAL_LINK_EVENT_LOST, reason);
        vitals_step(&app);
    }

    // The "n" of each delivered reading, in order.
    [[nodiscard]] std::vector<int> numbers() const {
        std::vector<int> found;
        for (const auto& [topic, text] : broker.delivered) {
            found.push_back(std::stoi(text.substr(std::string(R"({"n":)").size())));
        }
        return found;
    }

    static std::vector<int> range(int first, int last) {
        std::vector<int> all;
        for (int n = first; n <= last; ++n) {
            all.push_back(n);
        }
        return all;
    }

    void command(const std::string& topic, const std::string& text) {
        std::vector<std::uint8_t> memory(text.size() + RESEAL_OVERHEAD_MAX);
        reseal_buffer out{memory.data(), memory.size(), 0};
        ASSERT_EQ(reseal_sender_seal(&commander(), {reinterpret_cast<const std::uint8_t *>(topic.data()), topic.size()},
                                     {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()}, &out),
                  RESEAL_OK);
        memory.resize(out.size);
        last_command = memory;
        board.driver.receive(topic, memory);
        vitals_step(&app);
    }

    reseal_sender& commander() {
        if (!commander_) {
            commander_ = std::make_unique<reseal_sender>();
            const reseal_credentials credentials = test_credentials();
            const reseal_port same = commander_board_.port();
            reseal_sender_open(commander_.get(), &credentials, RESEAL_DOWNLINK, same.crypto, &same.epochs,
                               &same.random);
        }
        return *commander_;
    }

    TestBoard board;
    TestBroker broker;
    reseal_port port{};
    ::vitals app{};
    reseal_status last_status = RESEAL_OK;
    std::vector<std::uint8_t> last_command;

  private:
    reseal_listener listener_ = RESEAL_LISTENER_TLS;
    TestBoard commander_board_;
    std::unique_ptr<reseal_sender> commander_;
};

}  // namespace reseal::vitals
