// SPDX-License-Identifier: Apache-2.0
#include "broker/client_certificate.h"

#include <openssl/evp.h>

#include "identity/naming.h"
#include "identity/openssl.h"

namespace reseal::broker {

namespace {

using identity::Certificate;

Certificate read_certificate(const mosquitto* client) {
    return Certificate(static_cast<X509*>(mosquitto_client_certificate(client)));
}

}  // namespace

bool has_certificate(const mosquitto* client) {
    return read_certificate(client) != nullptr;
}

std::optional<engine::PeerCertificate> certificate_of(const mosquitto* client, const identity::Verifier& verifier,
                                                      std::time_t now) {
    const Certificate certificate = read_certificate(client);
    if (!certificate) {
        return std::nullopt;
    }
    engine::PeerCertificate out;
    unsigned int size = 0;
    const auto not_before = identity::time_of(X509_get0_notBefore(certificate.get()));
    const auto not_after = identity::time_of(X509_get0_notAfter(certificate.get()));
    if (X509_digest(certificate.get(), EVP_sha256(), out.fingerprint.data(), &size) != 1 ||
        size != out.fingerprint.size() || !not_before || !not_after) {
        return std::nullopt;
    }
    out.not_before = *not_before;
    out.not_after = *not_after;
    identity::Examined examined = verifier.examine(certificate.get(), now);
    out.refusal = examined.refusal;
    out.principal = std::move(examined.principal);
    out.serial = std::move(examined.serial);
    if (!examined.number.empty()) {
        out.by_serial = keyring::serial_id(examined.number);
    }
    out.common_name = identity::common_name_of(*certificate);
    return out;
}

}  // namespace reseal::broker
