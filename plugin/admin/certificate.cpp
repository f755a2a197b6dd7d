// SPDX-License-Identifier: Apache-2.0
#include "admin/certificate.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "admin/text.h"
#include "base/hex.h"
#include "base/private_file.h"
#include "base/quote.h"
#include "base/regular_file.h"
#include "identity/openssl.h"
#include "identity/revocation.h"

namespace reseal::admin {
namespace {

constexpr long clock_skew_seconds = 300;

using identity::Bio;
using identity::Names;
using X509Handle = identity::Certificate;
using KeyHandle = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
using Number = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>>;

Fault openssl_fault(const std::string& path, std::string_view action) {
    std::array<char, 256> reason{};
    ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
    ERR_clear_error();
    return file_fault(path, std::string(action) + " failed: " + reason.data(), {});
}

std::time_t end_of(const X509* certificate) {
    return identity::time_of(X509_get0_notAfter(certificate)).value_or(0);
}

keyring::Fingerprint fingerprint_of(const X509* certificate) {
    keyring::Fingerprint out{};
    unsigned size = 0;
    X509_digest(certificate, EVP_sha256(), out.data(), &size);
    return out;
}

keyring::Fingerprint serial_of(const X509* certificate) {
    return keyring::serial_id(identity::serial_number(*certificate));
}

bool set_random_serial(X509* certificate) {
    const Number number(BN_new());
    return BN_rand(number.get(), 128, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
           BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_subject(X509* certificate, const std::string& common_name) {
    const auto* text = as_bytes(common_name).data();
    return X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName, MBSTRING_UTF8, text,
                                      static_cast<int>(common_name.size()), -1, 0) == 1;
}

bool set_times(X509* certificate, int days) {
    return X509_gmtime_adj(X509_getm_notBefore(certificate), -clock_skew_seconds) != nullptr &&
           X509_time_adj_ex(X509_getm_notAfter(certificate), days, 0, nullptr) != nullptr;
}

// A certificate for `key` without issuer, extensions and signature. Null if OpenSSL fails.
X509Handle begin(EVP_PKEY* key, const std::string& common_name, int days) {
    X509Handle out(X509_new());
    const bool done = out && X509_set_version(out.get(), X509_VERSION_3) == 1 && set_random_serial(out.get()) &&
                      set_times(out.get(), days) && set_subject(out.get(), common_name) &&
                      X509_set_pubkey(out.get(), key) == 1;
    return done ? std::move(out) : nullptr;
}

// `value` is in OpenSSL's notation. Pass only constants of this file.
bool extend(X509* certificate, X509* issuer, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool add_text_name(GENERAL_NAMES* names, int type, const std::string& text) {
    std::unique_ptr<ASN1_STRING, FreeWith<ASN1_STRING_free>> value(ASN1_IA5STRING_new());
    std::unique_ptr<GENERAL_NAME, FreeWith<GENERAL_NAME_free>> name(GENERAL_NAME_new());
    if (!value || !name || ASN1_STRING_set(value.get(), text.data(), static_cast<int>(text.size())) != 1) {
        return false;
    }
    GENERAL_NAME_set0_value(name.get(), type, value.release());
    return sk_GENERAL_NAME_push(names, name.release()) > 0;
}

bool add_address(GENERAL_NAMES* names, ASN1_OCTET_STRING* address) {
    std::unique_ptr<GENERAL_NAME, FreeWith<GENERAL_NAME_free>> name(GENERAL_NAME_new());
    if (!name) {
        ASN1_OCTET_STRING_free(address);
        return false;
    }
    GENERAL_NAME_set0_value(name.get(), GEN_IPADD, address);
    return sk_GENERAL_NAME_push(names, name.release()) > 0;
}

bool add_host(GENERAL_NAMES* names, const std::string& host) {
    ASN1_OCTET_STRING* address = a2i_IPADDRESS(host.c_str());
    ERR_clear_error();  // most hosts are not addresses
    return address != nullptr ? add_address(names, address) : add_text_name(names, GEN_DNS, host);
}

bool add_alternative_names(X509* certificate, const CertificateRequest& request) {
    const Names names(GENERAL_NAMES_new());
    bool done = names != nullptr;
    for (const std::string& host : request.hosts) {
        done = done && add_host(names.get(), host);
    }
    if (!request.uri.empty()) {
        done = done && add_text_name(names.get(), GEN_URI, request.uri);
    }
    return done && (sk_GENERAL_NAME_num(names.get()) == 0 ||
                    X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, 0) == 1);
}

bool add_leaf_extensions(X509* certificate, X509* issuer, const CertificateRequest& request) {
    const bool client = request.usage == CertificateRequest::Usage::client;
    return extend(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
           extend(certificate, issuer, NID_key_usage, "critical,digitalSignature") &&
           extend(certificate, issuer, NID_ext_key_usage, client ? "clientAuth" : "serverAuth") &&
           extend(certificate, issuer, NID_subject_key_identifier, "hash") &&
           extend(certificate, issuer, NID_authority_key_identifier, "keyid:always") &&
           add_alternative_names(certificate, request);
}

bool add_authority_extensions(X509* certificate) {
    return extend(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
           extend(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign") &&
           extend(certificate, certificate, NID_subject_key_identifier, "hash");
}

bool sign(X509* certificate, X509_NAME* issuer, EVP_PKEY* key) {
    return X509_set_issuer_name(certificate, issuer) == 1 && X509_sign(certificate, key, EVP_sha256()) > 0;
}

std::string_view contents(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return size <= 0 ? std::string_view() : std::string_view(data, static_cast<std::size_t>(size));
}

// `key`: null if we do not have it.
Checked<Issued> to_pem(const std::string& path, X509* certificate, EVP_PKEY* key) {
    const Bio certificate_text(BIO_new(BIO_s_mem()));
    const Bio key_text(BIO_new(BIO_s_secmem()));  // wiped when freed
    const auto write_key = [&] {
        return key == nullptr ||
               PEM_write_bio_PKCS8PrivateKey(key_text.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1;
    };
    if (!certificate_text || !key_text || PEM_write_bio_X509(certificate_text.get(), certificate) != 1 ||
        !write_key()) {
        return openssl_fault(path, "writing a certificate");
    }
    const std::string_view secret = contents(key_text.get());
    Issued out{std::string(contents(certificate_text.get())), SecretText(secret.size()), fingerprint_of(certificate),
               serial_of(certificate)};
    out.key.append(secret);
    return out;
}

bool valid_host(const std::string& host) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
               c == ':' || c == '_';
    };
    std::array<std::uint8_t, 16> ignored{};
    const bool colons = host.find(':') != std::string::npos;
    return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), allowed) &&
           (!colons || ::inet_pton(AF_INET6, host.c_str(), ignored.data()) == 1);
}

// The Fault that OpenSSL found no `what` in the file.
Fault holds_no(const std::string& path, const std::string& what) {
    ERR_clear_error();
    return file_fault(path, "holds no " + what, "it must be a PEM " + what);
}

Checked<X509Handle> read_x509(const std::string& path) {
    const auto file = open_named(path);
    if (!file) {
        return file.error();
    }
    X509Handle out(PEM_read_bio_X509(identity::bio_of(*file).get(), nullptr, nullptr, nullptr));
    return out ? Checked<X509Handle>(std::move(out)) : holds_no(path, "certificate");
}

}  // namespace

Checked<CertificateFile> read_certificate(const std::string& path) {
    const auto read = read_x509(path);
    if (!read) {
        return read.error();
    }
    const X509Handle& certificate = *read;
    auto written = to_pem(path, certificate.get(), nullptr);
    if (!written) {
        return written.error();
    }
    const std::time_t begin = identity::time_of(X509_get0_notBefore(certificate.get())).value_or(0);
    return CertificateFile{written->fingerprint, written->serial, begin, end_of(certificate.get()),
                           std::move(written->certificate)};
}

Checked<Issued> Authority::create(int days) {
    std::array<std::uint8_t, 4> suffix{};
    const bool drawn = RAND_bytes(suffix.data(), static_cast<int>(suffix.size())) == 1;
    const KeyHandle key(drawn ? EVP_EC_gen("P-256") : nullptr);
    const X509Handle certificate = key ? begin(key.get(), std::string("Reseal CA ") + hex(suffix), days) : nullptr;
    if (!certificate || !add_authority_extensions(certificate.get()) ||
        !sign(certificate.get(), X509_get_subject_name(certificate.get()), key.get())) {
        return openssl_fault({}, "making a certificate authority");
    }
    return to_pem({}, certificate.get(), key.get());
}

Checked<Authority> Authority::open(const std::string& certificate_path, const std::string& key_path) {
    const auto file = open_private(key_path);
    auto certificate = file ? read_x509(certificate_path) : Checked<X509Handle>(file.error());
    if (!certificate) {
        return certificate.error();
    }
    // An empty passphrase, so that OpenSSL does not prompt for one.
    std::string none;
    Key key(PEM_read_bio_PrivateKey(identity::bio_of(*file).get(), nullptr, nullptr, none.data()));
    if (!key) {
        return holds_no(key_path, "private key without a passphrase");
    }
    if (X509_check_private_key(certificate->get(), key.get()) != 1) {
        ERR_clear_error();
        return file_fault(key_path, "does not belong to " + certificate_path, "restore both from the same backup");
    }
    return Authority(certificate_path, std::move(*certificate), std::move(key));
}

Checked<Issued> Authority::issue(const CertificateRequest& request) const {
    for (const std::string& host : request.hosts) {
        if (!valid_host(host)) {
            return Fault{{}, 0, "--host", quote(host) + " is not a host", "a DNS name or an IP address"};
        }
    }
    const KeyHandle key(EVP_EC_gen("P-256"));
    return issue_for(key.get(), true, request);
}

Checked<Issued> Authority::issue(const CertificateRequest& request, const SigningRequest& signing) const {
    return issue_for(signing.key(), false, request);
}

Checked<Issued> Authority::issue_for(EVP_PKEY* key, bool own_key, const CertificateRequest& request) const {
    const X509Handle certificate = key != nullptr ? begin(key, request.common_name, request.days) : nullptr;
    if (!certificate) {
        return openssl_fault(path_, "making a certificate");
    }
    const std::time_t end = end_of(certificate_.get());
    if (end_of(certificate.get()) > end) {
        return Fault{path_, 0, "--days", std::to_string(request.days) + " days would outlast the authority itself",
                     std::string("it ends on ") + date(end)};
    }
    if (!add_leaf_extensions(certificate.get(), certificate_.get(), request) ||
        !sign(certificate.get(), X509_get_subject_name(certificate_.get()), key_.get())) {
        return openssl_fault(path_, "signing a certificate");
    }
    return to_pem(path_, certificate.get(), own_key ? key : nullptr);
}

}  // namespace reseal::admin
