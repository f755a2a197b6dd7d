// SPDX-License-Identifier: Apache-2.0
// The message that one thread is fanning out: it was accepted for that, and only the copy that the broker asked about
// first is delivered.
#pragma once

#include <cstdint>

namespace reseal::engine {

class FanOut {
  public:
    // A message was accepted; it is fanned out next. `copy`: see Stored; 0 until the broker asks for the first
    // delivery.
    void begin(std::uintptr_t copy = 0) {
        accepted_ = true;
        copy_ = copy;
    }
    // Another message arrives, or is fanned out.
    void over() { accepted_ = false; }

    // Whether `copy` is the one being fanned out. `held` tells whether the message under way is this one.
    template <class Held>
    [[nodiscard]] bool goes_on(std::uintptr_t copy, Held&& held) {
        if (accepted_ && copy_ == 0 && held()) {
            copy_ = copy;
        }
        return accepted_ && copy_ == copy;
    }

  private:
    bool accepted_ = false;
    std::uintptr_t copy_ = 0;
};

}  // namespace reseal::engine
