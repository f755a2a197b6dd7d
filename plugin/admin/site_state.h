// SPDX-License-Identifier: Apache-2.0
// The state folder of a site, for the commands that change it.
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
// The same. Also a Fault: it is not the master key of `registry`.
Checked<state::StateKey> read_state_key(const Site& site, keyring::Registry& registry);

// `known`, and every key of `principals` as one without a known epoch.
std::vector<KeyEpoch> with_all_keys(std::vector<KeyEpoch> known,
                                    const std::vector<keyring::PrincipalRecord>& principals);

// Makes or replaces `copy` from a backup named on the command line. Answers what the backup knows of epochs.
Checked<keyring::BackupState> unpack_backup(const std::string& file, const std::string& copy);

}  // namespace reseal::admin
