// SPDX-License-Identifier: Apache-2.0
#include "identity/token_verifier.h"

#include "base/file.h"

namespace reseal::identity {

namespace {

constexpr std::size_t keys_most = std::size_t{1} << 20U;

token::Rules rules_of(const config::Tokens& settings) {
    token::Rules out{.issuer = settings.issuer,
                     .audience = settings.audience,
                     .subject = settings.subject,
                     .scopes = {},
                     .leeway = settings.leeway};
    for (const auto& [name, scope] : settings.scopes) {
        out.scopes.emplace(name, scope.roles);
    }
    return out;
}

}  // namespace

Checked<token::KeySet> read_keys(const std::string& path) {
    const auto text = read_file(path, keys_most);
    return text ? token::KeySet::parse(*text, path) : text.error();
}

Checked<TokenVerifier> TokenVerifier::open(const config::Tokens& settings) {
    TokenVerifier out(rules_of(settings), settings.keys);
    out.watch_.watch({settings.keys});
    auto keys = read_keys(settings.keys);
    if (!keys) {
        return keys.error();
    }
    out.keys_ = std::move(*keys);
    return out;
}

std::optional<Notice> TokenVerifier::look() {
    if (!watch_.changed()) {
        return std::nullopt;
    }
    auto fresh = read_keys(path_);
    if (!fresh) {
        return Notice{.kind = Notice::Kind::unreadable,
                      .text = "the issuer's former keys stay in force: " + fresh.error().text()};
    }
    keys_ = std::move(*fresh);
    return Notice{.kind = Notice::Kind::well,
                  .text = "loaded the issuer's keys " + path_ + ": " + std::to_string(keys_.size())};
}

}  // namespace reseal::identity
