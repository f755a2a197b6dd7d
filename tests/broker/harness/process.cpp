// SPDX-License-Identifier: Apache-2.0
#include "harness/process.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace harness {

namespace {

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> out;
    out.reserve(words.size() + 1);
    for (std::string& word : words) {
        out.push_back(word.data());
    }
    out.push_back(nullptr);
    return out;
}

[[noreturn]] void become(const std::vector<char*>& words, const std::string& output) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // nothing a test starts outlives it
    const int file = open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(file, STDOUT_FILENO);
    dup2(file, STDERR_FILENO);
    execvp(words.front(), words.data());
    _exit(127);
}

}  // namespace

SpoiltMemory::SpoiltMemory() {
    setenv("MALLOC_PERTURB_", "165", 1);  // mallopt(3)
}
SpoiltMemory::~SpoiltMemory() {
    unsetenv("MALLOC_PERTURB_");
}

Process::Process(const std::vector<std::string>& command, const std::string& output) {
    std::vector<std::string> words = command;
    const std::vector<char*> arguments = pointers(words);
    pid_ = fork();
    if (pid_ == 0) {
        become(arguments, output);
    }
}

Process::Process(Process&& other) noexcept : pid_(other.pid_) {
    other.pid_ = -1;
}

Process& Process::operator=(Process&& other) noexcept {
    std::swap(pid_, other.pid_);
    return *this;
}

Process::~Process() {
    if (pid_ > 0) {
        signal(SIGKILL);
        wait();
    }
}

void Process::signal(int number) const {
    if (pid_ > 0) {
        kill(pid_, number);
    }
}

int Process::wait(Milliseconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (pid_ > 0) {
        int status = 0;
        if (waitpid(pid_, &status, WNOHANG) == pid_) {
            pid_ = -1;
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
        if (std::chrono::steady_clock::now() > end) {
            return -1;
        }
        std::this_thread::sleep_for(Milliseconds(5));
    }
    return -1;
}

Ran run(const std::vector<std::string>& command, Milliseconds limit) {
    std::string path = "/tmp/reseal-run-XXXXXX";
    const int file = mkstemp(path.data());
    close(file);
    Ran out;
    {
        Process process(command, path);
        out.status = process.wait(limit);
    }
    out.output = read_all(path);
    unlink(path.c_str());
    return out;
}

std::string read_all(const std::string& path) {
    const std::ifstream stream(path, std::ios::binary);
    std::ostringstream out;
    out << stream.rdbuf();
    return std::move(out).str();
}

void write_all(const std::string& path, const std::string& content) {
    std::ofstream stream(path, std::ios::binary | std::ios::trunc);
    stream << content;
    if (!stream.flush()) {
        throw std::runtime_error("cannot write " + path);
    }
}

}  // namespace harness
