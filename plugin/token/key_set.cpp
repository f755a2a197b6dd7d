// SPDX-License-Identifier: Apache-2.0
#include "token/key_set.h"

#include <algorithm>
#include <array>
#include <optional>

#include "token/base64url.h"
#include "token/json.h"

namespace reseal::token {

using nlohmann::json;

namespace {

constexpr std::array private_members = {"d", "p", "q", "dp", "dq", "qi", "oth"};

// One key of the set, and where it stands.
struct Place {
    const json& jwk;
    const std::string& file;
    std::string key;

    [[nodiscard]] Fault fault(const std::string& member, const std::string& problem, const std::string& remedy) const {
        return {.file = file, .line = 0, .key = key + member, .problem = problem, .remedy = remedy};
    }
};

// The bytes under `name`. Empty if there are none.
std::string bytes_at(const json& jwk, const char* name) {
    const std::string* text = text_at(jwk, name);
    return text != nullptr ? from_base64url(*text).value_or("") : "";
}

bool verifies(const json& jwk) {
    const auto use = jwk.find("use");
    const auto operations = jwk.find("key_ops");
    return (use == jwk.end() || *use == "sig") &&
           (operations == jwk.end() || std::ranges::find(*operations, "verify") != operations->end());
}

// The algorithm that the key is for. Nothing if it is not one of ours.
std::optional<Algorithm> algorithm_of(const json& jwk) {
    const auto is = [&jwk](const char* name, const char* value) {
        const std::string* text = text_at(jwk, name);
        return text != nullptr && *text == value;
    };
    std::optional<Algorithm> out;
    if (is("kty", "EC") && is("crv", "P-256")) {
        out = Algorithm::es256;
    } else if (is("kty", "RSA")) {
        out = Algorithm::rs256;
    }
    const auto named = jwk.find("alg");
    return out && (named == jwk.end() || *named == name_of(*out)) && verifies(jwk) ? out : std::nullopt;
}

// Null for a key that is left out.
Checked<std::shared_ptr<const Key>> read_key(const Place& place) {
    const json& jwk = place.jwk;
    if (!jwk.is_object()) {
        return place.fault("", "is not a JSON object", "write a key as the issuer publishes it");
    }
    if (std::ranges::any_of(private_members, [&jwk](const char* name) { return jwk.contains(name); })) {
        return place.fault("", "holds a private key",
                           "use only the issuer's public keys; this private key is no longer secret");
    }
    const auto algorithm = algorithm_of(jwk);
    if (!algorithm) {
        return std::shared_ptr<const Key>();
    }
    const bool elliptic = *algorithm == Algorithm::es256;
    auto key =
        elliptic ? Key::p256(bytes_at(jwk, "x"), bytes_at(jwk, "y")) : Key::rsa(bytes_at(jwk, "n"), bytes_at(jwk, "e"));
    if (key == nullptr) {
        return elliptic ? place.fault("", "x and y are not a point on P-256", "write 32 bytes each, in base64url")
                        : place.fault("", "n and e are not a valid RSA key", "use a key of 2048 to 8192 bits");
    }
    return key;
}

Fault set_fault(const std::string& file, const std::string& problem, const std::string& remedy) {
    return {.file = file, .line = 0, .key = "keys", .problem = problem, .remedy = remedy};
}

}  // namespace

Checked<KeySet> KeySet::parse(std::string_view jwks, const std::string& file) {
    const auto set = parse_object(jwks);
    if (!set || !set->contains("keys") || !set->at("keys").is_array()) {
        return set_fault(file, "this is not a JWK set",
                         R"(write {"keys": [...]}, as the issuer's jwks_uri returns it)");
    }
    KeySet out;
    std::size_t index = 0;
    for (const json& jwk : set->at("keys")) {
        const Place place{.jwk = jwk, .file = file, .key = "keys[" + std::to_string(index++) + "]"};
        auto key = read_key(place);
        if (!key) {
            return key.error();
        }
        const std::string* kid = *key ? text_at(jwk, "kid") : nullptr;
        if (*key && !out.keys_.emplace(kid != nullptr ? *kid : "", std::move(*key)).second) {
            return place.fault(".kid", "another key has the same, or has none either",
                               "give each key a kid of its own");
        }
    }
    if (out.keys_.empty()) {
        return set_fault(file, "none of the keys signs with ES256 or RS256", "name the issuer's keys for signatures");
    }
    if (out.keys_.size() > 1 && out.keys_.contains("")) {
        return set_fault(file, "one of several keys has no kid", "give each key a kid of its own");
    }
    return out;
}

std::shared_ptr<const Key> KeySet::find(const std::string* kid) const {
    if (kid == nullptr) {
        return keys_.size() == 1 ? keys_.begin()->second : nullptr;
    }
    const auto found = keys_.find(*kid);
    return found != keys_.end() && !kid->empty() ? found->second : nullptr;
}

}  // namespace reseal::token
