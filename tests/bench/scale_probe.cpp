// reseal-scale-probe: what tests/bench/scale needs of the replay state besides the broker. Prints one JSON object.
//
//   reseal-scale-probe fill REGISTRY STATE   one accepted message of every key of REGISTRY, in the folder STATE
//   reseal-scale-probe open STATE            opens it as the broker does, with nothing of it in memory
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
#include "state/replay_store.h"

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

// Whether it has accepted one then, now or before.
bool accept_first(state::ReplayStore& store, const keyring::KeyId& key) {
    reseal_envelope envelope{};
    envelope.direction = RESEAL_UPLINK;
    std::copy(key.begin(), key.end(), std::begin(envelope.key_id));
    envelope.epoch.number = 1;
    return store.highest(key) || (store.check(envelope) == RESEAL_OK && store.mark(envelope) == RESEAL_OK);
}

int fill(const std::string& registry_file, const std::string& folder) {
    auto registry = keyring::Registry::open(registry_file, keyring::writer_patience);
    keyring::Keyring keyring{keyring::MasterKey()};
    if (!registry) {
        return fail(registry.error().text());
    }
    if (const auto read = registry->read_all(keyring); !read) {
        return fail(read.error().text());
    }
    auto store = state::ReplayStore::open(folder, RESEAL_WINDOW_DEFAULT);
    if (!store) {
        return fail(store.error().text());
    }
    std::size_t keys = 0;
    const auto start = Clock::now();
    for (std::size_t number = 0; number < keyring.size(); ++number) {
        for (const keyring::Key& key : keyring.principals()[number].keys) {
            keys += accept_first(*store, key.id) ? 1U : 0U;
            store->settle();
        }
    }
    return print({{"keys", keys}, {"seconds", seconds_since(start)}});
}

// Bytes that the disk had to give to this process.
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

int open(const std::string& folder) {
    const std::string path = folder + "/replay";
    {
        const Descriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC));  // NOLINT(*-vararg)
        if (!file || ::fsync(file.get()) != 0 || ::posix_fadvise(file.get(), 0, 0, POSIX_FADV_DONTNEED) != 0) {
            return fail(path + ": cannot be taken out of memory");
        }
    }
    const std::uint64_t read_before = bytes_read();
    const long faults_before = faults();
    const auto start = Clock::now();
    const auto store = state::ReplayStore::open(folder, RESEAL_WINDOW_DEFAULT);
    const double seconds = seconds_since(start);
    if (!store) {
        return fail(store.error().text());
    }
    return print({{"seconds", seconds},
                  {"page_faults", faults() - faults_before},
                  {"bytes_read", bytes_read() - read_before},
                  {"file_bytes", std::filesystem::file_size(path)}});
}

}  // namespace

int main(int argc, char** argv) {
    const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
    if (argc == 4 && arguments[1] == std::string("fill")) {
        return fill(arguments[2], arguments[3]);
    }
    if (argc == 3 && arguments[1] == std::string("open")) {
        return open(arguments[2]);
    }
    (void)std::fputs("usage: reseal-scale-probe fill REGISTRY STATE | open STATE\n", stderr);
    return 2;
}
