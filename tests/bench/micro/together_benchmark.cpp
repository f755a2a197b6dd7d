// SPDX-License-Identifier: Apache-2.0
// What sealing costs per message when many are sealed, each under its own key: with OpenSSL one by one, and all
// together.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <reseal/crypto.h>

#include "benchmarks.h"

namespace reseal::micro {
namespace {

constexpr std::size_t aad_size = 36;  // of a topic of 17 bytes

class Work {
  public:
    Work(const reseal_crypto* crypto, reseal_algorithm algorithm, std::size_t size, std::size_t count)
        : text_(size), keys_(count), outs_(count, std::vector<std::uint8_t>(size + RESEAL_TAG_SIZE)), jobs_(count) {
        for (std::size_t i = 0; i < count; i++) {
            std::array<std::uint8_t, RESEAL_KEY_SIZE_MAX> key{static_cast<std::uint8_t>(i)};
            ready_ = crypto->init(&keys_[i], algorithm, RESEAL_USE_SEAL, key.data()) == RESEAL_OK && ready_;
            jobs_[i] = {&keys_[i],       nonce_.data(), {aad_.data(), aad_.size()}, {text_.data(), text_.size()},
                        outs_[i].data(), RESEAL_OK};
            pointers_.push_back(&jobs_[i]);
        }
    }
    ~Work() {
        for (reseal_aead& key : keys_) {
            if (key.crypto != nullptr) {
                key.crypto->wipe(&key);
            }
        }
    }
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;
    Work(Work&&) = delete;
    Work& operator=(Work&&) = delete;

    [[nodiscard]] bool is_ready() const { return ready_; }

    bool seal_one_by_one() {
        bool done = true;
        for (reseal_seal_job& job : jobs_) {
            done = job.aead->crypto->seal(job.aead, job.nonce, job.aad, job.plaintext, job.out) == RESEAL_OK && done;
        }
        return done;
    }

    bool seal_together() {
        reseal_crypto_host()->seal_many(pointers_.data(), pointers_.size());
        bool done = true;
        for (const reseal_seal_job& job : jobs_) {
            done = job.status == RESEAL_OK && done;
        }
        return done;
    }

  private:
    std::array<std::uint8_t, RESEAL_NONCE_SIZE_MAX> nonce_{};
    std::array<std::uint8_t, aad_size> aad_{};
    std::vector<std::uint8_t> text_;
    std::vector<reseal_aead> keys_;
    std::vector<std::vector<std::uint8_t>> outs_;
    std::vector<reseal_seal_job> jobs_;
    std::vector<reseal_seal_job*> pointers_;
    bool ready_ = true;
};

// The time of one iteration is that of one message.
void measure(benchmark::State& state, const reseal_crypto* crypto, reseal_algorithm algorithm, std::size_t size,
             std::size_t count, bool (Work::*seal)()) {
    Work work(crypto, algorithm, size, count);
    if (!work.is_ready()) {
        state.SkipWithError("no key");
        return;
    }
    while (state.KeepRunningBatch(static_cast<benchmark::IterationCount>(count))) {
        if (!(work.*seal)()) {
            state.SkipWithError("not sealed");
            return;
        }
    }
}

constexpr std::array<reseal_algorithm, 2> algorithms_together{RESEAL_AES_CCM_16_128_128, RESEAL_A128GCM};
constexpr std::array<std::size_t, 4> sizes_together{64, 256, 1024, 16384};
constexpr std::array<std::size_t, 4> counts{2, 8, 64, 128};

}  // namespace

void register_together() {
    for (const reseal_algorithm algorithm : algorithms_together) {
        for (const std::size_t size : sizes_together) {
            const std::string of = std::string(":") + reseal_algorithm_name(algorithm) + ":" + std::to_string(size);
            benchmark::RegisterBenchmark(("one_by_one" + of).c_str(), measure, reseal_crypto_openssl(), algorithm, size,
                                         counts.back(), &Work::seal_one_by_one);
            for (const std::size_t count : counts) {
                if (reseal_crypto_host()->seal_many != nullptr) {
                    benchmark::RegisterBenchmark(("together" + of + ":" + std::to_string(count)).c_str(), measure,
                                                 reseal_crypto_host(), algorithm, size, count, &Work::seal_together);
                }
            }
        }
    }
}

}  // namespace reseal::micro
