// SPDX-License-Identifier: Apache-2.0
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>

#include "admin/certificate.h"
#include "base/fault.h"
#include "base/quote.h"
#include "base/regular_file.h"
#include "identity/openssl.h"

namespace reseal::admin {
namespace {

constexpr int rsa_bits_least = 2048;
constexpr int rsa_bits_most = 8192;

bool good_key(const EVP_PKEY* key) {
    if (EVP_PKEY_is_a(key, "RSA") == 1) {
        return EVP_PKEY_get_bits(key) >= rsa_bits_least && EVP_PKEY_get_bits(key) <= rsa_bits_most;
    }
    std::array<char, 80> group{};
    std::size_t size = 0;
    const bool named =
        EVP_PKEY_is_a(key, "EC") == 1 && EVP_PKEY_get_group_name(key, group.data(), group.size(), &size) == 1;
    const std::string_view name(group.data(), size);
    return named && (name == "prime256v1" || name == "P-256" || name == "secp384r1" || name == "P-384");
}

// The only entry of the subject, if that is a common name. Otherwise empty.
std::string only_common_name(const X509_REQ* request) {
    const X509_NAME* subject = X509_REQ_get_subject_name(request);
    const bool one =
        X509_NAME_entry_count(subject) == 1 && X509_NAME_get_index_by_NID(subject, NID_commonName, -1) == 0;
    unsigned char* text = nullptr;
    const int size = one ? ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, 0))) : 0;
    std::string out = size > 0 ? std::string(text, text + size) : std::string();
    OPENSSL_free(text);
    return out;
}

}  // namespace

Checked<SigningRequest> SigningRequest::read(const std::string& path, const std::string& common_name) {
    const auto file = open_named(path);
    if (!file) {
        return file.error();
    }
    SigningRequest out(PEM_read_bio_X509_REQ(identity::bio_of(*file).get(), nullptr, nullptr, nullptr));
    ERR_clear_error();
    if (out.request_ == nullptr || out.key() == nullptr) {
        return file_fault(path, "is not a certificate signing request", "PEM, as 'openssl req -new' writes it");
    }
    const int genuine = X509_REQ_verify(out.request_.get(), out.key());
    ERR_clear_error();
    if (genuine != 1) {
        return file_fault(path, "is not signed by its own key", "sign it with the private key of the device");
    }
    if (!good_key(out.key())) {
        return file_fault(path, "has a key that is not accepted", "EC P-256 or P-384, or RSA of 2048 to 8192 bits");
    }
    if (only_common_name(out.request_.get()) != common_name) {
        return file_fault(path, "is not for " + quote(common_name),
                          "use a subject with only this common name: -subj /CN=" + common_name);
    }
    return out;
}

EVP_PKEY* SigningRequest::key() const {
    return X509_REQ_get0_pubkey(request_.get());
}

}  // namespace reseal::admin
