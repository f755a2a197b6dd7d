// SPDX-License-Identifier: Apache-2.0
// The threads that handle messages. What they all read without a lock changes only while every one of them is outside.
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <optional>
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

        // The derived keys to wipe since the last call; nothing: all of them. Cheap if there are none.
        [[nodiscard]] std::optional<std::vector<KeyId>> take_forgotten();

      private:
        friend Workers;
        std::mutex gate_;
        std::atomic<bool> any_forgotten_{false};
        Guarded<std::vector<KeyId>> forgotten_;  // forgotten_most: so many that all are
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
    // A worker that is not called for long does not gather more.
    static constexpr std::size_t forgotten_most = 10000;

    std::mutex closing_;  // held to add and to remove one, too
    std::mutex list_;     // and this one: no gate is ever waited for with it
    std::vector<One*> all_;
};

}  // namespace reseal::engine
