// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstring>

#include <reseal/connect.h>
#include <sodium.h>

#include "engine/admission.h"
#include "engine/rotation.h"
#include "policy/reserved.h"

namespace reseal::engine {

namespace {

// An empty message under the longest header: nothing longer is a proof.
using ProofBuffer = std::array<std::uint8_t, RESEAL_OVERHEAD_MAX>;

bool decode_proof(std::string_view password, ProofBuffer& buffer, Payload& proof) {
    std::size_t size = 0;
    const char* end = nullptr;
    if (sodium_base642bin(buffer.data(), buffer.size(), password.data(), password.size(), nullptr, &size, &end,
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
        end != password.data() + password.size()) {
        return false;
    }
    proof = {buffer.data(), size};
    return true;
}

// The channel of a client that is let in. `proof`: the kind of listener that it was for, if there was one.
Channel channel_of(const Peer& peer, const std::optional<reseal_listener>& proof) {
    if (peer.certificate || peer.listener == Listener::loopback) {
        return Channel::guarded;
    }
    return proof && *proof != RESEAL_LISTENER_SEALED ? Channel::uncertain : Channel::bare;
}

// The kinds of listener that a proof from there may be for, one after the other.
std::span<const reseal_listener> kinds_of(const std::optional<Listener>& listener, bool certificate) {
    static constexpr std::array tls = {RESEAL_LISTENER_TLS};
    static constexpr std::array dear_to_tell = {RESEAL_LISTENER_SEALED, RESEAL_LISTENER_PSK};
    static constexpr std::array unsure = {RESEAL_LISTENER_LOOPBACK, RESEAL_LISTENER_SEALED};
    static constexpr std::array loopback = {RESEAL_LISTENER_LOOPBACK};
    if (certificate || !listener) {
        return certificate ? std::span<const reseal_listener>(tls) : dear_to_tell;
    }
    switch (*listener) {
        case Listener::loopback_unsure:
            return unsure;
        case Listener::sealed:
            return std::span(dear_to_tell).first(1);
        case Listener::psk:
            return std::span(dear_to_tell).last(1);
        default:
            return loopback;
    }
}

std::string proof_topic(reseal_listener kind, std::string_view client_id) {
    return std::string(reseal_connect_prefix(kind)).append(client_id);
}

Refusal named(Listener listener) {
    switch (listener) {
        case Listener::other:
            return Refusal::no_certificate;
        case Listener::unsure:
            return Refusal::listener_not_named;
        case Listener::loopback:
        case Listener::loopback_unsure:
        case Listener::sealed:
        case Listener::psk:
            break;
    }
    return Refusal::none;
}

// Does `peer` have the client id of `session`, and the same certificate or, if neither has one, the principal as user
// name?
bool is_client(const Session& session, const Peer& peer) {
    if (session.client_id != peer.client_id || session.certificate.has_value() != peer.certificate.has_value()) {
        return false;
    }
    return session.certificate ? session.certificate->fingerprint == peer.certificate->fingerprint
                               : session.principal == peer.username;
}

// For the audit trail.
std::string token_text(const std::optional<token::Grant>& grant) {
    if (!grant) {
        return {};
    }
    return grant->id.empty() ? "with a token without jti" : "with the token " + grant->id;
}

}  // namespace

Connected Admission::connect(const Peer& peer, std::time_t now) {
    Attempt attempt{.peer = peer, .now = now, .before = before(peer.session, peer)};
    Connected out;
    Refusal refusal = prove_within_budget(attempt);
    if (refusal == Refusal::none) {
        refusal = start(attempt, out);
    }
    if (refusal != Refusal::none) {
        const std::string_view principal = attempt.principal != nullptr ? attempt.principal->id : std::string_view();
        site_->log.refused({.action = "connect",
                            .principal = principal,
                            .client_id = peer.client_id,
                            .topic = {},
                            .reason = refusal,
                            .address = peer.address,
                            .certificate = fingerprint_of(peer.certificate),
                            .proven = peer.certificate.has_value()});
        return {};
    }
    if (!peer.session) {
        site_->log.happened({.event = audit::Event::connected,
                             .principal = out.principal,
                             .client_id = peer.client_id,
                             .address = peer.address,
                             .certificate = fingerprint_of(peer.certificate),
                             .detail = token_text(attempt.token)});
    }
    return out;
}

Admission::Before Admission::before(SessionId id, const Peer& peer) const {
    const SessionTable::Use session = desk_->use(id);
    if (!session) {
        return {};
    }
    const LedgerAccess ledger = shared_->ledger.access();
    const Standing& standing = *session->standing;
    return {.same_client = is_client(*session, peer),
            .principal = session->principal,
            .channel = session->channel,
            .will = standing.will,
            .token = session->token,
            .key_qos = standing.key_qos,
            .key_sent = standing.key_sent};
}

// With the ledger, so that of two that come at once each sees the other.
Refusal Admission::start(Attempt& attempt, Connected& out) {
    SessionTable::Use session = shared_->table.begin();
    if (!session) {
        return Refusal::internal;
    }
    const Before& before = attempt.before;
    session->principal = attempt.principal->id;
    session->client_id = attempt.peer.client_id;
    session->certificate = attempt.peer.certificate;
    session->token = attempt.token;
    session->channel = before.same_client ? before.channel : channel_of(attempt.peer, attempt.proof);
    site_->take_rights(*session, *attempt.principal);
    LedgerAccess ledger = shared_->ledger.access();
    if (!attempt.peer.session) {
        if (const Refusal refusal = admit(attempt, ledger->sessions); refusal != Refusal::none) {
            shared_->table.end(std::move(session));
            return refusal;
        }
    }
    Standing& standing = ledger->sessions.begin(*session);
    standing.will = attempt.will;
    standing.connected = true;
    ledger->sessions.departed.returned(session->principal, session->client_id);
    if (before.principal == session->principal) {
        standing.key_qos = before.key_qos;  // the broker keeps its subscriptions
        standing.key_sent = before.key_sent;
    }
    site_->metrics->sessions.set(ledger->sessions.size());
    out = {.session = session->id, .principal = session->principal};
    return Refusal::none;
}

Refusal Admission::admit(const Attempt& attempt, Sessions& sessions) const {
    const budget::Limits::Principal& limits = site_->settings.budgets.principal;
    const std::string_view principal = attempt.principal->id;
    if (limits.sessions != 0 && sessions.others_connected(principal, attempt.peer.client_id) >= limits.sessions) {
        return Refusal::over_budget_sessions;
    }
    return sessions.spendings.of(principal)->connect(limits, attempt.peer.moment);
}

// A client over its budget is refused before its request costs more than the refusal. On a reload the broker asks again
// about connected clients. That is not the client's doing.
Refusal Admission::prove_within_budget(Attempt& attempt) {
    const Peer& peer = attempt.peer;
    const budget::Limits& limits = site_->settings.budgets;
    const bool stranger = !peer.certificate && !peer.session;
    if (stranger) {
        const Refusal over = shared_->ledger.access()->sessions.strangers.look(limits, peer.address, peer.moment);
        if (over != Refusal::none) {
            return over;
        }
    }
    const Refusal refusal = prove(attempt);
    if (refusal != Refusal::none && stranger) {
        shared_->ledger.access()->sessions.strangers.refused(limits, peer.address, peer.moment);
    }
    return refusal;
}

Refusal Admission::prove(Attempt& attempt) {
    const bool certificate = attempt.peer.certificate.has_value();
    const Refusal refusal = certificate ? check_certificate(attempt) : check_proof(attempt);
    if (refusal != Refusal::none) {
        return refusal;
    }
    if (!tied(attempt.principal->id, attempt.peer.client_id)) {
        return Refusal::client_id_not_tied;
    }
    if (!certificate) {
        return Refusal::none;
    }
    const Refusal unproven = check_key(attempt);
    return unproven == Refusal::none ? check_token(attempt) : unproven;
}

Refusal Admission::check_certificate(Attempt& attempt) const {
    const PeerCertificate& certificate = *attempt.peer.certificate;
    if (const Refusal refusal = site_->principal_of(certificate, attempt.principal); refusal != Refusal::none) {
        return refusal;
    }
    if (attempt.now < certificate.not_before) {
        return Refusal::certificate_not_yet_valid;
    }
    return attempt.now > certificate.not_after ? Refusal::certificate_expired : Refusal::none;
}

// Whoever has stolen a certificate has not the key of its principal's messages.
Refusal Admission::check_key(Attempt& attempt) {
    if (attempt.before.same_client) {
        attempt.will = attempt.before.will;
        return Refusal::none;
    }
    const keyring::Principal& principal = *attempt.principal;
    if (!site_->key_required || site_->policy.certificate_only(principal.id, principal.roles)) {
        return Refusal::none;
    }
    return attempt.peer.password.empty() ? Refusal::key_not_proven : check_fresh_proof(attempt);
}

// The token is bound to the certificate, which the token of a connected client still fits.
Refusal Admission::check_token(Attempt& attempt) const {
    const Peer& peer = attempt.peer;
    if (!site_->token_check) {
        return Refusal::none;
    }
    if (attempt.before.same_client) {
        attempt.token = attempt.before.token;
        return Refusal::none;
    }
    if (!peer.token) {
        ProofBuffer buffer{};
        Payload proof;
        const bool is_proof = decode_proof(peer.password, buffer, proof) && ParsedMessage({}, proof).sealed();
        const bool neither = !peer.password.empty() && !is_proof;
        return neither ? Refusal::token_malformed : site_->token_required ? Refusal::token_missing : Refusal::none;
    }
    token::Verdict verdict = site_->token_check(
        *peer.token, {.certificate = peer.certificate->fingerprint, .principal = attempt.principal->id}, attempt.now);
    if (verdict.refusal == Refusal::none) {
        attempt.token = std::move(verdict.grant);
    }
    return verdict.refusal;
}

// protocol.md, "Sealed CONNECT": an empty uplink message under "$connect/", the kind of listener and the client id,
// once.
Refusal Admission::check_proof(Attempt& attempt) {
    const Peer& peer = attempt.peer;
    const bool again = attempt.before.same_client;
    if (!again && peer.listener) {
        if (const Refusal refusal = named(*peer.listener); refusal != Refusal::none) {
            return refusal;
        }
    }
    if (!again && (peer.username.empty() || peer.password.empty())) {
        return Refusal::no_certificate;
    }
    const keyring::Principal* claimed = site_->keyring.find(peer.username);
    if (claimed == nullptr || claimed->storage) {
        return Refusal::unknown_principal;
    }
    attempt.principal = claimed;
    if (claimed->revoked) {
        return Refusal::principal_revoked;
    }
    if (again) {
        attempt.will = attempt.before.will;
        return Refusal::none;
    }
    return check_fresh_proof(attempt);
}

// What accept_proof() would answer; nothing changes. Where several kinds are possible, the tag tells which one it is.
Refusal Admission::find_kind(const Attempt& attempt, Payload proof, reseal_listener& found) {
    Refusal refusal = Refusal::bad_connect_proof;
    for (const reseal_listener kind : kinds_of(attempt.peer.listener, attempt.peer.certificate.has_value())) {
        found = kind;
        refusal = acceptance_->look_at_proof(attempt.principal->id, proof_topic(kind, attempt.peer.client_id), proof);
        if (refusal != Refusal::bad_tag) {
            break;
        }
    }
    return refusal;
}

Refusal Admission::check_fresh_proof(Attempt& attempt) {
    const Peer& peer = attempt.peer;
    ProofBuffer buffer{};
    Payload proof;
    if (!decode_proof(peer.password, buffer, proof)) {
        return Refusal::bad_connect_proof;
    }
    reseal_listener kind{};
    if (const Refusal refusal = find_kind(attempt, proof, kind); refusal != Refusal::none) {
        return refusal;
    }
    if (!peer.certificate && !peer.listener) {
        const Listener listener = peer.look_for_listener();
        if (const Refusal refusal = named(listener); refusal != Refusal::none) {
            return refusal;
        }
        if (kinds_of(listener, false).front() != kind) {
            return Refusal::bad_connect_proof;
        }
    }
    attempt.proof = kind;
    return acceptance_->accept_proof(attempt.principal->id, proof_topic(kind, peer.client_id), proof, attempt.will);
}

bool Admission::reauthenticate(SessionId id, std::string_view token, std::time_t now, budget::Time moment) {
    const SessionTable::Use session = desk_->use(id);
    if (!session) {
        return false;
    }
    token::Verdict verdict = judge_again(*session, token, now, moment);
    if (verdict.refusal != Refusal::none) {
        site_->report(*session, "reauthenticate", {}, verdict.refusal);
        return false;
    }
    session->token = std::move(verdict.grant);
    site_->take_rights(*session, *site_->keyring.find(session->principal));
    session->reported.clear();
    site_->log.happened({.event = audit::Event::reauthenticated,
                         .principal = session->principal,
                         .client_id = session->client_id,
                         .certificate = fingerprint_of(session->certificate),
                         .detail = token_text(session->token)});
    return true;
}

token::Verdict Admission::judge_again(const Session& session, std::string_view token, std::time_t now,
                                      budget::Time moment) const {
    const Refusal over = shared_->ledger.access()
                             ->sessions.spend(*session.standing, moment)
                             .connect(site_->settings.budgets.principal, moment);
    Refusal refusal = over != Refusal::none ? over : site_->still_valid(session, now);
    if (refusal == Refusal::token_expired) {
        refusal = Refusal::none;  // what it brings is a new one
    }
    if (refusal == Refusal::none && (!site_->token_check || !session.certificate)) {
        refusal = Refusal::no_certificate;
    }
    if (refusal != Refusal::none) {
        return {.refusal = refusal, .grant = {}};
    }
    return site_->token_check(token, {.certificate = session.certificate->fingerprint, .principal = session.principal},
                              now);
}

SessionId Admission::resume(std::string_view principal, std::string_view client_id) {
    const keyring::Principal* known = site_->keyring.find(principal);
    if (known == nullptr || known->revoked || known->storage || !tied(principal, client_id)) {
        return {};
    }
    SessionTable::Use session = shared_->table.begin();
    if (!session) {
        return {};
    }
    session->principal = principal;
    session->client_id = client_id;
    LedgerAccess ledger = shared_->ledger.access();
    const Departed::Client last = ledger->sessions.departed.of(session->principal, client_id);
    session->channel = last.channel;
    if (last.token && site_->now < last.token->ends) {
        session->token = last.token;
    }
    site_->take_rights(*session, *known);
    ledger->sessions.begin(*session).will = last.will;
    site_->metrics->sessions.set(ledger->sessions.size());
    return session->id;
}

bool Admission::same_client(SessionId id, const Peer& peer) const {
    const SessionTable::Use session = desk_->use(id);
    return session && is_client(*session, peer);
}

void Admission::disconnected(SessionId id) {
    if (const SessionTable::Use session = desk_->use(id)) {
        const LedgerAccess ledger = shared_->ledger.access();
        session->standing->in_flight.reset();
        session->standing->connected = false;
    }
}

void Admission::end(SessionId id) {
    SessionTable::Use session = desk_->use(id);
    if (!session) {
        return;
    }
    bool last = false;
    {
        const LedgerAccess ledger = shared_->ledger.access();
        last = ledger->sessions.end(*session, {.will = {}, .channel = session->channel, .token = session->token});
        site_->metrics->sessions.set(ledger->sessions.size());
    }
    const keyring::Principal* principal = last ? site_->keyring.find(session->principal) : nullptr;
    shared_->table.end(std::move(session));
    if (principal != nullptr) {
        shared_->forget_keys(*principal);
    }
}

bool Admission::subscribe(Session& session, std::string_view filter, std::uint8_t qos, std::size_t held) {
    const std::uint32_t most = site_->settings.budgets.principal.subscriptions;
    if (most != 0 && held >= most) {
        site_->report(session, "subscribe", filter, Refusal::over_budget_subscriptions);
        return false;
    }
    const policy::Decision decision = session.rights.subscribe(filter, {.now = site_->now, .qos = qos});
    if (!decision) {
        site_->report(session, "subscribe", filter, decision.refusal, decision.rule);
        return false;
    }
    const bool key_topic = policy::is_key_topic(filter, session.principal);
    if (key_topic || policy::is_ack_topic(filter, session.principal)) {
        const LedgerAccess ledger = shared_->ledger.access();
        key_topic ? begin_rekeys(*ledger, session, qos) : begin_acks(*ledger, session, qos);
    }
    return true;
}

void Admission::begin_rekeys(Ledger& ledger, const Session& session, std::uint8_t qos) {
    Standing& standing = *session.standing;
    standing.key_qos = qos;
    standing.key_sent = 0;
    ledger.sessions.rekeys_due.insert(&standing);
}

// A returning client is told what is already accepted: an acknowledgement may have been lost with its connection.
void Admission::begin_acks(Ledger& ledger, const Session& session, std::uint8_t qos) const {
    Standing& standing = *session.standing;
    standing.ack_qos = qos;
    const keyring::Principal* principal = site_->keyring.find(session.principal);
    const keyring::Key* key = principal != nullptr ? downlink_key(ledger, *principal) : nullptr;
    if (key != nullptr) {
        ledger.sessions.note_accepted(standing, key->id);
    }
}

void Admission::unsubscribe(const Session& session, std::string_view filter) {
    const bool key_topic = policy::is_key_topic(filter, session.principal);
    if (key_topic || policy::is_ack_topic(filter, session.principal)) {
        const LedgerAccess ledger = shared_->ledger.access();
        (key_topic ? session.standing->key_qos : session.standing->ack_qos).reset();
    }
}

bool tied(std::string_view principal, std::string_view client_id) {
    return client_id == principal || (client_id.size() > principal.size() + 1 && client_id.starts_with(principal) &&
                                      client_id[principal.size()] == '/');
}

}  // namespace reseal::engine
