#include "engine/shared.h"

#include <vector>

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

}  // namespace reseal::engine
