// The real Mosquitto with the plugin, on free loopback ports. RESEAL_TEST_BROKER in the environment names the program
// that is run instead of the installed one (scripts/brokers).
#pragma once

#include <cstdint>
#include <string>

#include "harness/process.h"
#include "harness/site.h"

namespace harness {

class Broker {
  public:
    // Starts it with mutual TLS on port(), and waits until it listens. `extra` is added to mosquitto.conf.
    explicit Broker(const Site& site, const std::string& extra = {});
    // Ends it, and fails the test if a sanitizer found something.
    ~Broker();
    Broker(const Broker&) = delete;
    Broker& operator=(const Broker&) = delete;

    // What the broker itself says, as "2.0.11".
    static const std::string& version();
    // Is it 2.1 or later, where the plugin seals each message when it is sent? Before, when it is queued.
    static bool seals_when_sent();

    [[nodiscard]] std::uint16_t port() const { return port_; }
    // A listener without TLS on loopback.
    [[nodiscard]] std::uint16_t plain_port() const { return plain_port_; }

    void start();
    // An orderly end: the persistence file is written.
    void stop();
    void kill();
    void reload() const { process_.signal(1); }
    [[nodiscard]] pid_t pid() const { return process_.pid(); }

    [[nodiscard]] std::string log() const { return read_all(log_); }
    // Waits until the log holds `text`.
    [[nodiscard]] bool logs(const std::string& text, Milliseconds limit = Milliseconds(5000)) const;

  private:
    std::string log_;
    std::string conf_;
    std::uint16_t port_;
    std::uint16_t plain_port_;
    Process process_;
};

// The plugin's file.
std::string plugin();

std::uint16_t free_port();

// mosquitto.conf for `site`: mutual TLS on `port`, no TLS on `plain_port`.
std::string broker_conf(const Site& site, std::uint16_t port, std::uint16_t plain_port);

// Starts a broker that is expected not to come up; answers its output.
std::string refused_start(const Site& site);

}  // namespace harness
