#include "gateway/gateway.h"

#include <algorithm>

#include "policy/reserved.h"
#include "policy/topic.h"
#include "state/state_folder.h"

namespace reseal::gateway {

namespace {
constexpr int failures_to_report = 4;
// As much of the registry as is read within a few milliseconds: messages wait meanwhile.
constexpr std::size_t changes_at_once = 1000;
}  // namespace

Gateway::Gateway(Parts parts)
    : parts_(std::move(parts)),
      opener_(parts_.crypto, parts_.keyring, parts_.realm),
      accept_once_(opener_, parts_.replay),
      senders_(parts_.crypto, parts_.random, parts_.epochs, parts_.realm) {
    name_realms();
}

void Gateway::name_realms() {
    realm_names_ = parts_.policy.peer_realms();
    realm_names_.insert(realm_names_.end(), parts_.settings.bridged_realms.begin(),
                        parts_.settings.bridged_realms.end());
    std::ranges::sort(realm_names_);
    realm_names_.erase(std::unique(realm_names_.begin(), realm_names_.end()), realm_names_.end());
    std::erase(realm_names_, parts_.realm);
    realms_.clear();
    if (!realm_names_.empty()) {
        realms_.emplace_back();
        realms_.insert(realms_.end(), realm_names_.begin(), realm_names_.end());
    }
}

Checked<Done> Gateway::load() {
    const auto newest = parts_.registry.read_all(parts_.keyring);
    if (!newest) {
        return newest.error();
    }
    registry_seen_ = *newest;
    for (std::size_t number = 0; number < parts_.keyring.size(); ++number) {
        look_for_overlap(parts_.keyring.principals()[number]);
    }
    count_keys();
    return Done{};
}

Session* Gateway::start(const keyring::Principal& principal, std::string_view client_id) {
    auto session = std::make_unique<Session>();
    session->principal = principal.id;
    session->client_id = client_id;
    session->spending = spendings_.of(principal.id);
    take_rights(*session, principal);
    Session* out = session.get();
    sessions_.emplace(out, std::move(session));
    by_principal_.emplace(principal.id, out);
    parts_.metrics->sessions.set(sessions_.size());
    return out;
}

void Gateway::take_rights(Session& session, const keyring::Principal& principal) const {
    const std::string_view cn = session.certificate ? session.certificate->common_name : std::string_view();
    if (!session.token) {
        session.rights = parts_.policy.rights(principal.id, principal.roles, cn);
        return;
    }
    std::vector<std::string> roles = principal.roles.get();
    roles.insert(roles.end(), session.token->roles.begin(), session.token->roles.end());
    session.rights = parts_.policy.rights(principal.id, roles, cn);
}

void Gateway::end(Session* session) {
    leave_message();
    foresight_.recipients.forget();
    const auto known = sessions_.find(session);
    if (known == sessions_.end()) {
        return;
    }
    departed_.left(session->principal, session->client_id,
                   {.will = session->will, .channel = session->channel, .token = session->token});
    const std::string principal = session->principal;
    const auto [first, last] = by_principal_.equal_range(principal);
    by_principal_.erase(std::find_if(first, last, [session](const auto& entry) { return entry.second == session; }));
    rekeys_due_.erase(session);
    acks_due_.erase(session);
    sessions_.erase(known);
    parts_.metrics->sessions.set(sessions_.size());
    if (!by_principal_.contains(principal)) {
        forget_keys(principal);
    }
}

void Gateway::forget_keys(std::string_view principal) {
    if (const keyring::Principal* holder = parts_.keyring.find(principal)) {
        for (const keyring::Key& key : holder->keys) {
            opener_.forget_keys(key.id);
            for (const std::string& realm : realm_names_) {
                opener_.forget_keys(state::peer_place(key.id, realm));
            }
        }
    }
}

std::string Gateway::place_of(const policy::Rule* rule) const {
    return rule != nullptr ? policy::place_of(parts_.policy.file(), *rule) : std::string();
}

void Gateway::report(const Session& session, std::string_view action, std::string_view topic, Refusal reason,
                     const policy::Rule* rule) const {
    parts_.log.refused({.action = action,
                        .principal = session.principal,
                        .client_id = session.client_id,
                        .topic = topic,
                        .reason = reason,
                        .certificate = fingerprint_of(session.certificate),
                        .rule = place_of(rule)});
}

bool Gateway::subscribe(Session& session, std::string_view filter, std::uint8_t qos) {
    const policy::Decision decision = session.rights.subscribe(filter, {.now = now_, .qos = qos});
    if (!decision) {
        report(session, "subscribe", filter, decision.refusal, decision.rule);
    } else if (policy::is_key_topic(filter, session.principal)) {
        session.key_qos = qos;
        session.key_sent = 0;
        rekeys_due_.insert(&session);
    } else if (policy::is_ack_topic(filter, session.principal)) {
        begin_acks(session, qos);
    }
    return static_cast<bool>(decision);
}

void Gateway::take_changes(Changed& changed) {
    more_changes_ = false;
    if (!registry_in_place()) {
        look_for_successor(changed);
        return;
    }
    const auto differs = parts_.registry.changed();
    if (!differs) {
        registry_failed(differs.error());
        return;
    }
    if (!*differs) {
        registry_read();
        return;
    }
    if (const auto newest = parts_.registry.newest(); newest && *newest < registry_seen_) {
        succession_.rolled_back = true;
        return;
    }
    const auto principals = parts_.registry.changes(registry_seen_, changes_at_once);
    if (!principals) {
        registry_failed(principals.error());
        return;
    }
    registry_read();
    for (const keyring::PrincipalRecord& principal : *principals) {
        tell_changes(principal);
        forget_keys(principal.id);  // some of them may be gone or retired
        if (principal.revoked) {
            revoked_seen_ = true;
            departed_.forget(principal.id);
        }
        parts_.keyring.put(principal);
        changed.insert(parts_.keyring.find(principal.id));
        look_for_overlap(*parts_.keyring.find(principal.id));
    }
    more_changes_ = principals->size() >= changes_at_once;
}

// What of a changed principal the audit trail must know.
void Gateway::tell_changes(const keyring::PrincipalRecord& fresh) const {
    const keyring::Principal* known = parts_.keyring.find(fresh.id);
    if (fresh.revoked && (known == nullptr || !known->revoked)) {
        parts_.log.happened({.event = audit::Event::revoked, .principal = fresh.id, .detail = "the principal"});
    }
    for (const keyring::Certificate& certificate : fresh.certificates) {
        const keyring::CertificateHolder before = parts_.keyring.find_certificate(certificate.fingerprint);
        if (certificate.revoked && (before.certificate == nullptr || !before.certificate->revoked)) {
            tell_revoked(fresh.id, certificate.fingerprint);
        }
    }
    for (const keyring::Key& key : fresh.keys) {
        if (known != nullptr && parts_.keyring.find_key(key.id).key == nullptr) {
            const std::string detail = "key generation " + std::to_string(key.generation);
            parts_.log.happened({.event = audit::Event::rotated, .principal = fresh.id, .detail = detail});
        }
    }
}

void Gateway::tell_revoked(std::string_view principal, const keyring::Fingerprint& certificate) const {
    const bool by_serial = keyring::is_serial(certificate);
    const auto hash = by_serial ? std::span<const std::uint8_t>() : std::span<const std::uint8_t>(certificate);
    parts_.log.happened({.event = audit::Event::revoked,
                         .principal = principal,
                         .certificate = hash,
                         .detail = by_serial ? "a certificate, known by its serial number" : "a certificate"});
}

void Gateway::count_keys() const {
    const keyring::Keyring::Keys keys = parts_.keyring.count_keys();
    parts_.metrics->principals.set(parts_.keyring.size());
    parts_.metrics->active_keys.set(keys.active);
    parts_.metrics->retired_keys.set(keys.retired);
}

void Gateway::end_keys(std::time_t now, Changed& changed) {
    const std::vector<keyring::Keyring::EndedKey> ended = parts_.keyring.end_keys(now);
    for (const keyring::Keyring::EndedKey& key : ended) {
        opener_.forget_keys(key.id);
        accept_once_.forget_key(key.id);
        changed.insert(key.principal);
    }
    to_wipe_ = to_wipe_ || !ended.empty();
    if (to_wipe_) {
        wipe_ended(now);
    }
}

// In memory they are gone; another process may hold the file for a moment.
void Gateway::wipe_ended(std::time_t now) {
    const auto wiped = parts_.registry.wipe_ended(now);
    if (wiped) {
        parts_.log.note(observe::Level::notice,
                        "keys whose overlap is over were wiped, of " + std::to_string(*wiped) + " principals");
        to_wipe_ = false;
        wipe_failures_ = 0;
    } else if (++wipe_failures_ == failures_to_report) {
        parts_.log.note(observe::Level::error,
                        "keys whose overlap is over are refused, but still in the registry: " + wiped.error().text());
    }
}

// A writer may hold the file for a moment. What stays unreadable hides revocations, and must be said.
void Gateway::registry_failed(const Fault& fault) {
    if (++registry_failures_ == failures_to_report) {
        parts_.log.alert(observe::Alert::registry_unreadable, {},
                         "changes of the registry, revocations among them, are not seen: " + fault.text());
    }
}

void Gateway::registry_read() {
    if (registry_failures_ >= failures_to_report) {
        parts_.log.note(observe::Level::notice, "the registry is read again");
    }
    registry_failures_ = 0;
}

std::vector<std::string> Gateway::refresh(std::time_t now, std::time_t doubt) {
    now_ = now;
    leave_message();
    Changed changed;
    take_changes(changed);
    if (!overlaps_due_.empty()) {
        begin_overlaps(now - doubt);
    }
    end_keys(now - doubt, changed);
    count_keys();
    look_at_state();
    sweep_budgets();
    std::vector<std::string> dropped;
    for (const auto& [key, session] : sessions_) {
        const Refusal refusal = still_valid(*session, now);
        if (refusal != Refusal::none) {
            report(*session, "session", {}, refusal);
            dropped.push_back(session->client_id);
        }
    }
    for (const keyring::Principal* principal : changed) {
        renew_sessions(*principal);
    }
    opener_.forget_plaintext();
    return dropped;
}

void Gateway::look_at_state() {
    if (const auto damage = parts_.replay.take_damage()) {
        parts_.log.alert(observe::Alert::state_damaged, {}, damage->text());
    }
    for (const auto& fault : {parts_.replay.look(), parts_.epochs.look()}) {
        if (fault) {
            parts_.log.alert(observe::Alert::file_replaced, {}, fault->text());
        }
    }
}

Checked<std::time_t> Gateway::newest_list(std::string_view issuer) const {
    const auto newest = parts_.replay.newest_list(issuer);
    return newest ? Checked<std::time_t>(*newest) : newest.error();
}

void Gateway::note_list(std::string_view issuer, std::time_t issued) {
    constexpr std::time_t last = std::numeric_limits<std::uint32_t>::max();
    parts_.replay.note_list(issuer, static_cast<std::uint32_t>(std::clamp<std::time_t>(issued, 0, last)));
}

Checked<Done> Gateway::finish() {
    leave_message();
    return state::end(parts_.replay, parts_.epochs, parts_.registry);
}

// What the sessions of a changed principal had of it.
void Gateway::renew_sessions(const keyring::Principal& principal) {
    const auto [first, last] = by_principal_.equal_range(principal.id);
    std::for_each(first, last, [&](const auto& entry) {
        take_rights(*entry.second, principal);
        entry.second->sender.reset();
        rekeys_due_.insert(entry.second);
    });
}

Refusal Gateway::still_valid(const Session& session, std::time_t now) const {
    const keyring::Principal* principal = parts_.keyring.find(session.principal);
    if (principal == nullptr) {
        return Refusal::unknown_principal;
    }
    if (principal->revoked) {
        return Refusal::principal_revoked;
    }
    const Refusal refusal = session.certificate ? still_valid(*session.certificate, now) : Refusal::none;
    const bool ended = session.token && now >= session.token->ends;
    return refusal == Refusal::none && ended ? Refusal::token_expired : refusal;
}

Refusal Gateway::still_valid(const PeerCertificate& certificate, std::time_t now) const {
    if (now > certificate.not_after) {
        return Refusal::certificate_expired;
    }
    const keyring::CertificateHolder holder = parts_.keyring.find_certificate(certificate.registered());
    const bool forgotten = holder.certificate == nullptr && certificate.principal.empty();
    if (forgotten || (holder.certificate != nullptr && holder.certificate->revoked)) {
        return Refusal::certificate_revoked;
    }
    return parts_.certificate_status ? parts_.certificate_status(certificate.serial, now) : Refusal::none;
}

bool Gateway::revoked(std::string_view principal) const {
    const keyring::Principal* known = parts_.keyring.find(principal);
    return known != nullptr && known->revoked;
}

void Gateway::reconfigure(policy::Policy policy, Settings settings) {
    parts_.policy = std::move(policy);
    parts_.settings = std::move(settings);
    name_realms();
    asked_.forget();
    for (const auto& [key, session] : sessions_) {
        if (const keyring::Principal* principal = parts_.keyring.find(session->principal)) {
            take_rights(*session, *principal);
            session->reported.clear();
        }
    }
}

std::span<const std::uint8_t> fingerprint_of(const std::optional<PeerCertificate>& certificate) {
    return certificate ? std::span<const std::uint8_t>(certificate->fingerprint) : std::span<const std::uint8_t>();
}

bool same_client(const Session& session, const Peer& peer) {
    if (session.client_id != peer.client_id || session.certificate.has_value() != peer.certificate.has_value()) {
        return false;
    }
    return session.certificate ? session.certificate->fingerprint == peer.certificate->fingerprint
                               : session.principal == peer.username;
}

bool tied(std::string_view principal, std::string_view client_id) {
    return client_id == principal || (client_id.size() > principal.size() + 1 && client_id.starts_with(principal) &&
                                      client_id[principal.size()] == '/');
}

}  // namespace reseal::gateway
