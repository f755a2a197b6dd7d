// SPDX-License-Identifier: Apache-2.0
#include "load/faults/events.h"

#include <array>

namespace faults {

namespace {

constexpr long day = 86'400;  // seconds
constexpr std::array<long, 7> settings = {0, day, -day, 400 * day, -400 * day, 3600, -20 * 365 * day};
constexpr std::chrono::milliseconds while_full{60};

void set_clock(Trial& trial, Random& random) {
    std::uniform_int_distribution<std::size_t> which(0, settings.size() - 1);
    trial.side().clock().set(std::chrono::seconds(settings.at(which(random))));
}

void restart(Trial& trial, End how) {
    trial.end(how);
    trial.start();
}

}  // namespace

std::string in_words(Event event) {
    switch (event) {
        case Event::sigkill:
            return "kill -9";
        case Event::sigterm:
            return "SIGTERM";
        case Event::sighup:
            return "SIGHUP";
        case Event::clock:
            return "clock set";
        case Event::clock_sigkill:
            return "clock set, kill -9";
        case Event::disk:
            return "disk full";
        case Event::disk_sigkill:
            return "disk full, kill -9";
    }
    return {};
}

std::string left_out(Event event) {
    const bool disk = event == Event::disk || event == Event::disk_sigkill;
    if (disk && !SmallDisk::available()) {
        return "only root can mount a file system";
    }
    return {};
}

Terms with_means(Terms terms, Event event) {
    terms.false_clock = event == Event::clock || event == Event::clock_sigkill;
    terms.small_disk = event == Event::disk || event == Event::disk_sigkill;
    return terms;
}

void befall(Trial& trial, Event event, std::size_t window, Random& random) {
    switch (event) {
        case Event::sigkill:
            return restart(trial, End::sigkill);
        case Event::sigterm:
            return restart(trial, End::sigterm);
        case Event::sighup:
            return trial.side().broker().reload();
        case Event::clock:
            return set_clock(trial, random);
        case Event::clock_sigkill:
            trial.end(End::sigkill);
            set_clock(trial, random);
            return trial.start();
        case Event::disk:
            trial.side().disk().fill();
            trial.work(while_full, window);
            return trial.side().disk().clear();
        case Event::disk_sigkill:
            trial.side().disk().fill();
            trial.work(while_full, window);
            trial.end(End::sigkill);
            trial.side().disk().clear();
            return trial.start();
    }
}

}  // namespace faults
