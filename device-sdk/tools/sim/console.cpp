// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <utility>

namespace reseal::tools::sim {
namespace {

// A line that wrapped could not be overwritten. 0 columns: the width is unknown.
std::string cut_to_terminal(const std::string& line) {
    winsize size{};
    const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? line.substr(0, size.ws_col - 1U) : line;
}

}  // namespace

Console::~Console() {
    tick();
    if (!progress_.empty()) {
        (void)std::fputc('\n', stderr);
    }
}

// The progress line moves down.
void Console::write_line(const std::string& line) {
    const std::string erase = progress_.empty() ? "" : "\r\x1b[K";
    (void)std::fputs((erase + line + "\n" + progress_).c_str(), stderr);
}

void Console::print(const std::string& text) {
    std::string::size_type begin = 0;
    for (auto end = text.find('\n'); begin <= text.size(); end = text.find('\n', begin)) {
        end = end == std::string::npos ? text.size() : end;
        write_line("reseal-sim: " + text.substr(begin, end - begin));
        begin = end + 1;
    }
}

void Console::notice(const std::string& text) {
    if (++notices_ <= notices_max) {
        print(text);
    }
}

void Console::tick() {
    const std::uint64_t made = std::exchange(notices_, 0);
    if (made > notices_max) {
        print("and " + std::to_string(made - notices_max) + " more like these");
    }
}

void Console::progress(const std::string& line) {
    if (!terminal_) {
        print(line);
        return;
    }
    progress_ = cut_to_terminal(line);
    (void)std::fputs(("\r\x1b[K" + progress_).c_str(), stderr);
}

}  // namespace reseal::tools::sim
