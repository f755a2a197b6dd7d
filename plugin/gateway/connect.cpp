#include <array>
#include <cstring>

#include <sodium.h>

#include "gateway/gateway.h"

namespace reseal::gateway {

using policy::Refusal;

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

}  // namespace

Session* Gateway::connect(const Peer& peer, std::time_t now) {
    now_ = now;
    const keyring::Principal* principal = nullptr;
    WillSlot will;
    Refusal refusal = peer.certificate ? check_certificate(peer, now, principal) : check_proof(peer, principal, will);
    if (refusal == Refusal::none && !tied(principal->id, peer.client_id)) {
        refusal = Refusal::client_id_not_tied;
    }
    if (refusal != Refusal::none) {
        parts_.log.refused({.action = "connect",
                            .principal = principal != nullptr ? std::string_view(principal->id) : std::string_view(),
                            .client_id = peer.client_id,
                            .topic = {},
                            .reason = refusal,
                            .address = peer.address,
                            .certificate = fingerprint_of(peer.certificate),
                            .proven = peer.certificate.has_value()});
        return nullptr;
    }
    Session* session = start(*principal, peer.client_id);
    session->certificate = peer.certificate;
    take_rights(*session, *principal);  // again: with the certificate's common name
    session->will = will;
    session->protected_channel =
        peer.certificate.has_value() || peer.listener == Listener::loopback || peer.listener == Listener::psk;
    departed_.erase(session->client_id);
    if (!peer.connected) {
        parts_.log.happened({.event = audit::Event::connected,
                             .principal = session->principal,
                             .client_id = session->client_id,
                             .address = peer.address,
                             .certificate = fingerprint_of(peer.certificate)});
    }
    return session;
}

Session* Gateway::resume(std::string_view principal, std::string_view client_id) {
    const keyring::Principal* known = parts_.keyring.find(principal);
    if (known == nullptr || known->revoked || known->storage || !tied(principal, client_id)) {
        return nullptr;
    }
    Session* session = start(*known, client_id);
    const auto departed = departed_.find(session->client_id);
    const Departed last = departed != departed_.end() ? departed->second : Departed{};
    session->will = last.will;
    session->protected_channel = last.protected_channel;
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

// protocol.md, "Sealed CONNECT": an empty uplink message under "$connect/" and the client id, once.
Refusal Gateway::check_proof(const Peer& peer, const keyring::Principal*& principal, WillSlot& will) {
    if (peer.listener == Listener::other || peer.listener == Listener::unsure) {
        return peer.listener == Listener::other ? Refusal::no_certificate : Refusal::listener_not_named;
    }
    const keyring::Principal* claimed = parts_.keyring.find(peer.username);
    if (claimed == nullptr || claimed->storage) {
        return Refusal::unknown_principal;
    }
    principal = claimed;
    if (claimed->revoked) {
        return Refusal::principal_revoked;
    }
    ProofBuffer buffer{};
    Payload proof;
    if (!decode_proof(peer.password, buffer, proof)) {
        return Refusal::bad_connect_proof;
    }
    const Refusal refusal = accept(claimed->id, "$connect/" + std::string(peer.client_id), proof, &will);
    if (refusal != Refusal::none) {
        return refusal;
    }
    return opener_.plaintext().empty() ? Refusal::none : Refusal::bad_connect_proof;
}

}  // namespace reseal::gateway
