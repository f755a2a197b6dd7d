// SPDX-License-Identifier: Apache-2.0
// Programs that a test starts and ends by their process id.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "harness/wait.h"

namespace harness {

// A running program; killed on destruction if it still runs.
class Process {
  public:
    Process() = default;
    // Output and errors go to `output`; the working folder is `folder`.
    Process(const std::vector<std::string>& command, const std::string& output);
    ~Process();
    Process(Process&& other) noexcept;
    Process& operator=(Process&& other) noexcept;
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    [[nodiscard]] pid_t pid() const { return pid_; }
    void signal(int number) const;
    // Waits for the end: the exit status, 128 + the signal's number, or -1 if it still runs after `limit`.
    int wait(Milliseconds limit = patience);

  private:
    pid_t pid_ = -1;
};

// While this lives, programs that are started overwrite the memory they free, so use after free is noticed.
class SpoiltMemory {
  public:
    SpoiltMemory();
    ~SpoiltMemory();
    SpoiltMemory(const SpoiltMemory&) = delete;
    SpoiltMemory& operator=(const SpoiltMemory&) = delete;
};

struct Ran {
    int status = -1;
    std::string output;
};

// Runs a program to its end.
Ran run(const std::vector<std::string>& command, Milliseconds limit = patience);

std::string read_all(const std::string& path);
void write_all(const std::string& path, const std::string& content);

}  // namespace harness
