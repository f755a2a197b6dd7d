// SPDX-License-Identifier: Apache-2.0
// Programs and brokers that a test starts, and that end with it.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/test_support.h"

namespace reseal::tools::testing {

// How a program ended and what it printed.
struct Outcome {
    int status = -1;  // its exit status, or 128 plus the number of the signal that ended it
    std::string out;
    std::string err;
};

// A running program; killed on destruction if it still runs.
class Program {
  public:
    // `command`: the program, looked up in PATH, then its arguments. Its stdin is a pipe.
    explicit Program(const std::vector<std::string>& command);
    ~Program();
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    void write(std::string_view text) const;
    void close_input();
    void signal(int number) const;

    // Waits until stdout or stderr contains `text`; false if it does not within 20 s.
    bool said(const std::string& text);

    // Closes stdin and waits for the end; kills what has not ended after 30 s.
    Outcome finish();

  private:
    bool read_some(int milliseconds);

    pid_t pid_ = -1;
    int in_ = -1;
    int out_ = -1;
    int err_ = -1;
    Outcome outcome_;
};

Outcome run(const std::vector<std::string>& command, std::string_view input = "");

// A stock broker, without a plugin, on a free loopback port.
class Broker {
  public:
    // `configuration`: lines after the listener's.
    Broker(const Folder& folder, std::string configuration);

    [[nodiscard]] std::string port() const { return std::to_string(port_); }

    // Starts it again on the same port.
    void restart();
    void stop();

  private:
    bool try_start();

    std::string file_;
    std::string configuration_;
    int port_ = 0;
    std::unique_ptr<Program> program_;
};

}  // namespace reseal::tools::testing
