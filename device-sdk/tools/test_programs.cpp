// SPDX-License-Identifier: Apache-2.0
#include "tools/test_programs.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <fstream>
#include <random>
#include <stdexcept>

namespace reseal::tools::testing {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds saying_limit(20);
constexpr std::chrono::seconds ending_limit(30);

std::array<int, 2> new_pipe() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw std::runtime_error("no pipe");
    }
    return ends;
}

void close_one(int& descriptor) {
    if (descriptor >= 0) {
        close(descriptor);
        descriptor = -1;
    }
}

// In the child: only what may be called between fork and exec.
[[noreturn]] void become(char** arguments, int in, int out, int err) {
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    execvp(arguments[0], arguments);
    _exit(127);
}

// Reads what is there; closes at the end of file.
void take(int& descriptor, std::string& text) {
    std::array<char, 4096> block{};
    const ssize_t got = read(descriptor, block.data(), block.size());
    if (got <= 0) {
        close_one(descriptor);
        return;
    }
    text.append(block.data(), static_cast<std::size_t>(got));
}

bool is_free(int port) {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const auto* generic = reinterpret_cast<sockaddr*>(&address);  // NOLINT(*-reinterpret-cast): sockets' interface
    const bool free = bind(listener, generic, sizeof(address)) == 0;
    close(listener);
    return free;
}

// Below the range that the kernel takes clients' ports from: a broker must get its port again when it restarts.
int free_port() {
    static std::mt19937 random(std::random_device{}());
    std::uniform_int_distribution<int> ports(20000, 31999);
    for (int tries = 0; tries < 1000; ++tries) {
        const int port = ports(random);
        if (is_free(port)) {
            return port;
        }
    }
    throw std::runtime_error("no free port");
}

// The installed broker, unless another one is under test (scripts/brokers).
std::string mosquitto() {
    const char* const other = std::getenv("RESEAL_TEST_BROKER");
    return other == nullptr ? RESEAL_MOSQUITTO : other;
}

}  // namespace

Program::Program(const std::vector<std::string>& command) {
    std::vector<std::string> words = command;
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (std::string& word : words) {
        arguments.push_back(word.data());
    }
    arguments.push_back(nullptr);
    auto in = new_pipe();
    auto out = new_pipe();
    auto err = new_pipe();
    pid_ = fork();
    if (pid_ == 0) {
        become(arguments.data(), in[0], out[1], err[1]);
    }
    close_one(in[0]);
    close_one(out[1]);
    close_one(err[1]);
    in_ = in[1];
    out_ = out[0];
    err_ = err[0];
    if (pid_ < 0) {
        throw std::runtime_error("no process");
    }
}

Program::~Program() {
    if (pid_ > 0) {
        kill(pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    close_one(in_);
    close_one(out_);
    close_one(err_);
}

void Program::write(std::string_view text) const {
    if (::write(in_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        throw std::runtime_error("the program does not read");
    }
}

void Program::close_input() {
    close_one(in_);
}

void Program::signal(int number) const {
    kill(pid_, number);
}

// False once both have ended.
bool Program::read_some(int milliseconds) {
    std::array<pollfd, 2> watched = {{{out_, POLLIN, 0}, {err_, POLLIN, 0}}};
    if (out_ < 0 && err_ < 0) {
        return false;
    }
    if (poll(watched.data(), watched.size(), milliseconds) > 0) {
        if (watched[0].revents != 0) {
            take(out_, outcome_.out);
        }
        if (watched[1].revents != 0) {
            take(err_, outcome_.err);
        }
    }
    return true;
}

bool Program::said(const std::string& text) {
    const auto limit = Clock::now() + saying_limit;
    while (outcome_.out.find(text) == std::string::npos && outcome_.err.find(text) == std::string::npos) {
        if (Clock::now() >= limit || !read_some(100)) {
            return false;
        }
    }
    return true;
}

Outcome Program::finish() {
    close_input();
    const auto limit = Clock::now() + ending_limit;
    while (Clock::now() < limit && read_some(100)) {
    }
    if (out_ >= 0 || err_ >= 0) {
        kill(pid_, SIGKILL);
    }
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    outcome_.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return outcome_;
}

Outcome run(const std::vector<std::string>& command, std::string_view input) {
    Program program(command);
    program.write(input);
    return program.finish();
}

Broker::Broker(const Folder& folder, std::string configuration)
    : file_(folder.path("mosquitto.conf")), configuration_(std::move(configuration)) {
    // Another process may take the port between its selection and its use.
    for (int tries = 0; tries < 5; ++tries) {
        port_ = free_port();
        if (try_start()) {
            return;
        }
    }
    throw std::runtime_error("no broker could be started with " + file_);
}

bool Broker::try_start() {
    // As root, it would switch to another user, who may not read the test's folder.
    const std::string user = geteuid() == 0 ? "user root\n" : "";
    std::ofstream(file_) << "listener " << port_ << " 127.0.0.1\n" << user << configuration_;
    program_ = std::make_unique<Program>(std::vector<std::string>{mosquitto(), "-c", file_});
    return program_->said(" running\n");  // 2.1 also says early on "running mosquitto as user"
}

void Broker::stop() {
    program_->signal(SIGTERM);
    program_->finish();
    program_.reset();
}

void Broker::restart() {
    if (!try_start()) {
        throw std::runtime_error("the broker did not start again");
    }
}

}  // namespace reseal::tools::testing
