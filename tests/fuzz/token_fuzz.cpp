// SPDX-License-Identifier: Apache-2.0
// Whatever is presented as a token, as a token's claims, or as the issuer's keys: only what the issuer signed, for this
// certificate and this time, grants roles.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "token/test_issuer.h"
#include "token/token.h"

namespace {

using namespace reseal::token;

constexpr reseal::UnixTime now = 1'800'000'000;
const std::string certificate(32, '\x2a');

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

Verdict judged(const std::string& token, const KeySet& keys) {
    static const Rules rules{.issuer = "https://login.example",
                             .audience = "reseal",
                             .subject = "{id}",
                             .scopes = {{"ward:read", {"dashboard"}}},
                             .leeway = 30};
    const Bearer bearer{.certificate = {reinterpret_cast<const std::uint8_t*>(certificate.data()), certificate.size()},
                        .principal = "tablet"};
    return check(token, rules, keys, bearer, now);
}

bool holds(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const test::TestKey issuer = test::TestKey::p256("one");
    static const KeySet keys = *KeySet::parse(test::jwks({issuer}), "jwks.json");
    const std::string text(reinterpret_cast<const char*>(data), size);

    require(judged(text, keys).refusal != reseal::Refusal::none);

    const Verdict verdict = judged(issuer.token_of(text), keys);
    if (verdict.refusal == reseal::Refusal::none) {
        require(verdict.grant.ends > now && verdict.grant.roles.size() <= 1 && holds(text, "exp") &&
                holds(text, "cnf"));
    } else {
        require(verdict.grant.roles.empty() && verdict.grant.ends == 0);
    }

    if (const auto fuzzed = KeySet::parse(text, "jwks.json")) {
        require(fuzzed->size() > 0);
    }
    return 0;
}
