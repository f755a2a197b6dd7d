#include "admin/site_state.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/private_file.h"
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

std::vector<keyring::KeyEpoch> with_all_keys(std::vector<keyring::KeyEpoch> known,
                                             const std::vector<keyring::PrincipalRecord>& principals) {
    for (const keyring::PrincipalRecord& principal : principals) {
        for (const keyring::Key& key : principal.keys) {
            known.push_back({key.id, 0});
        }
    }
    return known;
}

Checked<Done> give_to_owner_of(const std::string& folder, const std::string& path) {
    struct stat status {};
    if (::geteuid() != 0) {
        return Done{};
    }
    const bool given = ::stat(folder.c_str(), &status) == 0 &&
                       (::lchown(path.c_str(), status.st_uid, status.st_gid) == 0 || errno == ENOENT);
    return given ? Checked<Done>(Done{}) : system_fault(path, "giving it to the broker's user", "chown it by hand");
}

Checked<Done> give_state_to_owner(const Site& site) {
    for (const char* name : {"/replay", "/epoch"}) {
        if (auto given = give_to_owner_of(site.config.state, site.config.state + name); !given) {
            return given;
        }
    }
    return Done{};
}

}  // namespace reseal::admin
