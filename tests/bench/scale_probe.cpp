// SPDX-License-Identifier: Apache-2.0
// reseal-scale-probe: what tests/bench/scale needs to do with the replay state outside the broker. Prints one JSON
// object.
//
//   reseal-scale-probe fill SITE   one accepted message of every key of the site's registry, in its state folder
//   reseal-scale-probe open SITE   opens that as the broker does, with nothing of it in memory
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

#include <nlohmann/json.hpp>

#include "base/descriptor.h"
#include "keyring/keyring.h"
#include "keyring/registry.h"
#include "keyring/seal.h"
#include "state/state_folder.h"

namespace {

using namespace reseal;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

int fail(const std::string& what) {
    (void)std::fprintf(stderr, "reseal-scale-probe: %s\n", what.c_str());
    return 1;
}

int print(const nlohmann::json& result) {
    (void)std::printf("%s\n", result.dump().c_str());
    return 0;
}

// Whether it has now accepted one, in this call or earlier.
bool accept_first(state::ReplayStore& store, const KeyId& key) {
    reseal_envelope envelope{};
    envelope.direction = RESEAL_UPLINK;
    std::copy(key.begin(), key.end(), std::begin(envelope.key_id));
    envelope.epoch.number = 1;
    return store.highest(key) || (store.check(envelope) == RESEAL_OK && store.mark(envelope) == RESEAL_OK);
}

// The state folder of `site`, as the broker opens it.
Checked<state::StateFolder> open_state(const std::string& site, keyring::Registry& registry) {
    const auto master_key = keyring::read_master_key(site + "/master.key");
    return master_key ? state::StateFolder::open(site + "/state", RESEAL_WINDOW_DEFAULT,
                                                 state::derive_state_key(*master_key), registry)
                      : master_key.error();
}

Checked<keyring::Registry> open_registry(const std::string& site) {
    return keyring::Registry::open(site + "/registry.db", keyring::writer_patience);
}

int fill(const std::string& site) {
    auto registry = open_registry(site);
    keyring::Keyring keyring{keyring::MasterKey()};
    if (!registry) {
        return fail(registry.error().text());
    }
    if (const auto read = registry->read_all(keyring); !read) {
        return fail(read.error().text());
    }
    auto state = open_state(site, *registry);
    if (!state) {
        return fail(state.error().text());
    }
    std::size_t keys = 0;
    const auto start = Clock::now();
    for (std::size_t number = 0; number < keyring.size(); ++number) {
        for (const keyring::Key& key : keyring.principals()[number].keys) {
            keys += accept_first(state->replay, key.id) ? 1U : 0U;
            state->replay.settle();
        }
    }
    if (const auto ended = state::end(state->replay, state->epochs, *registry); !ended) {
        return fail(ended.error().text());
    }
    return print({{"keys", keys}, {"seconds", seconds_since(start)}});
}

// Bytes that this process read from the disk.
std::uint64_t bytes_read() {
    std::ifstream lines("/proc/self/io");
    for (std::string name, value; lines >> name >> value;) {
        if (name == "read_bytes:") {
            return std::stoull(value);
        }
    }
    return 0;
}

long faults() {
    rusage usage{};
    (void)::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt + usage.ru_majflt;
}

int open(const std::string& site) {
    const std::string path = site + "/state/replay";
    {
        const Descriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC));  // NOLINT(*-vararg)
        if (!file || ::fsync(file.get()) != 0 || ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED) != 0) {
            return fail(path + ": cannot be taken out of memory");
        }
    }
    auto registry = open_registry(site);
    if (!registry) {
        return fail(registry.error().text());
    }
    const std::uint64_t read_before = bytes_read();
    const long faults_before = faults();
    const auto start = Clock::now();
    auto state = open_state(site, *registry);
    const double seconds = seconds_since(start);
    if (!state) {
        return fail(state.error().text());
    }
    const nlohmann::json result{{"seconds", seconds},
                                {"page_faults", faults() - faults_before},
                                {"bytes_read", bytes_read() - read_before},
                                {"file_bytes", std::filesystem::file_size(path)}};
    const auto ended = state::end(state->replay, state->epochs, *registry);
    return ended ? print(result) : fail(ended.error().text());
}

}  // namespace

int main(int argc, char** argv) {
    const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
    if (argc == 3 && arguments[1] == std::string("fill")) {
        return fill(arguments[2]);
    }
    if (argc == 3 && arguments[1] == std::string("open")) {
        return open(arguments[2]);
    }
    (void)std::fputs("usage: reseal-scale-probe fill SITE | open SITE\n", stderr);
    return 2;
}
