// SPDX-License-Identifier: Apache-2.0
#include "identity/authority.h"

#include <openssl/pem.h>

namespace reseal::identity {

namespace {

Fault no_authority(const std::string& file, std::string problem) {
    return {.file = file,
            .line = 0,
            .key = {},
            .problem = std::move(problem),
            .remedy = "identity.ca must name a PEM file of CA certificates, such as ca/ca.crt"};
}

Refusal refusal_of(int error, int depth) {
    if (depth == 0 && error == X509_V_ERR_CERT_HAS_EXPIRED) {
        return Refusal::certificate_expired;
    }
    return depth == 0 && error == X509_V_ERR_CERT_NOT_YET_VALID ? Refusal::certificate_not_yet_valid
                                                                : Refusal::certificate_not_of_ca;
}

// Did the file end where a certificate would begin? Anything else is a certificate that cannot be read.
bool ended() {
    const bool end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    return end;
}

}  // namespace

Checked<Authority> Authority::parse(std::string_view pem, const std::string& file) {
    Authority out;
    out.store_.reset(X509_STORE_new());
    const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
    if (!bio || !out.store_) {
        return no_authority(file, "there is not enough memory to read it");
    }
    while (Certificate certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
        if (X509_check_ca(certificate.get()) != 1) {
            return no_authority(file, "it holds a certificate that is not an authority's");
        }
        X509_STORE_add_cert(out.store_.get(), certificate.get());
        out.certificates_.push_back(std::move(certificate));
    }
    if (!ended() || out.certificates_.empty()) {
        return no_authority(file, out.certificates_.empty() ? "there is no certificate in it"
                                                            : "one of its certificates cannot be read");
    }
    return out;
}

Refusal Authority::verify(X509* certificate) const {
    const StoreContext context(X509_STORE_CTX_new());
    if (!context || X509_STORE_CTX_init(context.get(), store_.get(), certificate, nullptr) != 1) {
        return Refusal::internal;
    }
    X509_STORE_CTX_set_flags(context.get(), X509_V_FLAG_PARTIAL_CHAIN);
    X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_CLIENT);
    if (X509_verify_cert(context.get()) == 1) {
        return Refusal::none;
    }
    ERR_clear_error();
    return refusal_of(X509_STORE_CTX_get_error(context.get()), X509_STORE_CTX_get_error_depth(context.get()));
}

const X509* Authority::signer_of(X509_CRL* crl) const {
    for (const Certificate& candidate : certificates_) {
        const bool named = X509_NAME_cmp(X509_get_subject_name(candidate.get()), X509_CRL_get_issuer(crl)) == 0;
        const bool may_sign = (X509_get_key_usage(candidate.get()) & KU_CRL_SIGN) != 0;
        if (named && may_sign && X509_CRL_verify(crl, X509_get0_pubkey(candidate.get())) == 1) {
            return candidate.get();
        }
        ERR_clear_error();
    }
    return nullptr;
}

}  // namespace reseal::identity
