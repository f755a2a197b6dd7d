// SPDX-License-Identifier: Apache-2.0
#include "tools/stop_signal.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace reseal::tools {
namespace {

// A handler can access only globals.
volatile std::sig_atomic_t stop_requested = 0;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)
std::array<int, 2> stop_pipe = {-1, -1};        // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

extern "C" void handle_stop(int /*signal*/) {
    const int saved = errno;
    stop_requested = 1;
    const char byte = 0;
    // A full pipe is readable too.
    [[maybe_unused]] const ssize_t written = write(stop_pipe[1], &byte, 1);
    errno = saved;
}

void handle_with(void (*handler)(int)) {
    struct sigaction action {};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

}  // namespace

Checked<std::unique_ptr<StopSignal>> StopSignal::install() {
    if (pipe2(stop_pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
        return system_fault("no pipe for signals");
    }
    stop_requested = 0;
    handle_with(handle_stop);
    return std::unique_ptr<StopSignal>(new StopSignal);
}

StopSignal::~StopSignal() {
    handle_with(SIG_DFL);
    close(stop_pipe[0]);
    close(stop_pipe[1]);
    stop_pipe = {-1, -1};
}

// NOLINTNEXTLINE(readability-convert-member-functions-to-static): only while one lives there is a handler
bool StopSignal::requested() const {
    return stop_requested != 0;
}

// NOLINTNEXTLINE(readability-convert-member-functions-to-static): likewise
int StopSignal::descriptor() const {
    return stop_pipe[0];
}

}  // namespace reseal::tools
