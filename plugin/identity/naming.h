// SPDX-License-Identifier: Apache-2.0
// Which principal a certificate names. Pure. Checks neither its chain nor its dates.
#pragma once

#include <string>

#include <openssl/x509.h>

#include "base/refusal.h"
#include "config/config.h"

namespace reseal::identity {

struct Named {
    Refusal refusal = Refusal::none;
    std::string principal;  // empty if refused
};

// The one name in `certificate` of the kind `settings.by` (settings.named()) that matches `settings.pattern`, letter
// for letter. The text in place of {id} must be a valid principal and, in a DNS name, one label. Refusals:
//   certificate_name_missing    no name of that kind matches
//   certificate_name_ambiguous  more than one does
//   certificate_name_malformed  one that matches has no valid principal (a wildcard, a NUL), or the names of that kind
//                               cannot be read
Named name_of(const X509& certificate, const config::Identity& settings);

// In UTF-8. Empty if there is none, more than one, or one with a NUL in it.
std::string common_name_of(const X509& certificate);

}  // namespace reseal::identity
