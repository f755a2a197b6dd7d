// SPDX-License-Identifier: Apache-2.0
// The two ends of a message, for benchmarks: a device and the broker that shares its key.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include <reseal/receiver.h>
#include <reseal/sender.h>

namespace reseal::micro {

using Bytes = std::vector<std::uint8_t>;

inline constexpr std::string_view topic = "ward/pump-7/vitals/pulse";

reseal_bytes view(std::string_view text);
reseal_bytes view(const Bytes& bytes);

// Seals under the benchmark's own key, with its epoch in memory.
class Sender {
  public:
    explicit Sender(reseal_algorithm algorithm);
    ~Sender() { reseal_sender_close(&sender_); }
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;

    bool seal(reseal_bytes plaintext, reseal_buffer& out) {
        return reseal_sender_seal(&sender_, view(topic), plaintext, &out) == RESEAL_OK;
    }
    // `count` messages, each with its own counter.
    std::vector<Bytes> messages(std::size_t count, std::size_t size);

  private:
    std::uint32_t epoch_ = 0;
    reseal_sender sender_{};
};

// Opens what a Sender of the same algorithm sealed.
class Receiver {
  public:
    explicit Receiver(reseal_algorithm algorithm);
    ~Receiver() { reseal_receiver_close(&receiver_); }
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;

    bool open(reseal_bytes message, reseal_buffer& out) {
        return reseal_receiver_accept(&receiver_, view(topic), message, &out) == RESEAL_OK;
    }
    // Resets the window, so that the same messages may come again.
    void forget() { receiver_.replay.epoch = {}; }

  private:
    std::array<std::uint32_t, RESEAL_WINDOW_WORDS(RESEAL_WINDOW_DEFAULT)> words_{};
    reseal_receiver receiver_{};
};

}  // namespace reseal::micro
