// The state folder of a site, as the commands that change it need it.
#pragma once

#include <vector>

#include "admin/site.h"
#include "keyring/backup.h"
#include "keyring/registry.h"
#include "state/replay_mac.h"

namespace reseal::admin {

// The key of the state folder. Fault: the master key cannot be read.
Checked<state::StateKey> read_state_key(const Site& site);
// The same. Fault, too: it is not the master key of `registry`.
Checked<state::StateKey> read_state_key(const Site& site, keyring::Registry& registry);

// `known`, and every other key of `principals` as one of which no epoch is known.
std::vector<keyring::KeyEpoch> with_all_keys(std::vector<keyring::KeyEpoch> known,
                                             const std::vector<keyring::PrincipalRecord>& principals);

// What root makes belongs to whom the folder belongs: the broker's user.
Checked<Done> give_to_owner_of(const std::string& folder, const std::string& path);
Checked<Done> give_state_to_owner(const Site& site);

}  // namespace reseal::admin
