// SPDX-License-Identifier: Apache-2.0
// OAuth 2.0 access tokens that are bound to a client's certificate (RFC 8705): JWTs (RFC 7519), signed with ES256 or
// RS256. Pure: no clock, no file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/refusal.h"
#include "base/unix_time.h"
#include "token/key_set.h"

namespace reseal::token {

// A longer token is refused before it is read.
inline constexpr std::size_t token_most = 8192;

struct Rules {
    std::string issuer;                                                   // iss
    std::string audience;                                                 // must be (in) aud
    std::string subject;                                                  // sub, with {id}; empty: not checked
    std::map<std::string, std::vector<std::string>, std::less<>> scopes;  // the roles that a scope gives
    std::uint32_t leeway = 0;  // seconds that this clock may be behind the issuer's
};

// Who presents a token.
struct Bearer {
    std::span<const std::uint8_t> certificate;  // SHA-256 of this very TLS connection's certificate, 32 bytes
    std::string_view principal;                 // the principal of that certificate
};

// What a token gives.
struct Grant {
    std::vector<std::string> roles;  // without repetition
    UnixTime ends = 0;               // the first second in which it is no longer valid
    std::string id;                  // jti, for people; empty if it has none that can be shown
};

struct Verdict {
    Refusal refusal = Refusal::internal;
    Grant grant;  // empty unless Refusal::none
};

// Refusals, in this order, but the payload is read only once the signature is right:
//   token_malformed      not a JWS of a JSON object in compact form, longer than token_most, a name twice, a `typ`
//                        other than JWT or at+jwt, with `crit`, or a claim of the wrong type
//   token_key_unknown    its `kid` is not in `keys`, or it has none and there are several
//   token_signature      not signed by that key, or with another algorithm than that key's
//   token_issuer, token_audience
//   token_expired        `now` is exp or later, or there is no exp
//   token_not_yet_valid  nbf is later than `now` and the leeway
//   token_not_bound      cnf x5t#S256 is missing, or is the hash of another certificate
//   token_subject        sub does not fit Rules::subject
Verdict check(std::string_view token, const Rules& rules, const KeySet& keys, const Bearer& bearer, UnixTime now);

}  // namespace reseal::token
