#include "mosquitto/identity.h"

#include <memory>
#include <string>

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

// In UTF-8; empty if there is none, more than one, or one with a NUL in it.
std::string common_name_of(const X509* certificate) {
    const X509_NAME* subject = X509_get_subject_name(certificate);
    const int first = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (first < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, first) >= 0) {
        return {};
    }
    unsigned char* utf8 = nullptr;
    const int size = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, first)));
    const std::string out(reinterpret_cast<const char*>(utf8), size > 0 ? static_cast<std::size_t>(size) : 0);
    OPENSSL_free(utf8);
    return out.find('\0') == std::string::npos ? out : std::string();
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
    if (!examined.number.empty()) {
        out.by_serial = keyring::serial_id(examined.number);
    }
    out.common_name = common_name_of(certificate.get());
    return out;
}

bool from_loopback(const mosquitto* client) {
    const std::string_view address = text(mosquitto_client_address(client));
    return address == "::1" || address.starts_with("127.") || address.starts_with("::ffff:127.");
}

}  // namespace reseal::broker
