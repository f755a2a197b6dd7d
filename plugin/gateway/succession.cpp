// Another file in the place of the registry, or an older state of it: taken over if it is of this site and no older
// than what is known, whole; else what is known stays, and is said to be out of date.
#include "keyring/successor.h"

#include <algorithm>

#include "gateway/gateway.h"

namespace reseal::gateway {

namespace {

constexpr int failures_to_report = 4;
constexpr int wait_most = 120;  // refreshes: a minute

keyring::PrincipalRecord record_of(const keyring::Principal& principal) {
    return {.id = std::string(principal.id),
            .roles = principal.roles,
            .owner = {},
            .revoked = principal.revoked,
            .decommissioned = principal.decommissioned,
            .storage = principal.storage,
            .certificates = {principal.certificates.begin(), principal.certificates.end()},
            .keys = {principal.keys.begin(), principal.keys.end()}};
}

}  // namespace

bool Gateway::registry_in_place() {
    const bool in_place = parts_.registry.in_place();
    if (in_place && !succession_.rolled_back) {
        succession_.due = false;
        return true;
    }
    if (!succession_.due) {
        begin_succession();
        return false;
    }
    const bool rests_again = succession_.watch.changed();
    const bool waited = succession_.wait > 0 && --succession_.wait == 0;
    succession_.now = rests_again || waited;
    return false;
}

// Tried with the next refresh for the first time: it may still be written.
void Gateway::begin_succession() {
    succession_.due = true;
    succession_.now = false;
    succession_.wait = 1;
    succession_.failures = 0;
    succession_.watch.watch({parts_.registry.path()});
}

void Gateway::look_for_successor(Changed& changed) {
    if (!std::exchange(succession_.now, false)) {
        return;
    }
    auto registry = parts_.registry.reopen();
    keyring::Keyring keyring = parts_.keyring.sibling();
    const auto newest = registry ? registry->read_all(keyring) : Checked<std::int64_t>(registry.error());
    if (!newest) {
        succession_.wait = std::min(1 << std::max(++succession_.failures - failures_to_report, 0), wait_most);
        registry_failed(newest.error());
        return;
    }
    if (const auto fits = check_successor(keyring, *newest); !fits) {
        registry_failures_ = failures_to_report - 1;  // it will not get better by itself
        registry_failed(fits.error());
        return;
    }
    take_over(std::move(*registry), std::move(keyring), changed);
    registry_seen_ = *newest;
}

Checked<Done> Gateway::check_successor(const keyring::Keyring& fresh, std::int64_t newest) const {
    const std::string& path = parts_.registry.path();
    auto fits = keyring::check_successor(parts_.keyring, fresh, path);
    if (fits && newest < registry_seen_) {
        return keyring::older_registry(
            path, "its last change is number " + std::to_string(newest) + ", not " + std::to_string(registry_seen_));
    }
    return fits;
}

void Gateway::take_over(keyring::Registry registry, keyring::Keyring keyring, Changed& changed) {
    for (std::size_t number = 0; number < keyring.size(); ++number) {
        const keyring::Principal& principal = keyring.principals()[number];
        tell_changes(record_of(principal));
        forget_keys(principal.id);  // those that are known; some may be gone or retired
        if (principal.revoked) {
            departed_.forget(std::string(principal.id));
        }
    }
    parts_.registry = std::move(registry);
    parts_.keyring = std::move(keyring);
    overlaps_due_.clear();
    for (std::size_t number = 0; number < parts_.keyring.size(); ++number) {
        look_for_overlap(parts_.keyring.principals()[number]);
    }
    for (const auto& [key, session] : sessions_) {
        changed.insert(parts_.keyring.find(session->principal));
    }
    revoked_seen_ = true;
    succession_ = {};
    registry_read();
    parts_.log.alert(observe::Alert::file_replaced, {},
                     parts_.registry.path() +
                         ": was replaced while the broker runs; the one that is there now is of this site and no "
                         "older, and was taken over");
}

}  // namespace reseal::gateway
