// SPDX-License-Identifier: Apache-2.0
#include "token/token.h"

#include <algorithm>
#include <array>
#include <optional>

#include "token/base64url.h"
#include "token/json.h"

namespace reseal::token {

using nlohmann::json;

namespace {

constexpr double time_most = 253402300799;  // the last second of the year 9999
constexpr std::size_t id_most = 64;

// A JWS in compact form. Signed are the header, a dot and the payload as they came.
struct Parts {
    std::string_view header;
    std::string_view payload;
    std::string_view signed_text;
    std::string_view signature;
};

std::optional<Parts> split(std::string_view token) {
    const std::size_t first = token.find('.');
    const std::size_t last = token.rfind('.');
    if (token.size() > token_most || first == last || token.find('.', first + 1) != last) {
        return std::nullopt;
    }
    return Parts{.header = token.substr(0, first),
                 .payload = token.substr(first + 1, last - first - 1),
                 .signed_text = token.substr(0, last),
                 .signature = token.substr(last + 1)};
}

std::optional<json> decode(std::string_view part) {
    const auto text = from_base64url(part);
    return text ? parse_object(*text) : std::nullopt;
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) { return 'A' <= c && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    return text;
}

// Is it a token, and not one meant for something else?
bool sound(const json& header) {
    constexpr std::array types = {"jwt", "at+jwt", "application/at+jwt"};
    const auto type = header.find("typ");
    const bool ours = type == header.end() ||
                      (type->is_string() && std::ranges::find(types, lower(type->get<std::string>())) != types.end());
    const auto kid = header.find("kid");
    return ours && text_at(header, "alg") != nullptr && !header.contains("crit") &&
           (kid == header.end() || kid->is_string());
}

// Seconds since 1970. `absent` if the claim is missing, nothing if it is not a time.
std::optional<double> time_at(const json& claims, const char* name, double absent) {
    const auto found = claims.find(name);
    if (found == claims.end()) {
        return absent;
    }
    const double out = found->is_number() ? found->get<double>() : -1;
    return out >= 0 && out <= time_most ? std::optional(out) : std::nullopt;
}

// The claims that are checked, all of the right type.
struct Claims {
    std::string issuer;
    std::vector<std::string> audience;
    std::string subject;
    std::string scope;
    std::string id;
    std::string thumbprint;  // cnf x5t#S256
    UnixTime ends = 0;
    UnixTime begins = 0;
};

// Takes the text under `name`, if there is one. False if the value is of another kind.
bool take_text(const json& object, const char* name, std::string& out) {
    const auto found = object.find(name);
    if (found == object.end()) {
        return true;
    }
    const auto* text = found->get_ptr<const std::string*>();
    out = text != nullptr ? *text : "";
    return text != nullptr;
}

bool take_audience(const json& claims, std::vector<std::string>& out) {
    const auto found = claims.find("aud");
    if (found == claims.end()) {
        return true;
    }
    const json list = found->is_array() ? *found : json::array({*found});
    for (const json& item : list) {
        if (!item.is_string()) {
            return false;
        }
        out.push_back(item.get<std::string>());
    }
    return true;
}

bool take_thumbprint(const json& claims, std::string& out) {
    const auto found = claims.find("cnf");
    return found == claims.end() || (found->is_object() && take_text(*found, "x5t#S256", out));
}

std::optional<Claims> read_claims(const json& claims) {
    Claims out;
    const auto ends = time_at(claims, "exp", 0);  // without exp it has ended
    const auto begins = time_at(claims, "nbf", 0);
    if (!ends || !begins || !take_text(claims, "iss", out.issuer) || !take_text(claims, "sub", out.subject) ||
        !take_text(claims, "scope", out.scope) || !take_text(claims, "jti", out.id) ||
        !take_audience(claims, out.audience) || !take_thumbprint(claims, out.thumbprint)) {
        return std::nullopt;
    }
    out.ends = static_cast<UnixTime>(*ends);  // a fraction of a second is cut off here, and rounded up there
    out.begins = static_cast<UnixTime>(*begins);
    out.begins += static_cast<double>(out.begins) < *begins ? 1 : 0;
    return out;
}

bool bound(const Claims& claims, const Bearer& bearer) {
    const auto hash = from_base64url(claims.thumbprint);
    return hash && !hash->empty() && std::ranges::equal(*hash, bearer.certificate, [](char one, std::uint8_t other) {
               return static_cast<std::uint8_t>(one) == other;
           });
}

bool subject_fits(const Claims& claims, const std::string& pattern, std::string_view principal) {
    std::string wanted = pattern;
    if (const std::size_t at = wanted.find("{id}"); at != std::string::npos) {
        wanted.replace(at, 4, principal);
    }
    return wanted.empty() || wanted == claims.subject;
}

Refusal judge(const Claims& claims, const Rules& rules, const Bearer& bearer, UnixTime now) {
    if (claims.issuer != rules.issuer) {
        return Refusal::token_issuer;
    }
    if (std::ranges::find(claims.audience, rules.audience) == claims.audience.end()) {
        return Refusal::token_audience;
    }
    if (now >= claims.ends) {
        return Refusal::token_expired;
    }
    if (now + static_cast<UnixTime>(rules.leeway) < claims.begins) {
        return Refusal::token_not_yet_valid;
    }
    if (!bound(claims, bearer)) {
        return Refusal::token_not_bound;
    }
    return subject_fits(claims, rules.subject, bearer.principal) ? Refusal::none : Refusal::token_subject;
}

// Scopes that the configuration does not name give nothing.
std::vector<std::string> roles_of(std::string_view scope, const Rules& rules) {
    std::vector<std::string> out;
    while (!scope.empty()) {
        const std::size_t end = std::min(scope.find(' '), scope.size());
        if (const auto named = rules.scopes.find(scope.substr(0, end)); named != rules.scopes.end()) {
            out.insert(out.end(), named->second.begin(), named->second.end());
        }
        scope.remove_prefix(std::min(end + 1, scope.size()));
    }
    std::ranges::sort(out);
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

bool showable(std::string_view id) {
    return id.size() <= id_most && std::ranges::all_of(id, [](char c) { return '!' <= c && c <= '~' && c != '"'; });
}

Refusal verify(const Parts& parts, const KeySet& keys) {
    const auto header = decode(parts.header);
    const auto signature = from_base64url(parts.signature);
    if (!header || !sound(*header) || !signature) {
        return Refusal::token_malformed;
    }
    const auto key = keys.find(text_at(*header, "kid"));
    if (key == nullptr) {
        return Refusal::token_key_unknown;
    }
    const bool same = *text_at(*header, "alg") == name_of(key->algorithm());
    return same && key->signed_by(parts.signed_text, *signature) ? Refusal::none : Refusal::token_signature;
}

}  // namespace

Verdict check(std::string_view token, const Rules& rules, const KeySet& keys, const Bearer& bearer, UnixTime now) {
    Verdict out{.refusal = Refusal::token_malformed, .grant = {}};
    const auto parts = split(token);
    if (!parts) {
        return out;
    }
    out.refusal = verify(*parts, keys);
    if (out.refusal != Refusal::none) {
        return out;
    }
    const auto payload = decode(parts->payload);
    const auto claims = payload ? read_claims(*payload) : std::nullopt;
    out.refusal = claims ? judge(*claims, rules, bearer, now) : Refusal::token_malformed;
    if (out.refusal == Refusal::none) {
        out.grant = {.roles = roles_of(claims->scope, rules),
                     .ends = claims->ends,
                     .id = showable(claims->id) ? claims->id : ""};
    }
    return out;
}

}  // namespace reseal::token
