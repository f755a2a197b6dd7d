#include <array>
#include <cstring>

#include <reseal/connect.h>
#include <sodium.h>

#include "gateway/gateway.h"

namespace reseal::gateway {

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

// `proof`: the kind of listener that it was for, if there was one.
Channel channel_of(const Peer& peer, const std::optional<reseal_listener>& proof) {
    if (peer.session != nullptr && same_client(*peer.session, peer)) {
        return peer.session->channel;
    }
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

// For the audit trail.
std::string token_text(const std::optional<token::Grant>& grant) {
    return grant ? "with the token " + (grant->id.empty() ? "without jti" : grant->id) : std::string();
}

}  // namespace

Session* Gateway::connect(const Peer& peer, std::time_t now) {
    now_ = now;
    Proven proven;
    if (const Refusal refusal = prove_within_budget(peer, now, proven); refusal != Refusal::none) {
        const std::string_view principal = proven.principal != nullptr ? proven.principal->id : std::string_view();
        parts_.log.refused({.action = "connect",
                            .principal = principal,
                            .client_id = peer.client_id,
                            .topic = {},
                            .reason = refusal,
                            .address = peer.address,
                            .certificate = fingerprint_of(peer.certificate),
                            .proven = peer.certificate.has_value()});
        return nullptr;
    }
    Session* session = start(*proven.principal, peer.client_id);
    session->certificate = peer.certificate;
    session->token = std::move(proven.token);
    take_rights(*session, *proven.principal);  // again: with the certificate's common name and the token's roles
    session->will = proven.will;
    session->channel = channel_of(peer, proven.proof);
    session->connected = true;
    departed_.returned(session->principal, session->client_id);
    if (peer.session != nullptr && peer.session->principal == session->principal) {
        session->key_qos = peer.session->key_qos;  // the broker keeps its subscriptions
        session->key_sent = peer.session->key_sent;
    }
    if (peer.session == nullptr) {
        parts_.log.happened({.event = audit::Event::connected,
                             .principal = session->principal,
                             .client_id = session->client_id,
                             .address = peer.address,
                             .certificate = fingerprint_of(peer.certificate),
                             .detail = token_text(session->token)});
    }
    return session;
}

// The token is bound to the certificate, which the token of a connected client still fits.
Refusal Gateway::check_token(const Peer& peer, std::time_t now, Proven& proven) const {
    if (!parts_.token_check) {
        return Refusal::none;
    }
    if (peer.session != nullptr && same_client(*peer.session, peer)) {
        proven.token = peer.session->token;
        return Refusal::none;
    }
    if (!peer.token) {
        ProofBuffer buffer{};
        Payload proof;
        const bool is_proof = decode_proof(peer.password, buffer, proof) && Uplink({}, proof).sealed();
        const bool neither = !peer.password.empty() && !is_proof;
        return neither ? Refusal::token_malformed : parts_.token_required ? Refusal::token_missing : Refusal::none;
    }
    token::Verdict verdict = parts_.token_check(
        *peer.token, {.certificate = peer.certificate->fingerprint, .principal = proven.principal->id}, now);
    if (verdict.refusal == Refusal::none) {
        proven.token = std::move(verdict.grant);
    }
    return verdict.refusal;
}

bool Gateway::reauthenticate(Session& session, std::string_view token, std::time_t now) {
    Refusal refusal = still_valid(session, now);
    if (refusal == Refusal::token_expired) {
        refusal = Refusal::none;  // what it brings is a new one
    }
    token::Verdict verdict;
    if (refusal == Refusal::none && parts_.token_check && session.certificate) {
        verdict = parts_.token_check(
            token, {.certificate = session.certificate->fingerprint, .principal = session.principal}, now);
        refusal = verdict.refusal;
    } else if (refusal == Refusal::none) {
        refusal = Refusal::no_certificate;
    }
    if (refusal != Refusal::none) {
        report(session, "reauthenticate", {}, refusal);
        return false;
    }
    session.token = std::move(verdict.grant);
    take_rights(session, *parts_.keyring.find(session.principal));
    session.reported.clear();
    parts_.log.happened({.event = audit::Event::reauthenticated,
                         .principal = session.principal,
                         .client_id = session.client_id,
                         .certificate = fingerprint_of(session.certificate),
                         .detail = token_text(session.token)});
    return true;
}

Refusal Gateway::prove(const Peer& peer, std::time_t now, Proven& proven) {
    const Refusal refusal =
        peer.certificate ? check_certificate(peer, now, proven.principal) : check_proof(peer, proven);
    if (refusal != Refusal::none) {
        return refusal;
    }
    if (!tied(proven.principal->id, peer.client_id)) {
        return Refusal::client_id_not_tied;
    }
    if (!peer.certificate) {
        return Refusal::none;
    }
    const Refusal unproven = check_key(peer, proven);
    return unproven == Refusal::none ? check_token(peer, now, proven) : unproven;
}

// Whoever has stolen a certificate has not the key of its principal's messages.
Refusal Gateway::check_key(const Peer& peer, Proven& proven) {
    if (peer.session != nullptr && same_client(*peer.session, peer)) {
        proven.will = peer.session->will;
        return Refusal::none;
    }
    const keyring::Principal& principal = *proven.principal;
    if (!parts_.key_required || parts_.policy.certificate_only(principal.id, principal.roles)) {
        return Refusal::none;
    }
    return peer.password.empty() ? Refusal::key_not_proven : check_fresh_proof(peer, principal.id, proven);
}

Session* Gateway::resume(std::string_view principal, std::string_view client_id) {
    const keyring::Principal* known = parts_.keyring.find(principal);
    if (known == nullptr || known->revoked || known->storage || !tied(principal, client_id)) {
        return nullptr;
    }
    Session* session = start(*known, client_id);
    const Departed::Client last = departed_.of(session->principal, session->client_id);
    session->will = last.will;
    session->channel = last.channel;
    if (last.token && now_ < last.token->ends) {
        session->token = last.token;
        take_rights(*session, *known);
    }
    return session;
}

Refusal Gateway::check_certificate(const Peer& peer, std::time_t now, const keyring::Principal*& principal) const {
    if (const Refusal refusal = principal_of(*peer.certificate, principal); refusal != Refusal::none) {
        return refusal;
    }
    if (now < peer.certificate->not_before) {
        return Refusal::certificate_not_yet_valid;
    }
    return now > peer.certificate->not_after ? Refusal::certificate_expired : Refusal::none;
}

// A certificate that the registry knows belongs to the principal there, whatever name it carries.
Refusal Gateway::principal_of(const PeerCertificate& certificate, const keyring::Principal*& principal) const {
    if (certificate.refusal != Refusal::none) {
        return certificate.refusal;
    }
    const keyring::CertificateHolder holder = parts_.keyring.find_certificate(certificate.registered());
    const bool named = !certificate.principal.empty();
    const keyring::Principal* found = named ? parts_.keyring.find(certificate.principal) : holder.principal;
    if (found == nullptr || found->storage) {
        return named ? Refusal::unknown_principal : Refusal::unknown_certificate;
    }
    if (holder.principal != nullptr && holder.principal != found) {
        return Refusal::certificate_name_ambiguous;
    }
    principal = found;
    if (found->revoked) {
        return Refusal::principal_revoked;
    }
    return holder.certificate != nullptr && holder.certificate->revoked ? Refusal::certificate_revoked : Refusal::none;
}

// protocol.md, "Sealed CONNECT": an empty uplink message under "$connect/", the kind of listener and the client id,
// once.
Refusal Gateway::check_proof(const Peer& peer, Proven& proven) {
    const bool again = peer.session != nullptr && same_client(*peer.session, peer);
    if (!again && peer.listener) {
        if (const Refusal refusal = named(*peer.listener); refusal != Refusal::none) {
            return refusal;
        }
    }
    if (!again && (peer.username.empty() || peer.password.empty())) {
        return Refusal::no_certificate;
    }
    const keyring::Principal* claimed = parts_.keyring.find(peer.username);
    if (claimed == nullptr || claimed->storage) {
        return Refusal::unknown_principal;
    }
    proven.principal = claimed;
    if (claimed->revoked) {
        return Refusal::principal_revoked;
    }
    if (again) {
        proven.will = peer.session->will;
        return Refusal::none;
    }
    return check_fresh_proof(peer, claimed->id, proven);
}

// What accept() would answer; nothing changes. Where several kinds are possible, the tag tells which one it is.
Refusal Gateway::find_kind(const Peer& peer, std::string_view principal, Payload proof, reseal_listener& found) {
    Refusal refusal = Refusal::bad_connect_proof;
    for (const reseal_listener kind : kinds_of(peer.listener, peer.certificate.has_value())) {
        const std::string topic = proof_topic(kind, peer.client_id);
        Uplink uplink(topic, proof);
        found = kind;
        refusal = look_at_proof(principal, uplink);
        if (refusal != Refusal::bad_tag) {
            break;
        }
    }
    return refusal;
}

Refusal Gateway::look_at_proof(std::string_view principal, Uplink& uplink) {
    if (!uplink.sealed()) {
        return refusal_of(uplink.parsed);
    }
    const Refusal refusal = key_of(principal, uplink.envelope, uplink.holder);
    return refusal == Refusal::none ? accept_once_.look(uplink) : refusal;
}

Refusal Gateway::check_fresh_proof(const Peer& peer, std::string_view principal, Proven& proven) {
    ProofBuffer buffer{};
    Payload proof;
    if (!decode_proof(peer.password, buffer, proof)) {
        return Refusal::bad_connect_proof;
    }
    reseal_listener kind{};
    if (const Refusal refusal = find_kind(peer, principal, proof, kind); refusal != Refusal::none) {
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
    proven.proof = kind;
    const std::string topic = proof_topic(kind, peer.client_id);
    Uplink uplink(topic, proof);
    if (const Refusal refusal = accept(principal, uplink, AcceptOnce::When::now, &proven.will);
        refusal != Refusal::none) {
        return refusal;
    }
    return opener_.plaintext().empty() ? Refusal::none : Refusal::bad_connect_proof;
}

}  // namespace reseal::gateway
