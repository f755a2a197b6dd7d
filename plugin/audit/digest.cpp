// SPDX-License-Identifier: Apache-2.0
#include "audit/digest.h"

#include <sodium.h>

namespace reseal::audit {
namespace {

constexpr std::string_view key_purpose = "reseal-audit/1";

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());  // NOLINT(*-reinterpret-cast)
}

}  // namespace

Digest sha256(std::string_view bytes) {
    Digest out{};
    crypto_hash_sha256(out.data(), bytes_of(bytes), bytes.size());
    return out;
}

Digest hmac(const Key& key, std::string_view bytes) {
    static_assert(sizeof(Key) == crypto_auth_hmacsha256_KEYBYTES);
    Digest out{};
    crypto_auth_hmacsha256(out.data(), bytes_of(bytes), bytes.size(), key.expose().data());
    return out;
}

Key derive_key(const Secret<32>& master_key) {
    Key out;
    crypto_auth_hmacsha256(out.expose().data(), bytes_of(key_purpose), key_purpose.size(), master_key.expose().data());
    return out;
}

}  // namespace reseal::audit
