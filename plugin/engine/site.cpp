// SPDX-License-Identifier: Apache-2.0
#include "engine/site.h"

#include <algorithm>
#include <utility>

namespace reseal::engine {

Site::Site(Parts& parts)
    : crypto(parts.crypto),
      random(parts.random),
      memory(parts.memory),
      keyring(std::move(parts.keyring)),
      realm(parts.realm),
      policy(std::move(parts.policy)),
      settings(std::move(parts.settings)),
      certificate_status(std::move(parts.certificate_status)),
      token_check(std::move(parts.token_check)),
      token_required(parts.token_required),
      key_required(parts.key_required),
      log(parts.log),
      metrics(parts.metrics) {
    name_realms();
}

void Site::reconfigure(policy::Policy fresh, Settings others) {
    policy = std::move(fresh);
    settings = std::move(others);
    ++version;
    name_realms();
}

void Site::name_realms() {
    realm_names = policy.peer_realms();
    realm_names.insert(realm_names.end(), settings.bridged_realms.begin(), settings.bridged_realms.end());
    std::ranges::sort(realm_names);
    realm_names.erase(std::unique(realm_names.begin(), realm_names.end()), realm_names.end());
    std::erase(realm_names, realm);
    realms.clear();
    if (!realm_names.empty()) {
        realms.emplace_back();
        realms.insert(realms.end(), realm_names.begin(), realm_names.end());
    }
}

Refusal Site::key_of(std::string_view principal, const reseal_envelope& envelope, keyring::KeyHolder& holder) const {
    if (const Refusal refusal = sound_key(envelope, holder); refusal != Refusal::none) {
        return refusal;
    }
    return principal.empty() || holder.principal->id == principal ? Refusal::none : Refusal::foreign_key;
}

Refusal Site::sound_key(const reseal_envelope& envelope, keyring::KeyHolder& holder) const {
    if (envelope.direction != RESEAL_UPLINK) {
        return Refusal::wrong_direction;
    }
    holder = keyring.find_key(key_id_of(envelope));
    if (holder.principal == nullptr) {
        return Refusal::unknown_key;
    }
    if (holder.key->retired) {
        return Refusal::retired_key;
    }
    return holder.key->algorithm == envelope.algorithm ? Refusal::none : Refusal::wrong_algorithm;
}

policy::Decision Site::publish_right(std::string_view principal, std::string_view topic,
                                     const policy::Request& request) const {
    const keyring::Principal* known = keyring.find(principal);
    if (known == nullptr || known->revoked || topic == settings.alerts_topic) {
        return {Refusal::publish_not_allowed};
    }
    return policy.rights(known->id, known->roles).publish(topic, request);
}

policy::Request Site::request(const ParsedMessage& uplink, const Message& message) const {
    return {.now = now, .qos = message.qos, .retain = message.retain, .size = uplink.plaintext_size()};
}

// A certificate that the registry knows belongs to the principal there, whatever name it carries.
Refusal Site::principal_of(const PeerCertificate& certificate, const keyring::Principal*& principal) const {
    if (certificate.refusal != Refusal::none) {
        return certificate.refusal;
    }
    const keyring::CertificateHolder holder = keyring.find_certificate(certificate.registered());
    const bool named = !certificate.principal.empty();
    const keyring::Principal* found = named ? keyring.find(certificate.principal) : holder.principal;
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

Refusal Site::still_valid(const Session& session, std::time_t at) const {
    const keyring::Principal* principal = keyring.find(session.principal);
    if (principal == nullptr) {
        return Refusal::unknown_principal;
    }
    if (principal->revoked) {
        return Refusal::principal_revoked;
    }
    const Refusal refusal = session.certificate ? still_valid(*session.certificate, at) : Refusal::none;
    const bool ended = session.token && at >= session.token->ends;
    return refusal == Refusal::none && ended ? Refusal::token_expired : refusal;
}

Refusal Site::still_valid(const PeerCertificate& certificate, std::time_t at) const {
    if (at > certificate.not_after) {
        return Refusal::certificate_expired;
    }
    const keyring::CertificateHolder holder = keyring.find_certificate(certificate.registered());
    const bool forgotten = holder.certificate == nullptr && certificate.principal.empty();
    if (forgotten || (holder.certificate != nullptr && holder.certificate->revoked)) {
        return Refusal::certificate_revoked;
    }
    return certificate_status ? certificate_status(certificate.serial, at) : Refusal::none;
}

void Site::take_rights(Session& session, const keyring::Principal& principal) const {
    const std::string_view cn = session.certificate ? session.certificate->common_name : std::string_view();
    if (!session.token) {
        session.rights = policy.rights(principal.id, principal.roles, cn);
        return;
    }
    std::vector<std::string> roles = principal.roles.get();
    roles.insert(roles.end(), session.token->roles.begin(), session.token->roles.end());
    session.rights = policy.rights(principal.id, roles, cn);
}

std::string Site::place_of(const policy::Rule* rule) const {
    return rule != nullptr ? policy::place_of(policy.file(), *rule) : std::string();
}

void Site::report(const Session& session, std::string_view action, std::string_view topic, Refusal reason,
                  const policy::Rule* rule) const {
    log.refused({.action = action,
                 .principal = session.principal,
                 .client_id = session.client_id,
                 .topic = topic,
                 .reason = reason,
                 .certificate = fingerprint_of(session.certificate),
                 .rule = place_of(rule)});
}

std::span<const std::uint8_t> fingerprint_of(const std::optional<PeerCertificate>& certificate) {
    return certificate ? std::span<const std::uint8_t>(certificate->fingerprint) : std::span<const std::uint8_t>();
}

}  // namespace reseal::engine
