// SPDX-License-Identifier: Apache-2.0
// Which generation of its key seals for a principal, and the change to a new one (protocol.md, "Rekeying"): its first
// use makes it the one, and begins the overlap after which the older ones end.
#pragma once

#include "engine/ledger.h"
#include "engine/site.h"
#include "keyring/registry.h"

namespace reseal::engine {

// The registry fails so many times in a row before it is reported: whoever writes there may hold it for a while.
inline constexpr int failures_to_report = 4;

// The generation that seals for `principal`: the newest that its holder has used. Before it used any: the oldest that
// is accepted. Null if there is none.
[[nodiscard]] const keyring::Key* downlink_key(const Ledger& ledger, const keyring::Principal& principal);

// The new generation that may travel to its holder over the air; null if there is none.
[[nodiscard]] const keyring::Key* key_over_the_air(const Ledger& ledger, const keyring::Principal& principal);

// A message under this key was accepted. `before`: the replay windows have known the key already.
void note_use(Ledger& ledger, const Site& site, const keyring::KeyHolder& holder, bool before, AcceptOnce::When when);

// Whether the newest generation in use came over the air, and an older one does not end yet.
void look_for_overlap(Ledger& ledger, const keyring::Principal& principal);

// Brings the ends of keys into the registry and the keyring. For the thread that refreshes.
class KeyEnds {
  public:
    // Writes the ends that first uses have begun. Answers those that are written: the keyring must know them, too.
    [[nodiscard]] std::vector<keyring::Registry::Overlap> begin_overlaps(Guarded<Ledger>& ledger, const Site& site,
                                                                         keyring::Registry& registry, std::time_t now);
    // The keyring has ended keys: wipes them in the registry, now or with a later call.
    void wipe(const Site& site, keyring::Registry& registry, std::time_t now, bool ended);

  private:
    int overlap_failures_ = 0;  // in a row
    int wipe_failures_ = 0;     // likewise
    bool to_wipe_ = false;      // keys have ended that the registry may still hold
};

}  // namespace reseal::engine
