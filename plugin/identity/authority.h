// SPDX-License-Identifier: Apache-2.0
// The certificate authorities that the configuration names, even if the listener trusts a file with more of them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/fault.h"
#include "base/refusal.h"
#include "identity/openssl.h"

namespace reseal::identity {

class Authority {
  public:
    // `pem`: one or more CA certificates, each trusted by itself. `file` is for the Faults: no certificate, one that is
    // not a CA's, or one that cannot be read.
    static Checked<Authority> parse(std::string_view pem, const std::string& file);

    // Was `certificate` issued by one of them, for TLS clients? Refusals: certificate_not_of_ca, certificate_expired,
    // certificate_not_yet_valid (by the system's clock).
    [[nodiscard]] Refusal verify(X509* certificate) const;

    // The authority that signed `crl`; null if none did.
    [[nodiscard]] const X509* signer_of(X509_CRL* crl) const;

    [[nodiscard]] std::size_t size() const { return certificates_.size(); }

  private:
    Store store_;
    std::vector<Certificate> certificates_;
};

}  // namespace reseal::identity
