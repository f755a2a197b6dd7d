// SPDX-License-Identifier: Apache-2.0
#include "admin/site_state.h"

#include "admin/with_rights.h"
#include "keyring/seal.h"

namespace reseal::admin {

Checked<state::StateKey> read_state_key(const Site& site) {
    const auto master_key = keyring::read_master_key(site.config.master_key);
    return master_key ? Checked<state::StateKey>(state::derive_state_key(*master_key)) : master_key.error();
}

Checked<state::StateKey> read_state_key(const Site& site, keyring::Registry& registry) {
    const auto master_key = keyring::read_master_key(site.config.master_key);
    const auto proven = master_key ? keyring::prove_master_key(*master_key, site.config.master_key, registry)
                                   : Checked<Done>(master_key.error());
    return proven ? Checked<state::StateKey>(state::derive_state_key(*master_key)) : proven.error();
}

std::vector<KeyEpoch> with_all_keys(std::vector<KeyEpoch> known,
                                    const std::vector<keyring::PrincipalRecord>& principals) {
    for (const keyring::PrincipalRecord& principal : principals) {
        for (const keyring::Key& key : principal.keys) {
            known.push_back({key.id, 0});
        }
    }
    return known;
}

Checked<keyring::BackupState> unpack_backup(const std::string& file, const std::string& copy) {
    auto backup = [&file] {
        const WithRights caller(Whose::caller);
        return keyring::Backup::open(file);
    }();
    return backup ? backup->unpack(copy) : backup.error();
}

}  // namespace reseal::admin
