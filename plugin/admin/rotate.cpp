#include <ctime>
#include <ostream>

#include "admin/commands.h"
#include "admin/site.h"
#include "admin/text.h"
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

// Until when the older generations are accepted; 0: not at all.
Checked<std::int64_t> end_of(const std::string& overlap) {
    if (overlap.empty()) {
        return std::int64_t{0};
    }
    auto seconds = parse_duration("--overlap", overlap);
    return seconds ? Checked<std::int64_t>(std::time(nullptr) + *seconds) : seconds;
}

void report(const std::string& id, const keyring::Key& key, std::int64_t ends, std::ostream& out) {
    out << "rotated the key of " << id << " to generation " << key.generation << ": load it with 'export'\n";
    if (ends == 0) {
        out << "the older one is refused from now on; what it sealed stays readable\n";
        return;
    }
    out << "the older one is accepted until " << date_and_time(ends)
        << ", then wiped: what it sealed and is still stored cannot be opened any more\n"
        << id
        << " is sealed for under the older one until it has sent something under the new one; what only receives is "
        << "switched with 'rotate " << id << " --finish'\n";
}

}  // namespace

Checked<Done> rotate(const LifeRequest& request, const std::string& overlap, Terminal terminal) {
    const auto ends = end_of(overlap);
    if (!ends) {
        return ends.error();
    }
    auto site = open_site(request.folder);
    if (!site) {
        return site.error();
    }
    const auto lock = lock_site(request.folder);
    if (!lock) {
        return lock.error();
    }
    auto registry = keyring::Registry::open(site->config.registry, keyring::writer_patience);
    if (!registry) {
        return registry.error();
    }
    auto key = next_key(*site, *registry, request.id);
    if (!key) {
        return key.error();
    }
    auto rotated = registry->rotate(request.id, *key, *ends, {request.why, name_of_user(request.who)});
    if (rotated) {
        report(request.id, *key, *ends, terminal.out);
    }
    return rotated;
}

Checked<Done> finish_rotation(const LifeRequest& request, Terminal terminal) {
    auto registry = open_registry(request.folder);
    if (!registry) {
        return registry.error();
    }
    auto ended = registry->end_overlap(request.id, {request.why, name_of_user(request.who)});
    if (ended) {
        terminal.out << "wiped the older keys of " << request.id << "; the newest alone counts from now on\n";
    }
    return ended;
}

}  // namespace reseal::admin
