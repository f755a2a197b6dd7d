// SPDX-License-Identifier: Apache-2.0
// QoS 2 messages that were let in but not yet delivered. The broker delivers them when the sender releases them, and
// may forget them before. Until then their counters are not marked in the replay window, so that they may come again.
// The window may meanwhile move past them, so it cannot tell.
#pragma once

#include <cstddef>
#include <unordered_map>
#include <vector>

#include <reseal/envelope.h>

#include "base/key_id.h"
#include "engine/counter_set.h"

namespace reseal::engine {

class Undelivered {
  public:
    // For each key, messages of this many of its latest epochs are kept: a device that restarts during its session
    // releases what it sent before.
    static constexpr std::size_t epochs_most = 2;

    void add(const reseal_envelope& message);
    void remove(const reseal_envelope& message);
    [[nodiscard]] bool contains(const reseal_envelope& message) const;
    // The key has ended.
    void forget(const KeyId& key) { keys_.erase(key); }

  private:
    struct Epoch {
        reseal_epoch epoch{};
        CounterSet counters;
    };
    using Epochs = std::vector<Epoch>;  // the oldest first
    [[nodiscard]] static Epoch* find(Epochs& epochs, const reseal_epoch& epoch);

    std::unordered_map<KeyId, Epochs, KeyIdHash> keys_;
};

}  // namespace reseal::engine
