// SPDX-License-Identifier: Apache-2.0
#include "config/read_tokens.h"

#include <algorithm>
#include <array>

#include "base/principal_name.h"
#include "base/quote.h"

namespace reseal::config {
namespace {

constexpr std::array<std::string_view, 7> known_of_tokens{"issuer",  "audience", "keys",  "scopes",
                                                          "subject", "required", "leeway"};
constexpr Range leeway_range{0, 300};

std::string require_text(Reader& reader, const Place& map, std::string_view name, std::string_view remedy) {
    const auto place = reader.require(map, name, remedy);
    return place ? reader.text(*place, remedy) : std::string();
}

// RFC 6749, section 3.3.
bool is_scope(std::string_view name) {
    return !name.empty() &&
           std::ranges::all_of(name, [](char c) { return '!' <= c && c <= '~' && c != '"' && c != '\\'; });
}

Tokens::Scope read_scope(Reader& reader, const Place& place) {
    constexpr std::string_view remedy = "write a list of roles of acl.yaml, as in [dashboard]";
    Tokens::Scope out{.roles = {}, .line = place.element->line};
    for (const Place& item : reader.items(place, remedy)) {
        out.roles.push_back(reader.text(item, remedy));
        if (!out.roles.back().empty() && !valid_principal(out.roles.back())) {
            reader.refuse(item, quote(out.roles.back()) + " is not a valid role name", std::string(remedy));
        }
    }
    return out;
}

void read_scopes(Reader& reader, const Place& place, Tokens& tokens) {
    constexpr std::string_view remedy = "write SCOPE: [ROLE], as in \"ward:read\": [dashboard]";
    if (!reader.is(place, Kind::map, remedy)) {
        return;
    }
    for (const Field& field : place.element->fields) {
        if (!is_scope(field.name)) {
            reader.refuse_key(field.line, place.key, quote(field.name) + " is not a scope", std::string(remedy));
        }
        tokens.scopes.emplace(field.name, read_scope(reader, {&field.value, field_key(place.key, field.name)}));
    }
}

std::string read_subject(Reader& reader, const Place& place) {
    constexpr std::string_view remedy = "write {id} once, where the principal's name goes, as in \"{id}\"";
    std::string pattern = reader.text(place, remedy);
    const std::size_t at = pattern.find("{id}");
    const bool sound =
        at != std::string::npos && std::string(pattern).erase(at, 4).find_first_of("{}") == std::string::npos;
    if (!pattern.empty() && !sound) {
        reader.refuse(place, quote(pattern) + " is not a valid pattern", std::string(remedy));
    }
    return pattern;
}

}  // namespace

Tokens read_tokens(Reader& reader, const Place& place) {
    Tokens out;
    if (!reader.is_map(place, known_of_tokens)) {
        return out;
    }
    constexpr std::string_view keys_remedy = "name the file of the issuer's JWK set, as in keys: jwks.json";
    out.issuer = require_text(reader, place, "issuer", "write the tokens' iss, as in issuer: https://login.example");
    out.audience = require_text(reader, place, "audience", "write the tokens' aud, as in audience: reseal");
    if (const auto keys = reader.require(place, "keys", keys_remedy)) {
        out.keys = reader.path(*keys, keys_remedy);
    }
    if (const auto scopes = reader.require(place, "scopes", "say which roles a scope gives")) {
        read_scopes(reader, *scopes, out);
    }
    if (const auto subject = Reader::find(place, "subject")) {
        out.subject = read_subject(reader, *subject);
    }
    if (const auto required = Reader::find(place, "required")) {
        out.required = reader.truth(*required);
    }
    if (const auto leeway = Reader::find(place, "leeway")) {
        out.leeway = reader.number(*leeway, leeway_range);
    }
    return out;
}

}  // namespace reseal::config
