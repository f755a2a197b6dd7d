// SPDX-License-Identifier: Apache-2.0
// Seal, open, and both, for each algorithm and size: with the SDK, and with bare OpenSSL on the same key sizes,
// additional data and text.
#include <benchmark/benchmark.h>

#include <array>
#include <cstring>
#include <string>

#include "bare_aead.h"
#include "benchmarks.h"
#include "core/derivation.h"
#include "parties.h"

namespace reseal::micro {
namespace {

constexpr std::array algorithms = {RESEAL_AES_CCM_16_128_128, RESEAL_AES_CCM_16_128_256, RESEAL_A128GCM, RESEAL_A256GCM,
                                   RESEAL_CHACHA20_POLY1305};
constexpr std::array<std::size_t, 6> sizes = {16, 64, 256, 1024, 4096, 16384};

// Messages used in turn: enough to defeat branch prediction, few enough to stay in a cache.
std::size_t ring_of(std::size_t size) {
    return std::size_t{128} * 1024 / (size + 512);
}

Bytes aad_of(reseal_algorithm algorithm) {
    Bytes out(RESEAL_AAD_MAX);
    out.resize(reseal_aad_write(out.data(), algorithm, view(topic)));
    return out;
}

// Nonces that count up, as a sender's do.
class Nonces {
  public:
    const std::uint8_t* next() {
        ++counter_;
        std::memcpy(nonce_.data(), &counter_, sizeof counter_);
        return nonce_.data();
    }

  private:
    std::uint32_t counter_ = 0;
    std::array<std::uint8_t, RESEAL_NONCE_SIZE_MAX> nonce_{};
};

void require(benchmark::State& state, bool done) {
    if (!done) {
        state.SkipWithError("a call failed");
    }
}

void seal(benchmark::State& state, reseal_algorithm algorithm, std::size_t size) {
    Sender sender(algorithm);
    const Bytes text(size, 'x');
    Bytes memory(size + RESEAL_OVERHEAD_MAX);
    reseal_buffer out{memory.data(), memory.size(), 0};
    for (auto _ : state) {
        require(state, sender.seal(view(text), out));
        benchmark::ClobberMemory();
    }
    // For an epoch's first messages. After counter 255 it is one more, after 65,535 two.
    state.counters["overhead_bytes"] = static_cast<double>(reseal_message_size(algorithm, 0, size) - size);
}

void bare_seal(benchmark::State& state, reseal_algorithm algorithm, std::size_t size) {
    BareAead aead(algorithm, RESEAL_USE_SEAL);
    const Bytes aad = aad_of(algorithm);
    const Bytes text(size, 'x');
    Bytes out(size + RESEAL_TAG_SIZE);
    Nonces nonces;
    for (auto _ : state) {
        require(state, aead.seal(nonces.next(), aad, text, out.data()));
        benchmark::ClobberMemory();
    }
}

// `then` is called with the plaintext of each message.
template <class Then>
void open_each(benchmark::State& state, reseal_algorithm algorithm, std::size_t size, Then&& then) {
    const auto messages = Sender(algorithm).messages(ring_of(size), size);
    Receiver receiver(algorithm);
    Bytes memory(size + RESEAL_OVERHEAD_MAX);
    reseal_buffer out{memory.data(), memory.size(), 0};
    std::size_t next = messages.size();
    for (auto _ : state) {
        if (next == messages.size()) {
            receiver.forget();
            next = 0;
        }
        require(state, receiver.open(view(messages[next++]), out) && then(reseal_bytes{out.data, out.size}));
        benchmark::ClobberMemory();
    }
}

template <class Then>
void bare_open_each(benchmark::State& state, reseal_algorithm algorithm, std::size_t size, Then&& then) {
    BareAead sealer(algorithm, RESEAL_USE_SEAL);
    BareAead opener(algorithm, RESEAL_USE_OPEN);
    const Bytes aad = aad_of(algorithm);
    const Bytes text(size, 'x');
    std::vector<Bytes> messages(ring_of(size), Bytes(size + RESEAL_TAG_SIZE));
    Nonces sealed;
    for (Bytes& message : messages) {
        require(state, sealer.seal(sealed.next(), aad, text, message.data()));
    }
    Bytes out(size);
    Nonces nonces;
    std::size_t next = messages.size();
    for (auto _ : state) {
        if (next == messages.size()) {
            nonces = {};
            next = 0;
        }
        require(state, opener.open(nonces.next(), aad, messages[next++], out.data()) && then(view(out)));
        benchmark::ClobberMemory();
    }
}

void open(benchmark::State& state, reseal_algorithm algorithm, std::size_t size) {
    open_each(state, algorithm, size, [](reseal_bytes) { return true; });
}

void bare_open(benchmark::State& state, reseal_algorithm algorithm, std::size_t size) {
    bare_open_each(state, algorithm, size, [](reseal_bytes) { return true; });
}

// What the broker does for a message with one subscriber.
void open_and_seal(benchmark::State& state, reseal_algorithm algorithm, std::size_t size) {
    Sender sender(algorithm);
    Bytes memory(size + RESEAL_OVERHEAD_MAX);
    open_each(state, algorithm, size, [&](reseal_bytes plaintext) {
        reseal_buffer out{memory.data(), memory.size(), 0};
        return sender.seal(plaintext, out);
    });
}

void bare_open_and_seal(benchmark::State& state, reseal_algorithm algorithm, std::size_t size) {
    BareAead aead(algorithm, RESEAL_USE_SEAL);
    const Bytes aad = aad_of(algorithm);
    Bytes out(size + RESEAL_TAG_SIZE);
    Nonces nonces;
    bare_open_each(state, algorithm, size, [&](reseal_bytes plaintext) {
        return aead.seal(nonces.next(), aad, {plaintext.data, plaintext.size}, out.data());
    });
}

struct Step {
    const char* name;
    void (*run)(benchmark::State&, reseal_algorithm, std::size_t);
};

constexpr std::array<Step, 6> steps = {{{"seal", seal},
                                        {"bare_seal", bare_seal},
                                        {"open", open},
                                        {"bare_open", bare_open},
                                        {"open_and_seal", open_and_seal},
                                        {"bare_open_and_seal", bare_open_and_seal}}};

}  // namespace

void register_messages() {
    for (const reseal_algorithm algorithm : algorithms) {
        for (const std::size_t size : sizes) {
            for (const Step& step : steps) {
                // OpenSSL's name of ChaCha20/Poly1305 has a slash, which separates here.
                std::string name = reseal_algorithm_name(algorithm);
                name = std::string(step.name) + ":" + name + ":" + std::to_string(size);
                benchmark::RegisterBenchmark(name.c_str(), step.run, algorithm, size);
            }
        }
    }
}

}  // namespace reseal::micro
