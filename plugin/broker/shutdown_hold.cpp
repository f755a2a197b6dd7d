// SPDX-License-Identifier: Apache-2.0
#include "broker/shutdown_hold.h"

namespace reseal::broker {

namespace {

// Packets that were already taken (a PUBREL, say) may still publish. After this many rounds the broker ends anyway.
constexpr int closing_most = 20;

volatile std::sig_atomic_t wanted = 0;  // the signal that came; a process has only one broker

void note(int signal) {
    wanted = signal;
}

}  // namespace

void ShutdownHold::hold() {
    if (held_) {
        return;
    }
    held_ = true;
    for (Handler& each : handlers_) {
        struct sigaction ours {};
        ours.sa_handler = note;
        ours.sa_flags = SA_RESTART;  // as the broker's own
        each.taken = ::sigaction(each.signal, nullptr, &each.brokers) == 0 && each.brokers.sa_handler != SIG_IGN &&
                     ::sigaction(each.signal, &ours, nullptr) == 0;
    }
}

void ShutdownHold::tick() {
    hold();
    if (wanted != 0) {
        ++closing_;
        if (!fresh_ || closing_ > closing_most) {
            release();
        }
    }
    fresh_ = false;
}

void ShutdownHold::release() {
    for (Handler& each : handlers_) {
        if (each.taken) {
            each.taken = false;
            (void)::sigaction(each.signal, &each.brokers, nullptr);
        }
    }
    if (const int came = wanted; came != 0) {
        wanted = 0;
        (void)::raise(came);
    }
}

}  // namespace reseal::broker
