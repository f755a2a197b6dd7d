// SPDX-License-Identifier: Apache-2.0
// The real Mosquitto. RESEAL_TEST_BROKER in the environment names a program to run instead of the installed one
// (scripts/brokers).
#pragma once

#include <csignal>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/process.h"
#include "harness/wall_clock.h"

namespace harness {

class Mosquitto {
  public:
    // Starts it with FOLDER/NAME.conf, which becomes `conf`, and waits until it listens on all of `ports`. `before`: a
    // command such as env that comes first on the command line and runs the program in its place. It runs under
    // `clock`, if given, which must outlive this.
    Mosquitto(const std::string& folder, const std::string& name, const std::string& conf,
              std::vector<std::uint16_t> ports, std::vector<std::string> before = {}, const WallClock* clock = nullptr);
    // Ends it, and fails the test if a sanitizer found something.
    ~Mosquitto();
    Mosquitto(const Mosquitto&) = delete;
    Mosquitto& operator=(const Mosquitto&) = delete;

    // What the broker reports, such as "2.0.11".
    static const std::string& version();
    // Whether it is 2.1 or later, where the plugin seals each message when it is sent. Before 2.1 it seals when the
    // message is queued.
    static bool seals_when_sent();
    // Whether its process has the plugin's library before it reads its configuration: with the sanitizers it has.
    static bool has_plugin_from_the_start();

    void start();
    // An orderly end: the persistence file is written.
    void stop();
    // The same, without waiting for it.
    void ask_to_stop() const;
    void kill();
    // Whether it has ended, in whatever way.
    [[nodiscard]] bool ended() { return process_.wait(patience) != -1; }
    // Stops it (SIGSTOP) until it is told to end.
    void pause() const { process_.signal(SIGSTOP); }
    void reload() const { process_.signal(1); }
    [[nodiscard]] pid_t pid() const { return process_.pid(); }

    [[nodiscard]] std::string log() const { return read_all(log_); }
    // Waits until the log holds `text`.
    [[nodiscard]] bool logs(const std::string& text, Milliseconds limit = patience) const;

  private:
    bool try_start();
    std::string log_;
    std::string conf_;
    std::vector<std::uint16_t> ports_;
    std::vector<std::string> before_;
    const WallClock* clock_;
    Process process_;
};

// Runs it with a configuration that it is expected to refuse; returns its output.
std::string refused_start(const std::string& conf_path);

// On loopback, below the range that the kernel takes clients' ports from: a broker must get its port again when it
// restarts.
std::uint16_t free_port();

}  // namespace harness
