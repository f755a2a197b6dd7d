// SPDX-License-Identifier: Apache-2.0
#include "harness/mosquitto.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iterator>
#include <random>
#include <set>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace harness {

namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

// Does the broker end a silent connection? An open port is not enough: the kernel accepts connections before the
// broker's loop runs, and Mosquitto loses a signal that comes before the loop.
bool serves(std::uint16_t port) {
    constexpr int limit = 1000;  // milliseconds
    const int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    bool out = connect(file, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    if (out) {
        pollfd end{file, POLLIN, 0};
        out = shutdown(file, SHUT_WR) == 0 && poll(&end, 1, limit) == 1;
    }
    close(file);
    return out;
}

bool is_free(std::uint16_t port) {
    const int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    const bool out = bind(file, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    close(file);
    return out;
}

// The installed broker, unless another one is under test.
std::string program() {
    const char* const other = std::getenv("RESEAL_TEST_BROKER");
    return other == nullptr ? "/usr/sbin/mosquitto" : other;
}

// The broker's own leaks; RESEAL_TEST_LEAKS in the environment names another list.
std::string known_leaks() {
    const char* const other = std::getenv("RESEAL_TEST_LEAKS");
    return other == nullptr ? RESEAL_BROKER_LEAKS : other;
}

bool sanitized() {
    return *RESEAL_SANITIZER_RUNTIMES != '\0';
}

// The broker's command line; under the sanitizers, their runtimes are loaded first, and a finding ends it with another
// status.
std::vector<std::string> broker_command(const std::string& conf, const WallClock* clock = nullptr) {
    std::vector<std::string> out{"/usr/bin/env"};
    // A program from scripts/brokers loads its own release's runtimes, by name.
    const bool own_runtimes = sanitized() && std::getenv("RESEAL_TEST_BROKER") != nullptr;
    std::string preload = own_runtimes ? "libasan.so.8:libubsan.so.1" : RESEAL_SANITIZER_RUNTIMES;
    if (clock != nullptr) {
        preload += (preload.empty() ? "" : ":") + WallClock::library();
        out.push_back(clock->environment());
    }
    if (sanitized()) {
        preload += std::string(":") + RESEAL_PLUGIN;
        // The plugin stays loaded until the end, so its per-process memory is not a leak. Only the slow unwinder
        // reports the broker's frames, and those that RESEAL_BROKER_LEAKS names are among the first eight.
        out.insert(out.end(), {"ASAN_OPTIONS=detect_leaks=1:fast_unwind_on_malloc=0:malloc_context_size=8:exitcode=99",
                               "LSAN_OPTIONS=print_suppressions=0:suppressions=" + known_leaks(),
                               "UBSAN_OPTIONS=halt_on_error=1:exitcode=99"});
    }
    if (!preload.empty()) {
        out.push_back((own_runtimes ? "RESEAL_BROKER_PRELOAD=" : "LD_PRELOAD=") + preload);
    }
    out.insert(out.end(), {program(), "-c", conf});
    return out;
}

}  // namespace

std::uint16_t free_port() {
    static std::mt19937 random(std::random_device{}());
    static std::set<std::uint16_t> given;  // a listener may not exist yet
    std::uniform_int_distribution<unsigned> ports(20000, 31999);
    for (int tries = 0; tries < 1000; ++tries) {
        const auto port = static_cast<std::uint16_t>(ports(random));
        if (is_free(port) && given.insert(port).second) {
            return port;
        }
    }
    throw std::runtime_error("no free port");
}

Mosquitto::Mosquitto(const std::string& folder, const std::string& name, const std::string& conf,
                     std::vector<std::uint16_t> ports, std::vector<std::string> before, const WallClock* clock)
    : log_(folder + "/" + name + ".log"),
      conf_(folder + "/" + name + ".conf"),
      ports_(std::move(ports)),
      before_(std::move(before)),
      clock_(clock) {
    write_all(conf_, conf);
    start();
}

Mosquitto::~Mosquitto() {
    if (sanitized()) {
        process_.signal(SIGTERM);  // leaks are checked at an orderly exit
        process_.wait();
    }
    kill();
    for (const char* finding : {"AddressSanitizer", "LeakSanitizer", "runtime error:"}) {
        EXPECT_EQ(log().find(finding), std::string::npos) << log();
    }
}

const std::string& Mosquitto::version() {
    static const std::string version = [] {
        const std::string output = run({program(), "-h"}).output;
        const std::string before = "mosquitto version ";
        const std::size_t begin = output.find(before);
        if (begin == std::string::npos) {
            throw std::runtime_error("the broker does not say its version: " + output);
        }
        std::string word;
        std::istringstream(output.substr(begin + before.size())) >> word;
        return word;
    }();
    return version;
}

bool Mosquitto::seals_when_sent() {
    return !version().starts_with("2.0.");
}

bool Mosquitto::has_plugin_from_the_start() {
    return sanitized();
}

// False if another test has taken one of the ports meanwhile.
bool Mosquitto::try_start() {
    const std::size_t said_before = log().size();  // the log goes on
    std::vector<std::string> command = before_;
    std::ranges::copy(broker_command(conf_, clock_), std::back_inserter(command));
    process_ = Process(command, log_);
    bool ended = false;
    const bool listens = eventually([&] {
        ended = process_.wait(Milliseconds(0)) != -1;
        return ended || std::ranges::all_of(ports_, serves);
    });
    if (ended && log().find("Address already in use", said_before) != std::string::npos) {
        return false;
    }
    if (ended || !listens) {
        throw std::runtime_error("the broker did not start: " + log());
    }
    return true;
}

void Mosquitto::start() {
    if (!eventually([this] { return try_start(); })) {
        throw std::runtime_error("the broker gets no port: " + log());
    }
}

void Mosquitto::ask_to_stop() const {
    process_.signal(SIGTERM);
    process_.signal(SIGCONT);
}

void Mosquitto::stop() {
    ask_to_stop();
    if (const int status = process_.wait(); status != 0) {
        throw std::runtime_error("the broker did not end well (" + std::to_string(status) + "): " + log());
    }
}

void Mosquitto::kill() {
    process_.signal(SIGKILL);
    process_.wait();
}

bool Mosquitto::logs(const std::string& text, Milliseconds limit) const {
    return eventually([&] { return log().find(text) != std::string::npos; }, limit);
}

std::string refused_start(const std::string& conf_path) {
    const Ran ran = run(broker_command(conf_path), Milliseconds(10000));
    EXPECT_LE(ran.status, 128) << "the broker crashed:\n" << ran.output;
    return ran.status == 0 || ran.status == -1 ? "the broker started" : ran.output;
}

}  // namespace harness
