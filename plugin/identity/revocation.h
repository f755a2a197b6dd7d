// SPDX-License-Identifier: Apache-2.0
// Certificate revocation lists (RFC 5280, section 5): only complete ones, signed by the authority itself.
#pragma once

#include <cstdint>
#include <ctime>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/fault.h"
#include "base/name_hash.h"
#include "identity/authority.h"

namespace reseal::identity {

// Issuer and serial number of a certificate: lists name it by these.
std::string serial_key(const X509& certificate);

// The serial number, big-endian, without leading zeros. Empty if it is zero, negative or longer than 20 bytes.
std::vector<std::uint8_t> serial_number(const X509& certificate);

// One list, with its signature checked.
struct RevocationList {
    std::string issuer;  // the DER bytes of its name
    std::time_t issued = 0;
    std::time_t next_update = 0;
    std::unordered_set<std::string, NameHash, std::equal_to<>> revoked;  // serial_key()
};

// `bytes` is PEM or DER. Faults, with `file`: the list cannot be parsed, is not signed by a certificate of `authority`,
// has no nextUpdate, is dated later than `now`, or covers only some certificates (a delta, a distribution point).
Checked<RevocationList> parse_list(std::string_view bytes, const std::string& file, const Authority& authority,
                                   std::time_t now);

}  // namespace reseal::identity
