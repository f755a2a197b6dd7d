#include "mosquitto/shutdown_hold.h"

#include <csignal>

namespace reseal::broker {

namespace {

// What was taken already (a PUBREL, say) may still publish; after so many rounds the broker ends all the same.
constexpr int closing_most = 20;

// To ask whether a signal waits is a system call. While deliveries go on, it is made once in so many rounds.
constexpr int unasked_most = 16;

sigset_t end_signals() {
    sigset_t out;
    sigemptyset(&out);
    sigaddset(&out, SIGTERM);
    sigaddset(&out, SIGINT);
    return out;
}

bool end_is_wanted() {
    sigset_t pending;
    sigemptyset(&pending);
    sigpending(&pending);
    return sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1;
}

}  // namespace

void ShutdownHold::hold() {
    if (!held_) {
        const sigset_t signals = end_signals();
        held_ = pthread_sigmask(SIG_BLOCK, &signals, nullptr) == 0;
    }
}

void ShutdownHold::tick() {
    hold();
    if (is_time_to_ask() && end_is_wanted()) {
        ++closing_;
        if (!fresh_ || closing_ > closing_most) {
            release();
        }
    }
    fresh_ = false;
}

bool ShutdownHold::is_time_to_ask() {
    const bool busy = fresh_ && closing_ == 0;
    unasked_ = busy ? (unasked_ + 1) % unasked_most : 0;
    return unasked_ == 0;
}

void ShutdownHold::release() {
    if (held_) {
        held_ = false;
        const sigset_t signals = end_signals();
        pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    }
}

}  // namespace reseal::broker
