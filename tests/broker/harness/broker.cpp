#include "harness/broker.h"

#include <csignal>
#include <cstdlib>
#include <random>
#include <regex>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
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

bool answers(std::uint16_t port) {
    const int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    const bool out = connect(file, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
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

// The installed broker, unless another one is to be tested.
std::string program() {
    const char* const other = std::getenv("RESEAL_TEST_BROKER");
    return other == nullptr ? "/usr/sbin/mosquitto" : other;
}

// The broker's command line; under the sanitizers their runtimes come first, and a finding ends it with another status.
std::vector<std::string> broker_command(const std::string& conf) {
    const std::string runtimes = RESEAL_SANITIZER_RUNTIMES;
    std::vector<std::string> out;
    if (!runtimes.empty()) {
        // Leaks are the business of the unit tests: what the broker itself keeps until its end is not ours.
        out = {"/usr/bin/env", "LD_PRELOAD=" + runtimes, "ASAN_OPTIONS=detect_leaks=0:exitcode=99",
               "UBSAN_OPTIONS=halt_on_error=1:exitcode=99"};
    }
    out.insert(out.end(), {program(), "-c", conf});
    return out;
}

}  // namespace

// Below the range that the kernel takes clients' ports from: a broker must get its port again when it restarts.
std::uint16_t free_port() {
    static std::mt19937 random(std::random_device{}());
    std::uniform_int_distribution<unsigned> ports(20000, 31999);
    for (int tries = 0; tries < 1000; ++tries) {
        const auto port = static_cast<std::uint16_t>(ports(random));
        if (is_free(port)) {
            return port;
        }
    }
    throw std::runtime_error("no free port");
}

std::string plugin() {
    return RESEAL_PLUGIN;
}

std::string broker_conf(const Site& site, std::uint16_t port, std::uint16_t plain_port) {
    const std::string user = geteuid() == 0 ? "user root\n" : "";
    return user + "per_listener_settings false\nallow_anonymous false\nlog_dest stderr\nlog_type all\n" +
           "persistence true\npersistence_location " + site.folder() + "/\nautosave_interval 0\n" +
           "max_queued_messages 100000\nlistener " + std::to_string(port) + " 127.0.0.1\ncafile " + site.ca() +
           "\ncertfile " + site.path("broker/broker.crt") + "\nkeyfile " + site.path("broker/broker.key") +
           "\nrequire_certificate true\nlistener " + std::to_string(plain_port) + " 127.0.0.1\nplugin " + plugin() +
           "\nplugin_opt_config " + site.path("reseal.yaml") + "\n";
}

Broker::Broker(const Site& site, const std::string& extra)
    : log_(site.path("broker.log")), conf_(site.path("mosquitto.conf")), port_(free_port()), plain_port_(free_port()) {
    write_all(conf_, broker_conf(site, port_, plain_port_) + extra);
    start();
}

Broker::~Broker() {
    kill();
    for (const char* finding : {"AddressSanitizer", "runtime error:"}) {
        EXPECT_EQ(log().find(finding), std::string::npos) << log();
    }
}

const std::string& Broker::version() {
    static const std::string version = [] {
        const std::string output = run({program(), "-h"}, Milliseconds(5000)).output;
        std::smatch found;
        if (!std::regex_search(output, found, std::regex("mosquitto version ([0-9.]+)"))) {
            throw std::runtime_error("the broker does not say its version: " + output);
        }
        return found[1].str();
    }();
    return version;
}

bool Broker::seals_when_sent() {
    return !version().starts_with("2.0.");
}

void Broker::start() {
    process_ = Process(broker_command(conf_), log_);
    for (int i = 0; i < 1000; ++i) {
        if (answers(port_) && answers(plain_port_)) {
            return;
        }
        if (process_.wait(Milliseconds(10)) != -1) {
            break;
        }
    }
    throw std::runtime_error("the broker did not start: " + log());
}

void Broker::stop() {
    process_.signal(SIGTERM);
    if (process_.wait() != 0) {
        throw std::runtime_error("the broker did not end well: " + log());
    }
}

void Broker::kill() {
    process_.signal(SIGKILL);
    process_.wait();
}

bool Broker::logs(const std::string& text, Milliseconds limit) const {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (log().find(text) == std::string::npos) {
        if (std::chrono::steady_clock::now() > end) {
            return false;
        }
        std::this_thread::sleep_for(Milliseconds(10));
    }
    return true;
}

std::string refused_start(const Site& site) {
    const std::string conf = site.path("refused.conf");
    write_all(conf, broker_conf(site, free_port(), free_port()));
    const Ran ran = run(broker_command(conf), Milliseconds(5000));
    return ran.status == 0 || ran.status == -1 ? "the broker started" : ran.output;
}

}  // namespace harness
