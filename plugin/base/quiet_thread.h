// A thread that takes no signal: those of the process belong to the broker's own.
#pragma once

#include <signal.h>

#include <thread>
#include <utility>

namespace reseal {

template <class Work>
std::thread quiet_thread(Work work) {
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread out(std::move(work));
    (void)pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return out;
}

}  // namespace reseal
