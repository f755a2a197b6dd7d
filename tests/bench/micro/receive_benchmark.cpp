// Reading a message's header, and asking its replay window.
#include <benchmark/benchmark.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>

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

// A window that is marked in places, asked for counters in it and after it.
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

// The broker's windows, of so many devices, which send in turn.
void store_check(benchmark::State& state) {
    const TempFolder folder;
    auto store = state::ReplayStore::open(folder.path(), RESEAL_WINDOW_DEFAULT);
    const auto devices = static_cast<std::uint32_t>(state.range(0));
    std::vector<reseal_envelope> next_messages;
    for (std::uint32_t device = 0; device < devices; ++device) {
        if (store->mark(from(device, 7)) != RESEAL_OK) {
            throw std::runtime_error("a window is not stored");
        }
        next_messages.push_back(from(device, 8));
    }
    std::size_t next = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(store->check(next_messages[next]));
        next = next + 1 == next_messages.size() ? 0 : next + 1;
    }
}

}  // namespace

void register_receiving() {
    benchmark::RegisterBenchmark("parse", parse);
    benchmark::RegisterBenchmark("window_check", window_check);
    benchmark::RegisterBenchmark("replay_check", store_check)->ArgName("devices")->Arg(1)->Arg(100)->Arg(1000000);
}

}  // namespace reseal::micro
