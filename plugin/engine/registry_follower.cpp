// SPDX-License-Identifier: Apache-2.0
#include "engine/registry_follower.h"

#include <algorithm>
#include <string>
#include <utility>

#include "keyring/successor.h"

namespace reseal::engine {

namespace {

// As much of the registry as is read within a few milliseconds: messages wait meanwhile.
constexpr std::size_t changes_at_once = 1000;
constexpr int wait_most = 120;    // refreshes: a minute
constexpr int sweep_every = 120;  // the same

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

Checked<Done> RegistryFollower::load() {
    const auto newest = registry_.read_all(site_->keyring);
    if (!newest) {
        return newest.error();
    }
    seen_ = *newest;
    const LedgerAccess ledger = shared_->ledger.access();
    for (std::size_t number = 0; number < site_->keyring.size(); ++number) {
        look_for_overlap(*ledger, site_->keyring.principals()[number]);
    }
    count_keys();
    return Done{};
}

Engine::Refreshed RegistryFollower::refresh(std::time_t now, std::time_t doubt) {
    site_->now = now;
    Engine::Refreshed out;
    News news;
    read_changes(news, out);
    news.overlaps = key_ends_.begin_overlaps(shared_->ledger, *site_, registry_, now - doubt);
    const Changed changed = take_over(news, out, now - doubt);
    key_ends_.wipe(*site_, registry_, now - doubt, std::exchange(keys_ended_, false));
    count_keys();
    look_at_state();
    sweep_budgets();
    renew_sessions(changed, now, out);
    return out;
}

void RegistryFollower::read_changes(News& news, Engine::Refreshed& out) {
    if (!in_place()) {
        look_for_successor(news);
        return;
    }
    const auto differs = registry_.changed();
    if (!differs) {
        failed(differs.error());
        return;
    }
    if (!*differs) {
        succeeded();
        return;
    }
    if (const auto newest = registry_.newest(); newest && *newest < seen_) {
        succession_.rolled_back = true;
        return;
    }
    auto principals = registry_.changes(seen_, changes_at_once);
    if (!principals) {
        failed(principals.error());
        return;
    }
    succeeded();
    out.more = principals->size() >= changes_at_once;
    news.principals = std::move(*principals);
}

RegistryFollower::Changed RegistryFollower::take_over(News& news, Engine::Refreshed& out, std::time_t ends_at) {
    const Workers::Closed closed(shared_->workers);
    Changed changed;
    for (const keyring::PrincipalRecord& principal : news.principals) {
        put(principal, changed, out);
    }
    if (news.successor) {
        succeed(*news.successor, changed);
        out.revoked = true;
    }
    for (const keyring::Registry::Overlap& each : news.overlaps) {
        site_->keyring.end_older(each.id, each.generation, each.ends);
    }
    end_keys(ends_at, changed);
    return changed;
}

void RegistryFollower::put(const keyring::PrincipalRecord& principal, Changed& changed, Engine::Refreshed& out) {
    tell_changes(principal);
    if (const keyring::Principal* known = site_->keyring.find(principal.id)) {
        shared_->forget_keys(*known);  // some of them may be gone or retired
    }
    site_->keyring.put(principal);
    const keyring::Principal& fresh = *site_->keyring.find(principal.id);
    changed.insert(&fresh);
    const LedgerAccess ledger = shared_->ledger.access();
    if (principal.revoked) {
        out.revoked = true;
        ledger->sessions.departed.forget(principal.id);
    }
    look_for_overlap(*ledger, fresh);
}

void RegistryFollower::end_keys(std::time_t now, Changed& changed) {
    for (const keyring::Keyring::EndedKey& key : site_->keyring.end_keys(now)) {
        shared_->workers.forget_keys({&key.id, 1});
        shared_->ledger.access()->accept_once.forget_key(key.id);
        changed.insert(key.principal);
        keys_ended_ = true;
    }
}

// What of a changed principal the audit trail must know.
void RegistryFollower::tell_changes(const keyring::PrincipalRecord& fresh) const {
    const keyring::Principal* known = site_->keyring.find(fresh.id);
    if (fresh.revoked && (known == nullptr || !known->revoked)) {
        site_->log.happened({.event = audit::Event::revoked, .principal = fresh.id, .detail = "the principal"});
    }
    for (const keyring::Certificate& certificate : fresh.certificates) {
        const keyring::CertificateHolder before = site_->keyring.find_certificate(certificate.fingerprint);
        if (certificate.revoked && (before.certificate == nullptr || !before.certificate->revoked)) {
            tell_revoked(fresh.id, certificate.fingerprint);
        }
    }
    for (const keyring::Key& key : fresh.keys) {
        if (known != nullptr && site_->keyring.find_key(key.id).key == nullptr) {
            const std::string detail = "key generation " + std::to_string(key.generation);
            site_->log.happened({.event = audit::Event::rotated, .principal = fresh.id, .detail = detail});
        }
    }
}

void RegistryFollower::tell_revoked(std::string_view principal, const keyring::Fingerprint& certificate) const {
    const bool by_serial = keyring::is_serial(certificate);
    const auto hash = by_serial ? std::span<const std::uint8_t>() : std::span<const std::uint8_t>(certificate);
    site_->log.happened({.event = audit::Event::revoked,
                         .principal = principal,
                         .certificate = hash,
                         .detail = by_serial ? "a certificate, known by its serial number" : "a certificate"});
}

void RegistryFollower::count_keys() const {
    const keyring::Keyring::Keys keys = site_->keyring.count_keys();
    site_->metrics->principals.set(site_->keyring.size());
    site_->metrics->active_keys.set(keys.active);
    site_->metrics->retired_keys.set(keys.retired);
}

void RegistryFollower::look_at_state() {
    const auto tell = [this](observe::Alert alert, const std::optional<Fault>& fault) {
        if (fault) {
            site_->log.alert(alert, {}, fault->text());
        }
    };
    const auto damage = shared_->ledger.access()->replay.take_damage();
    tell(observe::Alert::state_damaged, damage);
    const auto replay = shared_->ledger.access()->replay.look();
    tell(observe::Alert::file_replaced, replay);
    const auto raising = shared_->senders.raising();
    tell(observe::Alert::file_replaced, shared_->senders.epochs().look());
}

void RegistryFollower::sweep_budgets() {
    if (++refreshes_ % sweep_every != 0) {
        return;
    }
    const budget::Limits& limits = site_->settings.budgets;
    const LedgerAccess ledger = shared_->ledger.access();
    ledger->sessions.spendings.sweep(limits.principal, ledger->sessions.moment());
    ledger->sessions.strangers.sweep(limits, ledger->sessions.moment());
}

void RegistryFollower::renew_sessions(const Changed& changed, std::time_t now, Engine::Refreshed& out) {
    shared_->table.each([&](Session& session) {
        const Refusal refusal = site_->still_valid(session, now);
        if (refusal != Refusal::none) {
            site_->report(session, "session", {}, refusal);
            out.dropped.push_back(session.client_id);
        }
        const keyring::Principal* principal = changed.empty() ? nullptr : site_->keyring.find(session.principal);
        if (principal != nullptr && changed.contains(principal)) {
            renew(session, *principal);
        }
    });
}

// What the session of a changed principal had of it.
void RegistryFollower::renew(Session& session, const keyring::Principal& principal) {
    site_->take_rights(session, principal);
    session.set_sender(nullptr);
    shared_->ledger.access()->sessions.rekeys_due.insert(session.standing);
}

// A writer may hold the file for a moment. What stays unreadable hides revocations, and must be said.
void RegistryFollower::failed(const Fault& fault) {
    if (++failures_ == failures_to_report) {
        site_->log.alert(observe::Alert::registry_unreadable, {},
                         "changes to the registry, including revocations, are not seen: " + fault.text());
    }
}

void RegistryFollower::succeeded() {
    if (failures_ >= failures_to_report) {
        site_->log.note(observe::Level::notice, "the registry can be read again");
    }
    failures_ = 0;
}

// Another file in the place of the registry, or an older state of it: taken over if it is of this site and no older
// than what is known, whole; else what is known stays, and is said to be out of date.
bool RegistryFollower::in_place() {
    const bool in_place = registry_.in_place();
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
void RegistryFollower::begin_succession() {
    succession_.due = true;
    succession_.now = false;
    succession_.wait = 1;
    succession_.failures = 0;
    succession_.watch.watch({registry_.path()});
}

void RegistryFollower::look_for_successor(News& news) {
    if (!std::exchange(succession_.now, false)) {
        return;
    }
    auto registry = registry_.reopen();
    keyring::Keyring keyring = site_->keyring.sibling();
    const auto newest = registry ? registry->read_all(keyring) : Checked<std::int64_t>(registry.error());
    if (!newest) {
        succession_.wait = std::min(1 << std::max(++succession_.failures - failures_to_report, 0), wait_most);
        failed(newest.error());
        return;
    }
    if (const auto fits = check_successor(keyring, *newest); !fits) {
        failures_ = failures_to_report - 1;  // it will not get better by itself
        failed(fits.error());
        return;
    }
    news.successor.emplace(
        News::Successor{.registry = std::move(*registry), .keyring = std::move(keyring), .newest = *newest});
}

Checked<Done> RegistryFollower::check_successor(const keyring::Keyring& fresh, std::int64_t newest) const {
    const std::string& path = registry_.path();
    auto fits = keyring::check_successor(site_->keyring, fresh, path);
    if (fits && newest < seen_) {
        return keyring::older_registry(
            path, "its last change is number " + std::to_string(newest) + ", not " + std::to_string(seen_));
    }
    return fits;
}

void RegistryFollower::succeed(News::Successor& successor, Changed& changed) {
    for (std::size_t number = 0; number < successor.keyring.size(); ++number) {
        const keyring::Principal& principal = successor.keyring.principals()[number];
        tell_changes(record_of(principal));
        if (const keyring::Principal* known = site_->keyring.find(principal.id)) {
            shared_->forget_keys(*known);  // some of them may be gone or retired
        }
        if (principal.revoked) {
            shared_->ledger.access()->sessions.departed.forget(std::string(principal.id));
        }
    }
    registry_ = std::move(successor.registry);
    site_->keyring = std::move(successor.keyring);
    seen_ = successor.newest;
    const LedgerAccess ledger = shared_->ledger.access();
    ledger->overlaps_due.clear();
    for (std::size_t number = 0; number < site_->keyring.size(); ++number) {
        const keyring::Principal& principal = site_->keyring.principals()[number];
        look_for_overlap(*ledger, principal);
        changed.insert(&principal);
    }
    succession_ = {};
    succeeded();
    site_->log.alert(observe::Alert::file_replaced, {},
                     registry_.path() +
                         ": was replaced while the broker was running; the new file belongs to this site, is not "
                         "older, and is now in use");
}

}  // namespace reseal::engine
