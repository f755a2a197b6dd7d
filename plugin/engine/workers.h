// The threads that handle messages. What they all read without a lock changes only while every one of them is outside.
#pragma once

#include <atomic>
#include <mutex>
#include <span>
#include <vector>

#include "base/guarded.h"
#include "base/key_id.h"

namespace reseal::engine {

class Workers {
  public:
    // One worker. It holds its gate during each of its calls: its own, so that no two workers wait for each other.
    class One {
      public:
        [[nodiscard]] std::mutex& gate() { return gate_; }

        // The derived keys to wipe since the last call. Cheap if there are none.
        [[nodiscard]] std::vector<KeyId> take_forgotten();

      private:
        friend Workers;
        std::mutex gate_;
        std::atomic<bool> any_forgotten_{false};
        Guarded<std::vector<KeyId>> forgotten_;
    };

    void add(One& worker);
    void remove(One& worker);

    // Every worker wipes what it has derived from these keys, before its next call does anything else.
    void forget_keys(std::span<const KeyId> keys);

    // While it lives, every worker is outside. Not within a worker's own call.
    class Closed {
      public:
        explicit Closed(Workers& workers);
        ~Closed();
        Closed(const Closed&) = delete;
        Closed& operator=(const Closed&) = delete;

      private:
        Workers* workers_;
    };

  private:
    std::mutex closing_;  // held to add and to remove one, too
    std::mutex list_;     // and this one: no gate is ever waited for with it
    std::vector<One*> all_;
};

}  // namespace reseal::engine
