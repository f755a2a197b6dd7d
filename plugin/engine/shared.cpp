// SPDX-License-Identifier: Apache-2.0
#include "engine/shared.h"

#include <vector>

#include "base/try_lock.h"

namespace reseal::engine {

void Shared::forget_keys(const keyring::Principal& principal) {
    std::vector<KeyId> keys;
    for (const keyring::Key& key : principal.keys) {
        keys.push_back(key.id);
        for (const std::string& other : site.realm_names) {
            keys.push_back(state::peer_place(key.id, other));
        }
    }
    workers.forget_keys(keys);
}

std::unique_lock<std::mutex> Desk::enter() {
    std::unique_lock out = try_lock(worker.gate());
    if (!out) {
        (void)message.complete();
        out.lock();
    }
    if (const auto forgotten = worker.take_forgotten()) {
        for (const KeyId& key : *forgotten) {
            message.forget_keys(key);
        }
    } else {
        message.forget_all_keys();
    }
    return out;
}

SessionTable::Use Desk::use(SessionId id) {
    if (SessionTable::Use out = shared.table.try_use(id)) {
        return out;
    }
    (void)message.complete();
    return shared.table.use(id);
}

}  // namespace reseal::engine
