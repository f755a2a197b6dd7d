// SPDX-License-Identifier: Apache-2.0
#include <ctime>
#include <ostream>

#include "admin/commands.h"
#include "admin/site.h"
#include "admin/text.h"
#include "base/fault.h"
#include "base/quote.h"
#include "keyring/admin_registry.h"
#include "keyring/seal.h"
#include "policy/reserved.h"

namespace reseal::admin {
namespace {

// The generation after the newest one, for the same algorithm.
Checked<keyring::Key> next_key(const Site& site, keyring::Registry& registry, const std::string& id) {
    auto found = registry.find(id);
    if (!found) {
        return found.error();
    }
    if (!found->has_value() || (*found)->keys.empty()) {
        return Fault{{}, 0, "ID", std::string("no principal is called ") + quote(id), "see 'list'"};
    }
    auto master_key = keyring::read_master_key(site.config.master_key);
    if (!master_key) {
        return master_key.error();
    }
    const keyring::Key& newest = (*found)->keys.front();
    return keyring::make_key(*master_key, id, newest.algorithm, newest.generation + 1);
}

constexpr const char* overlap_over_the_air = "30d";

// Seconds; 0: none.
Checked<std::int64_t> overlap_of(const Rotation& rotation) {
    return rotation.overlap.empty() ? std::int64_t{0} : parse_duration("--overlap", rotation.overlap);
}

void report_over_the_air(const std::string& id, const keyring::Key& key, const std::string& overlap,
                         std::ostream& out) {
    out << "rotated the key of " << id << " to generation " << key.generation << ": the broker sends it to "
        << policy::key_topic(id) << ", sealed under the older one\n"
        << "the older one is accepted until " << id << " has used the new one, and then for " << overlap
        << " more; see 'show " << id << "'\n"
        << "whoever has learned the older key can read the new one: if it may have leaked, use 'rotate' without "
           "--over-the-air\n";
}

void report(const std::string& id, const keyring::Key& key, std::int64_t ends, std::ostream& out) {
    out << "rotated the key of " << id << " to generation " << key.generation << ": load it with 'export'\n";
    if (ends == 0) {
        out << "the older one is refused from now on; what it sealed stays readable\n";
        return;
    }
    out << "the older one is accepted until " << date_and_time(ends)
        << ", then wiped: stored messages that it sealed can then no longer be opened\n"
        << "messages to " << id
        << " are sealed under the older one until it has sent something under the new one; if it only receives, "
        << "switch it with 'rotate " << id << " --finish'\n";
}

}  // namespace

Checked<Done> rotate(const LifeRequest& request, Rotation rotation, Terminal terminal) {
    if (auto why = check_one_line("--why", request.why); !why) {
        return why;
    }
    if (rotation.over_the_air && rotation.overlap.empty()) {
        rotation.overlap = overlap_over_the_air;
    }
    const auto overlap = overlap_of(rotation);
    if (!overlap) {
        return overlap.error();
    }
    const auto site = hold_site(request.folder);
    if (!site) {
        return site.error();
    }
    auto registry = open_registry(*site);
    if (!registry) {
        return registry.error();
    }
    auto key = next_key(*site, *registry, request.id);
    if (!key) {
        return key.error();
    }
    const keyring::Reason reason{request.why, name_of_user(request.who)};
    if (rotation.over_the_air) {
        key->overlap = *overlap;
        auto rotated = registry->rotate_over_the_air(request.id, *key, reason);
        if (rotated) {
            report_over_the_air(request.id, *key, rotation.overlap, terminal.out);
        }
        return rotated;
    }
    const std::int64_t ends = *overlap == 0 ? 0 : std::time(nullptr) + *overlap;
    auto rotated = registry->rotate(request.id, *key, ends, reason);
    if (rotated) {
        report(request.id, *key, ends, terminal.out);
    }
    return rotated;
}

Checked<Done> finish_rotation(const LifeRequest& request, Terminal terminal) {
    if (auto why = check_one_line("--why", request.why); !why) {
        return why;
    }
    auto registry = open_registry(request.folder);
    if (!registry) {
        return registry.error();
    }
    auto ended = registry->end_overlap(request.id, {request.why, name_of_user(request.who)});
    if (ended) {
        terminal.out << "wiped the older keys of " << request.id << "; only the newest is accepted from now on\n";
    }
    return ended;
}

}  // namespace reseal::admin
