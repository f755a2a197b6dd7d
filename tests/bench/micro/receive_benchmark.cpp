// SPDX-License-Identifier: Apache-2.0
// Reading a message's header and checking its replay window.
#include <benchmark/benchmark.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>

#include <reseal/envelope.h>

#include "base/temp_folder.h"
#include "benchmarks.h"
#include "parties.h"
#include "state/replay_store.h"

namespace reseal::micro {
namespace {

constexpr std::size_t ring = 256;

void parse(benchmark::State& state) {
    const auto messages = Sender(RESEAL_AES_CCM_16_128_128).messages(ring, 64);
    std::size_t next = 0;
    for (auto _ : state) {
        reseal_envelope envelope;
        benchmark::DoNotOptimize(reseal_envelope_parse(view(messages[next++ % ring]), &envelope));
        benchmark::DoNotOptimize(envelope);
    }
}

// A partly marked window, checked for counters in it and after it.
void window_check(benchmark::State& state) {
    std::array<std::uint32_t, RESEAL_WINDOW_WORDS(RESEAL_WINDOW_DEFAULT)> words{};
    reseal_replay replay{{}, 0, RESEAL_WINDOW_DEFAULT, words.data()};
    const reseal_epoch epoch{1, {1, 2, 3, 4}};
    for (std::uint32_t counter = 1; counter < 1000; counter += 3) {
        reseal_replay_mark(&replay, &epoch, counter);
    }
    std::uint32_t counter = 0;
    for (auto _ : state) {
        counter = (counter + 7) % ring;
        benchmark::DoNotOptimize(reseal_replay_check(&replay, &epoch, 850 + counter));
    }
}

reseal_envelope from(std::uint32_t device, std::uint32_t counter) {
    reseal_envelope out{};
    const std::uint32_t spread = device * 2654435761U;  // key ids are random numbers
    std::memcpy(out.key_id, &spread, sizeof spread);
    out.epoch.number = 1;
    out.counter = counter;
    return out;
}

// The broker's replay windows of this many devices.
class Windows {
  public:
    explicit Windows(std::uint32_t devices) : store_(open(folder_.path())) {
        for (std::uint32_t device = 0; device < devices; ++device) {
            if (store_.mark(from(device, 7)) != RESEAL_OK) {
                throw std::runtime_error("a window is not stored");
            }
        }
        store_.settle();
    }
    [[nodiscard]] state::ReplayStore& store() { return store_; }

    // Made once: it takes longer than all rounds of a benchmark.
    static state::ReplayStore& of(std::uint32_t devices) {
        static std::map<std::uint32_t, Windows> made;
        return made.try_emplace(devices, devices).first->second.store();
    }

  private:
    static state::ReplayStore open(const std::string& folder) {
        const state::StateKey key = state::derive_state_key({});
        auto lock = state::FolderLock::take(folder);
        if (!lock || !state::ReplayStore::make(*lock, RESEAL_WINDOW_DEFAULT, key)) {
            throw std::runtime_error("the windows cannot be made");
        }
        return std::move(*state::ReplayStore::open(std::move(*lock), RESEAL_WINDOW_DEFAULT, key));
    }

    TempFolder folder_;
    state::ReplayStore store_;
};

// This many devices are known, of which this many send in turn.
void replay_check(benchmark::State& state) {
    const auto devices = static_cast<std::uint32_t>(state.range(0));
    const auto sending = static_cast<std::uint32_t>(state.range(1));
    const state::ReplayStore& store = Windows::of(devices);
    std::vector<reseal_envelope> messages;
    for (std::uint32_t i = 0; i < sending; ++i) {
        messages.push_back(from(i * (devices / sending), 8));
    }
    std::size_t next = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(store.check(messages[next]));
        next = next + 1 == messages.size() ? 0 : next + 1;
    }
}

// Each message is marked and settled by itself, since they come from this many devices in turn.
void replay_mark(benchmark::State& state) {
    const auto devices = static_cast<std::uint32_t>(state.range(0));
    state::ReplayStore& store = Windows::of(devices);
    std::uint32_t device = 0;
    std::uint32_t counter = 8;
    for (auto _ : state) {
        if (store.mark(from(device, counter)) != RESEAL_OK) {
            throw std::runtime_error("a window is not stored");
        }
        store.settle();
        device = device + 1 == devices ? 0 : device + 1;
        counter += device == 0 ? 1 : 0;
    }
}

}  // namespace

void register_receiving() {
    benchmark::RegisterBenchmark("parse", parse);
    benchmark::RegisterBenchmark("window_check", window_check);
    benchmark::RegisterBenchmark("replay_check", replay_check)
        ->ArgNames({"devices", "sending"})
        ->Args({1000, 1000})
        ->Args({1000000, 1000})
        ->Args({1000000, 1000000});
    benchmark::RegisterBenchmark("replay_mark", replay_mark)->ArgName("devices")->Arg(1)->Arg(1000)->Arg(1000000);
}

}  // namespace reseal::micro
