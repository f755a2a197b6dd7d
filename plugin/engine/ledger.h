// SPDX-License-Identifier: Apache-2.0
// What was accepted, and what follows from it for sessions and keys: one truth for all threads, so that a message is
// marked and its principal's sessions are told in one step. Reached through Guarded only; nothing is opened, sealed or
// waited for meanwhile.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include <reseal/envelope.h>

#include "base/guarded.h"
#include "base/key_id.h"
#include "engine/accept_once.h"
#include "engine/sessions.h"
#include "keyring/keyring.h"
#include "state/replay_store.h"

namespace reseal::engine {

struct Ledger {
    explicit Ledger(state::ReplayStore its_replay) : replay(std::move(its_replay)) {}

    // Whether the key's holder has used it.
    [[nodiscard]] bool has_shown(const keyring::Key& key) const {
        return shown.contains(key.id) || replay.highest(key.id).has_value();
    }

    state::ReplayStore replay;
    AcceptOnce accept_once{replay};
    Sessions sessions;
    std::unordered_set<KeyId, KeyIdHash> shown;  // keys whose first messages still wait
    // Generations in use that came over the air, by principal, until the registry knows when the older ones end.
    struct FirstUse {
        std::uint32_t generation = 0;
        std::int64_t overlap = 0;  // seconds
    };
    std::unordered_map<std::string, FirstUse> overlaps_due;
    reseal_epoch own_epoch{};  // of the storage key's latest message; number 0: nothing yet
};

using LedgerAccess = Guarded<Ledger>::Access;

}  // namespace reseal::engine
