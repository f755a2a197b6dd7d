// SPDX-License-Identifier: Apache-2.0
// Keys that change what a running fleet does.
#pragma once

#include <termios.h>

#include <memory>
#include <optional>
#include <string>

#include "tools/fault.h"

namespace reseal::tools::sim {

enum class Command {
    faster,
    slower,
    more_devices,
    fewer_devices,
    pause,
    outage,
    heart_up,
    heart_down,
    report,
    help,
    quit
};

// The command for a key; empty if it has none.
std::optional<Command> command_for(char key);

// The keys, in one line.
std::string menu_text();

// Reads single keys from stdin. On a terminal it switches off echo and line mode for its lifetime, and restores them
// even if a signal ends the program. Ctrl-C is still a signal. One instance at a time.
class Menu {
  public:
    static Checked<std::unique_ptr<Menu>> open();
    ~Menu();
    Menu(const Menu&) = delete;
    Menu& operator=(const Menu&) = delete;

    // Whether stdin is a terminal whose keys are meant for this program: in the background it must leave them alone.
    static bool terminal_is_ours();

    // For poll; -1 once stdin has ended.
    [[nodiscard]] int descriptor() const { return descriptor_; }

    // The next key's command. Call when the descriptor is ready.
    std::optional<Command> read();

  private:
    explicit Menu(bool terminal) : terminal_(terminal) {}

    bool terminal_;
    int descriptor_ = 0;
};

}  // namespace reseal::tools::sim
