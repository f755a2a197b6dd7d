// A thread beside the broker's, which must not get in its way. It takes no signal: those of the process belong to the
// broker's own. And it has a table of descriptors of its own: while two threads share one, the kernel counts each use
// of a descriptor in and out, at each system call of the broker's thread.
#pragma once

#include <signal.h>

#include <memory>
#include <semaphore>
#include <thread>
#include <utility>
#include <vector>

namespace reseal {

// Leaves the calling thread a table of its own with standard input, output and error and `kept` in it; the others stay
// open for the rest of the process alone. False if Linux cannot (before 5.9) or may not: then all is as before.
[[nodiscard]] bool own_descriptors(std::vector<int> kept);

struct QuietThread {
    std::thread thread;
    // From here on the thread's `kept` are copies: who started it closes its own, unless it uses them as well.
    bool owns_descriptors = false;
};

// Returns when `work` is about to begin.
template <class Work>
QuietThread quiet_thread(std::vector<int> kept, Work work) {
    struct Start {
        std::binary_semaphore made{0};
        bool owns_descriptors = false;
    };
    const auto start = std::make_shared<Start>();
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread out([start, kept = std::move(kept), work = std::move(work)]() mutable {
        start->owns_descriptors = own_descriptors(std::move(kept));
        start->made.release();
        work();
    });
    (void)pthread_sigmask(SIG_SETMASK, &before, nullptr);
    start->made.acquire();
    return {std::move(out), start->owns_descriptors};
}

}  // namespace reseal
