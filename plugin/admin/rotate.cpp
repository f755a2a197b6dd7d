#include <ostream>

#include "admin/commands.h"
#include "admin/site.h"
#include "base/private_file.h"
#include "keyring/registry.h"
#include "keyring/seal.h"

namespace reseal::admin {
namespace {

// The generation after the newest one, for the same algorithm.
Checked<keyring::Key> next_key(const Site& site, keyring::Registry& registry, const std::string& id) {
    auto found = registry.find(id);
    if (!found) {
        return found.error();
    }
    if (!found->has_value() || (*found)->keys.empty()) {
        return Fault{{}, 0, "ID", std::string("no principal is called ") + in_quotes(id), "see 'list'"};
    }
    auto master_key = keyring::read_master_key(site.config.master_key);
    if (!master_key) {
        return master_key.error();
    }
    const keyring::Key& newest = (*found)->keys.front();
    return keyring::make_key(*master_key, id, newest.algorithm, newest.generation + 1);
}

}  // namespace

Checked<Done> rotate(const std::string& folder, const std::string& id, Terminal terminal) {
    auto site = open_site(folder);
    if (!site) {
        return site.error();
    }
    const auto lock = lock_site(folder);
    if (!lock) {
        return lock.error();
    }
    auto registry = keyring::Registry::open(site->config.registry, keyring::writer_patience);
    if (!registry) {
        return registry.error();
    }
    auto key = next_key(*site, *registry, id);
    if (!key) {
        return key.error();
    }
    auto rotated = registry->rotate(id, *key);
    if (rotated) {
        terminal.out << "rotated the key of " << id << " to generation " << key->generation
                     << "; the older one is refused from now on: load the new one with 'export'\n";
    }
    return rotated;
}

}  // namespace reseal::admin
