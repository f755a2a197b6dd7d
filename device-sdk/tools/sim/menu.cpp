// SPDX-License-Identifier: Apache-2.0
#include "tools/sim/menu.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace reseal::tools::sim {
namespace {

struct Key {
    char key;
    Command command;
    const char* name;
};
constexpr std::array<Key, 11> keys = {{{'+', Command::faster, "faster"},
                                       {'-', Command::slower, "slower"},
                                       {'>', Command::more_devices, "more devices"},
                                       {'<', Command::fewer_devices, "fewer"},
                                       {'u', Command::heart_up, "heart rate up"},
                                       {'d', Command::heart_down, "down"},
                                       {'p', Command::pause, "pause"},
                                       {'o', Command::outage, "outage"},
                                       {'r', Command::report, "report"},
                                       {'?', Command::help, "keys"},
                                       {'q', Command::quit, "quit"}}};

// Signals that end a program unless it handles them, without any destructor; StopSignal takes the other two.
constexpr std::array<int, 3> ending_signals = {SIGHUP, SIGQUIT, SIGABRT};

// A handler can access only globals.
termios found;  // NOLINT(cppcoreguidelines-avoid-non-const-global-variables)

extern "C" void restore_and_end(int signal) {
    tcsetattr(STDIN_FILENO, TCSANOW, &found);
    (void)std::raise(signal);  // by its default: SA_RESETHAND
}

void handle_ends() {
    struct sigaction action {};
    action.sa_handler = restore_and_end;
    action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
    for (const int signal : ending_signals) {
        struct sigaction before {};
        // A signal that was ignored, as with nohup, stays ignored.
        if (sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_DFL) {
            sigaction(signal, &action, nullptr);
        }
    }
}

// Keys one by one, without echo. Ctrl-Z would leave the terminal like that, so it is switched off.
Checked<Done> take_terminal() {
    if (tcgetattr(STDIN_FILENO, &found) != 0) {
        return system_fault("stdin");
    }
    handle_ends();
    termios wanted = found;
    wanted.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    wanted.c_cc[VSUSP] = _POSIX_VDISABLE;
    wanted.c_cc[VMIN] = 1;
    wanted.c_cc[VTIME] = 0;
    return tcsetattr(STDIN_FILENO, TCSANOW, &wanted) == 0 ? Checked<Done>(Done{}) : system_fault("stdin");
}

}  // namespace

std::optional<Command> command_for(char key) {
    for (const Key& one : keys) {
        if (one.key == key) {
            return one.command;
        }
    }
    return std::nullopt;
}

std::string menu_text() {
    std::string text = "keys:";
    for (const Key& one : keys) {
        text.append("  ").append(1, one.key).append(" ").append(one.name);
    }
    return text;
}

bool Menu::terminal_is_ours() {
    return isatty(STDIN_FILENO) == 1 && tcgetpgrp(STDIN_FILENO) == getpgrp();
}

Checked<std::unique_ptr<Menu>> Menu::open() {
    const bool terminal = terminal_is_ours();
    if (const auto taken = terminal ? take_terminal() : Done{}; !taken) {
        return taken.error();
    }
    return std::unique_ptr<Menu>(new Menu(terminal));
}

Menu::~Menu() {
    if (terminal_) {
        tcsetattr(STDIN_FILENO, TCSANOW, &found);
    }
}

std::optional<Command> Menu::read() {
    char key = 0;
    const ssize_t got = ::read(STDIN_FILENO, &key, 1);
    if (got == 0 || (got < 0 && errno != EINTR)) {
        descriptor_ = -1;
    }
    return got == 1 ? command_for(key) : std::nullopt;
}

}  // namespace reseal::tools::sim
