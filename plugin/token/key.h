// SPDX-License-Identifier: Apache-2.0
// A public key that verifies tokens. Pure.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/types.h>

namespace reseal::token {

enum class Algorithm : std::uint8_t { es256, rs256 };

// As `alg` says it: "ES256", "RS256".
std::string_view name_of(Algorithm algorithm);

class Key {
  public:
    // A point of the curve P-256. Null if `x` and `y`, 32 bytes each, are not one.
    static std::shared_ptr<const Key> p256(std::string_view x, std::string_view y);
    // An RSA key. Null if its modulus has less than 2048 or more than 8192 bits, or the key is not sound.
    static std::shared_ptr<const Key> rsa(std::string_view modulus, std::string_view exponent);

    // The one algorithm that the key is for.
    [[nodiscard]] Algorithm algorithm() const { return algorithm_; }

    // Is `signature`, in the form of RFC 7518, this key's signature of `text`? Leaves OpenSSL's error queue as it was.
    [[nodiscard]] bool signed_by(std::string_view text, std::string_view signature) const;

  private:
    struct Free {
        void operator()(EVP_PKEY* key) const;
    };
    using Handle = std::unique_ptr<EVP_PKEY, Free>;
    Key(Algorithm algorithm, Handle handle) : algorithm_(algorithm), handle_(std::move(handle)) {}
    static std::shared_ptr<const Key> make(Algorithm algorithm, const char* kind, OSSL_PARAM* parameters);

    Algorithm algorithm_;
    Handle handle_;
};

}  // namespace reseal::token
