// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include "base/hex.h"
#include "engine/admission.h"

namespace reseal::engine {

namespace {

// "principal/key id in hex".
struct Identity {
    std::string_view principal;
    KeyId key_id{};
};

std::optional<Identity> parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) {
        return std::nullopt;
    }
    Identity out{.principal = text.substr(0, slash)};
    return from_hex(text.substr(slash + 1), out.key_id) ? std::optional(out) : std::nullopt;
}

Refusal derive_psk(const Site& site, std::string_view identity, reseal_psk& out) {
    const auto parsed = parse(identity);
    const keyring::KeyHolder holder = parsed ? site.keyring.find_key(parsed->key_id) : keyring::KeyHolder{};
    if (holder.key == nullptr || holder.principal->storage) {
        return Refusal::unknown_key;
    }
    if (holder.principal->id != parsed->principal) {
        return Refusal::foreign_key;
    }
    if (holder.principal->revoked) {
        return Refusal::principal_revoked;
    }
    if (holder.key->retired) {
        return Refusal::retired_key;
    }
    reseal_credentials credentials{};
    if (!site.keyring.credentials(*holder.principal, *holder.key, site.realm, credentials)) {
        return Refusal::internal;
    }
    const reseal_status status = reseal_psk_derive(site.crypto, &credentials, &out);
    reseal_wipe(&credentials, sizeof credentials);
    return refusal_of(status);
}

}  // namespace

bool tls_psk(const Site& site, std::string_view identity, std::span<char> hex) {
    if (hex.size() < 2 * RESEAL_PSK_SIZE + 1) {
        return false;
    }
    reseal_psk psk{};
    bool out = true;
    if (const Refusal refusal = derive_psk(site, identity, psk); refusal != Refusal::none) {
        site.log.refused({.action = "tls-psk",
                          .principal = identity.substr(0, identity.find('/')),
                          .client_id = {},
                          .topic = {},
                          .reason = refusal,
                          .proven = false});
        out = site.random.fill(site.random.context, psk.key, RESEAL_PSK_SIZE);
    }
    if (out) {
        for (std::size_t i = 0; i < RESEAL_PSK_SIZE; ++i) {
            std::ranges::copy(hex_of(psk.key[i]), &hex[2 * i]);
        }
        hex[std::size_t{2} * RESEAL_PSK_SIZE] = '\0';
    }
    reseal_wipe(&psk, sizeof psk);
    return out;
}

}  // namespace reseal::engine
