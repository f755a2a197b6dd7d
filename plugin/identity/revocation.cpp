// SPDX-License-Identifier: Apache-2.0
#include "identity/revocation.h"

#include <algorithm>
#include <span>

#include <openssl/pem.h>

#include "base/serial_number.h"

namespace reseal::identity {

namespace {

Fault wrong(const std::string& file, std::string problem, std::string remedy) {
    return {.file = file, .line = 0, .key = {}, .problem = std::move(problem), .remedy = std::move(remedy)};
}

CrlHandle read_pem(std::string_view bytes) {
    const Bio bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
    return CrlHandle(bio ? PEM_read_bio_X509_CRL(bio.get(), nullptr, nullptr, nullptr) : nullptr);
}

CrlHandle read_der(std::string_view bytes) {
    const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
    const unsigned char* end = at + bytes.size();
    CrlHandle out(d2i_X509_CRL(nullptr, &at, static_cast<long>(bytes.size())));
    return at == end ? std::move(out) : nullptr;
}

CrlHandle read(std::string_view bytes) {
    CrlHandle out = bytes.starts_with("-----BEGIN") ? read_pem(bytes) : read_der(bytes);
    ERR_clear_error();
    return out;
}

std::string key_of(const std::string& issuer, const ASN1_INTEGER* serial) {
    const unsigned char* data = ASN1_STRING_get0_data(serial);
    std::string out = issuer;
    out.push_back(ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER ? '-' : '+');
    return out.append(reinterpret_cast<const char*>(data), static_cast<std::size_t>(ASN1_STRING_length(serial)));
}

bool any_critical(const STACK_OF(X509_EXTENSION) * extensions) {
    for (int i = 0; i < sk_X509_EXTENSION_num(extensions); ++i) {
        if (X509_EXTENSION_get_critical(sk_X509_EXTENSION_value(extensions, i)) != 0) {
            return true;
        }
    }
    return false;
}

// A critical extension must be understood. All those of a list narrow what it covers.
bool complete(X509_CRL* crl) {
    if (any_critical(X509_CRL_get0_extensions(crl)) || X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1) >= 0 ||
        X509_CRL_get_ext_by_NID(crl, NID_issuing_distribution_point, -1) >= 0) {
        return false;
    }
    STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(crl);
    for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
        if (any_critical(X509_REVOKED_get0_extensions(sk_X509_REVOKED_value(entries, i)))) {
            return false;
        }
    }
    return true;
}

}  // namespace

std::string serial_key(const X509& certificate) {
    return key_of(bytes_of(X509_get_issuer_name(&certificate)), X509_get0_serialNumber(&certificate));
}

std::vector<std::uint8_t> serial_number(const X509& certificate) {
    const ASN1_INTEGER* serial = X509_get0_serialNumber(&certificate);
    const std::span<const std::uint8_t> bytes(ASN1_STRING_get0_data(serial),
                                              static_cast<std::size_t>(ASN1_STRING_length(serial)));
    const auto first = std::ranges::find_if(bytes, [](std::uint8_t byte) { return byte != 0; });
    std::vector<std::uint8_t> out(first, bytes.end());
    const bool usable = ASN1_STRING_type(serial) == V_ASN1_INTEGER && out.size() <= serial_number_most;
    return usable ? out : std::vector<std::uint8_t>();
}

Checked<RevocationList> parse_list(std::string_view bytes, const std::string& file, const Authority& authority,
                                   std::time_t now) {
    const CrlHandle crl = read(bytes);
    if (!crl) {
        return wrong(file, "this is not a certificate revocation list", "it must be one list, PEM or DER");
    }
    if (authority.signer_of(crl.get()) == nullptr) {
        return wrong(file, "no certificate in identity.ca has signed it", "use a list from an authority in that file");
    }
    if (!complete(crl.get())) {
        return wrong(file, "it does not cover all certificates of its issuer",
                     "have the authority issue a complete list: neither a delta nor a list for one distribution point");
    }
    const auto issued = time_of(X509_CRL_get0_lastUpdate(crl.get()));
    const auto next_update = time_of(X509_CRL_get0_nextUpdate(crl.get()));
    if (!issued || *issued > now || !next_update) {
        return wrong(file, "it has no nextUpdate, or is dated in the future",
                     "check the authority's settings, and the clocks");
    }
    RevocationList out{.issuer = bytes_of(X509_CRL_get_issuer(crl.get())),
                       .issued = *issued,
                       .next_update = *next_update,
                       .revoked = {}};
    STACK_OF(X509_REVOKED)* entries = X509_CRL_get_REVOKED(crl.get());
    for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
        out.revoked.insert(key_of(out.issuer, X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(entries, i))));
    }
    return out;
}

}  // namespace reseal::identity
