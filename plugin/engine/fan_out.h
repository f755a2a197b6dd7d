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

    // Whether `copy` is the one being fanned out. `held`: the message under way is this one.
    [[nodiscard]] bool goes_on(std::uintptr_t copy, bool held) {
        if (!accepted_) {
            return false;
        }
        if (copy_ == 0 && held) {
            copy_ = copy;
        }
        return copy_ == copy;
    }

  private:
    bool accepted_ = false;
    std::uintptr_t copy_ = 0;
};

}  // namespace reseal::engine
