// SPDX-License-Identifier: Apache-2.0
// X.509 with OpenSSL: the site's own certificate authority, and what it issues. All keys made here are ECDSA P-256.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "admin/secret_text.h"
#include "base/fault.h"
#include "base/free_with.h"
#include "keyring/types.h"

namespace reseal::admin {

// A new certificate and its private key, both PEM.
struct Issued {
    std::string certificate;
    SecretText key;
    keyring::Fingerprint fingerprint{};
    keyring::Fingerprint serial{};  // keyring::serial_id()
};

struct CertificateRequest {
    enum class Usage { client, server };
    std::string common_name;
    Usage usage = Usage::client;
    int days = 365;                  // from now; it is valid from five minutes ago, for clocks that are a little late
    std::vector<std::string> hosts;  // subject alternative names: DNS names and IP addresses
    std::string uri;                 // subject alternative name; empty for none
};

// A device's own request for a certificate (PKCS #10, PEM). Proves that it has the private key, which never leaves it.
class SigningRequest {
  public:
    // Faults: not a request, not signed by its own key, a key other than EC P-256, P-384 or RSA of 2048 to 8192 bits,
    // or a subject other than the one common name `common_name`.
    static Checked<SigningRequest> read(const std::string& path, const std::string& common_name);

    // Borrowed.
    [[nodiscard]] EVP_PKEY* key() const;

  private:
    explicit SigningRequest(X509_REQ* request) : request_(request) {}
    std::unique_ptr<X509_REQ, FreeWith<X509_REQ_free>> request_;
};

// The content of a certificate file.
struct CertificateFile {
    keyring::Fingerprint fingerprint{};
    keyring::Fingerprint serial{};  // keyring::serial_id(); all zero: none that the registry accepts
    std::time_t not_before = 0;
    std::time_t not_after = 0;
    std::string pem;
};
Checked<CertificateFile> read_certificate(const std::string& path);

class Authority {
  public:
    // A new, self-signed authority with a random name, so that the authorities of two sites cannot be confused.
    static Checked<Issued> create(int days);

    // Reads certificate and private key; the key file must be private (base/private_file.h).
    static Checked<Authority> open(const std::string& certificate_path, const std::string& key_path);

    // Faults: a host that is neither a DNS name nor an IP address; days past the end of the authority itself.
    Checked<Issued> issue(const CertificateRequest& request) const;
    // For the key of a device's own request. Only the key is taken from that request. Issued::key stays empty.
    Checked<Issued> issue(const CertificateRequest& request, const SigningRequest& signing) const;

  private:
    using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
    using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;
    Authority(std::string path, Certificate certificate, Key key)
        : path_(std::move(path)), certificate_(std::move(certificate)), key_(std::move(key)) {}

    [[nodiscard]] Checked<Issued> issue_for(EVP_PKEY* key, bool own_key, const CertificateRequest& request) const;

    std::string path_;
    Certificate certificate_;
    Key key_;
};

}  // namespace reseal::admin
