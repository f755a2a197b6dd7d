#include "mosquitto/identity.h"

#include <memory>

#include <openssl/evp.h>
#include <openssl/x509.h>

namespace reseal::broker {

namespace {

struct Free {
    void operator()(X509* certificate) const { X509_free(certificate); }
};

bool to_time(const ASN1_TIME* time, std::time_t& out) {
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) {
        return false;
    }
    out = timegm(&parts);
    return true;
}

using Certificate = std::unique_ptr<X509, Free>;

Certificate read_certificate(const mosquitto* client) {
    return Certificate(static_cast<X509*>(mosquitto_client_certificate(client)));
}

}  // namespace

bool has_certificate(const mosquitto* client) {
    return read_certificate(client) != nullptr;
}

std::optional<gateway::PeerCertificate> certificate_of(const mosquitto* client, const identity::Verifier& verifier,
                                                       std::time_t now) {
    const Certificate certificate = read_certificate(client);
    if (!certificate) {
        return std::nullopt;
    }
    gateway::PeerCertificate out;
    unsigned int size = 0;
    if (X509_digest(certificate.get(), EVP_sha256(), out.fingerprint.data(), &size) != 1 ||
        size != out.fingerprint.size() || !to_time(X509_get0_notBefore(certificate.get()), out.not_before) ||
        !to_time(X509_get0_notAfter(certificate.get()), out.not_after)) {
        return std::nullopt;
    }
    identity::Examined examined = verifier.examine(certificate.get(), now);
    out.refusal = examined.refusal;
    out.principal = std::move(examined.principal);
    out.serial = std::move(examined.serial);
    return out;
}

bool from_loopback(const mosquitto* client) {
    const std::string_view address = text(mosquitto_client_address(client));
    return address == "::1" || address.starts_with("127.") || address.starts_with("::ffff:127.");
}

}  // namespace reseal::broker
