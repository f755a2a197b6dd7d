// SPDX-License-Identifier: Apache-2.0
// What runs beside the broker's thread, as a thread or a process, must not get in its way. It takes no signal: those of
// the process belong to the broker's own. And it has a table of descriptors of its own: while two threads share one,
// the kernel counts each use of a descriptor in and out, at each system call of the broker's thread.
#pragma once

#include <signal.h>

#include <memory>
#include <semaphore>
#include <thread>
#include <utility>
#include <vector>

namespace reseal {

// While it lives, the calling thread takes no signal, and what it begins takes none ever.
class SignalsBlocked {
  public:
    SignalsBlocked();
    ~SignalsBlocked();
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

  private:
    sigset_t before_{};
};

// Leaves the calling thread a table of its own with standard input, output and error and `kept` in it; in a process
// with others, they keep what is closed here. False if Linux cannot (before 5.9) or may not: then all is as before.
[[nodiscard]] bool own_descriptors(std::vector<int> kept);

// A thread with `work`, and `kept` of the descriptors. Returns when `work` is about to begin.
template <class Work>
std::thread quiet_thread(std::vector<int> kept, Work work) {
    const auto begun = std::make_shared<std::binary_semaphore>(0);
    const SignalsBlocked blocked;
    std::thread out([begun, kept = std::move(kept), work = std::move(work)]() mutable {
        (void)own_descriptors(std::move(kept));
        begun->release();
        work();
    });
    begun->acquire();
    return out;
}

}  // namespace reseal
