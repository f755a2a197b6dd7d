#include "audit/digest.h"

#include <sodium.h>

#include <algorithm>

namespace reseal::audit {
namespace {

constexpr std::string_view digits = "0123456789abcdef";
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

std::string hex(const Digest& digest) {
    std::string out;
    out.reserve(2 * digest.size());
    for (const std::uint8_t byte : digest) {
        out += digits[byte >> 4U];
        out += digits[byte & 0x0fU];
    }
    return out;
}

bool from_hex(std::string_view text, Digest& out) {
    if (text.size() != 2 * out.size() || text.find_first_not_of(digits) != std::string_view::npos) {
        return false;
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
        out[i] = static_cast<std::uint8_t>(digits.find(text[2 * i]) << 4U | digits.find(text[2 * i + 1]));
    }
    return true;
}

}  // namespace reseal::audit
