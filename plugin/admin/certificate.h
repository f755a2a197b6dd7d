// X.509 with OpenSSL: one certificate authority of the site's own, and what it issues. All keys are ECDSA P-256.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "admin/secret_text.h"
#include "base/fault.h"
#include "keyring/types.h"

namespace reseal::admin {

// A new certificate and its private key, both PEM.
struct Issued {
    std::string certificate;
    SecretText key;
    keyring::Fingerprint fingerprint{};
};

struct CertificateRequest {
    enum class Usage { client, server };
    std::string common_name;
    Usage usage = Usage::client;
    int days = 365;                  // from now; it is valid from five minutes ago, for clocks that are a little late
    std::vector<std::string> hosts;  // subject alternative names: DNS names and IP addresses
    std::string uri;                 // subject alternative name; empty for none
};

// What a certificate file says.
struct CertificateFile {
    keyring::Fingerprint fingerprint{};
    std::time_t not_before = 0;
    std::time_t not_after = 0;
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

  private:
    struct Freer {
        void operator()(X509* certificate) const { X509_free(certificate); }
        void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    };
    using Certificate = std::unique_ptr<X509, Freer>;
    using Key = std::unique_ptr<EVP_PKEY, Freer>;
    Authority(std::string path, Certificate certificate, Key key)
        : path_(std::move(path)), certificate_(std::move(certificate)), key_(std::move(key)) {}

    std::string path_;
    Certificate certificate_;
    Key key_;
};

}  // namespace reseal::admin
