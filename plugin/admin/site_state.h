// The state folder of a site, as the commands that change it need it.
#pragma once

#include <vector>

#include "admin/site.h"
#include "base/epoch.h"
#include "keyring/backup_file.h"
#include "keyring/registry.h"
#include "state/replay_mac.h"

namespace reseal::admin {

// The key of the state folder. Fault: the master key cannot be read.
Checked<state::StateKey> read_state_key(const Site& site);
// The same. Fault, too: it is not the master key of `registry`.
Checked<state::StateKey> read_state_key(const Site& site, keyring::Registry& registry);

// `known`, and every other key of `principals` as one of which no epoch is known.
std::vector<KeyEpoch> with_all_keys(std::vector<KeyEpoch> known,
                                    const std::vector<keyring::PrincipalRecord>& principals);

// Makes `copy`, or replaces it, from a backup that is named on the command line, and answers what it knows of epochs.
Checked<keyring::BackupState> unpack_backup(const std::string& file, const std::string& copy);

}  // namespace reseal::admin
