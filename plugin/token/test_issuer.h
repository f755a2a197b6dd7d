// SPDX-License-Identifier: Apache-2.0
// An issuer of tokens in memory, for tests. It signs whatever the test asks for.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <sodium.h>
#include <nlohmann/json.hpp>

namespace reseal::token::test {

using nlohmann::json;

inline std::string base64url(std::string_view bytes) {
    std::string out(sodium_base64_encoded_len(bytes.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
    sodium_bin2base64(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    out.pop_back();
    return out;
}

class TestKey {
  public:
    static TestKey p256(const std::string& kid) { return {kid, EVP_EC_gen("P-256")}; }
    static TestKey p384(const std::string& kid) { return {kid, EVP_EC_gen("P-384")}; }
    static TestKey rsa(const std::string& kid, unsigned int bits = 2048) { return {kid, EVP_RSA_gen(bits)}; }

    [[nodiscard]] const std::string& kid() const { return kid_; }

    // The key as the issuer publishes it.
    [[nodiscard]] json jwk() const {
        json out = {{"kid", kid_}, {"use", "sig"}};
        if (elliptic()) {
            const std::string curve = EVP_PKEY_get_bits(key_.get()) == 256 ? "P-256" : "P-384";
            out.update({{"kty", "EC"},
                        {"crv", curve},
                        {"x", base64url(number(OSSL_PKEY_PARAM_EC_PUB_X, (bits() + 7) / 8))},
                        {"y", base64url(number(OSSL_PKEY_PARAM_EC_PUB_Y, (bits() + 7) / 8))}});
        } else {
            out.update({{"kty", "RSA"},
                        {"n", base64url(number(OSSL_PKEY_PARAM_RSA_N, bits() / 8))},
                        {"e", base64url(number(OSSL_PKEY_PARAM_RSA_E, 3))}});
        }
        return out;
    }

    [[nodiscard]] std::string algorithm() const { return elliptic() ? "ES256" : "RS256"; }

    // In the form of RFC 7518.
    [[nodiscard]] std::string sign(std::string_view text) const {
        const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
        std::string out(1024, '\0');
        std::size_t size = out.size();
        EXPECT_EQ(1, EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()));
        EXPECT_EQ(1, EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                                    reinterpret_cast<const unsigned char*>(text.data()), text.size()));
        out.resize(size);
        return elliptic() ? raw_pair(out) : out;
    }

    // A token with these claims. `header` adds to the usual header, or replaces parts of it.
    [[nodiscard]] std::string token(const json& claims, const json& header = json::object()) const {
        return token_of(claims.dump(), header);
    }
    // The same with a raw payload.
    [[nodiscard]] std::string token_of(const std::string& payload, const json& header = json::object()) const {
        json full = {{"alg", algorithm()}, {"typ", "at+jwt"}, {"kid", kid_}};
        full.update(header);
        const std::string text = base64url(full.dump()) + "." + base64url(payload);
        return text + "." + base64url(sign(text));
    }

  private:
    TestKey(std::string kid, EVP_PKEY* key) : kid_(std::move(kid)), key_(key, EVP_PKEY_free) {}

    [[nodiscard]] bool elliptic() const { return EVP_PKEY_is_a(key_.get(), "EC") == 1; }
    [[nodiscard]] std::size_t bits() const { return static_cast<std::size_t>(EVP_PKEY_get_bits(key_.get())); }

    [[nodiscard]] std::string number(const char* parameter, std::size_t size) const {
        BIGNUM* value = nullptr;
        EXPECT_EQ(1, EVP_PKEY_get_bn_param(key_.get(), parameter, &value));
        std::string out = padded(value, size);
        BN_free(value);
        return out;
    }

    static std::string padded(const BIGNUM* value, std::size_t size) {
        std::string out(size, '\0');
        EXPECT_EQ(static_cast<int>(size),
                  BN_bn2binpad(value, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(size)));
        return out;
    }

    [[nodiscard]] std::string raw_pair(const std::string& der) const {
        const auto* at = reinterpret_cast<const unsigned char*>(der.data());
        ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
        const std::size_t size = (bits() + 7) / 8;
        std::string out = padded(ECDSA_SIG_get0_r(pair), size) + padded(ECDSA_SIG_get0_s(pair), size);
        ECDSA_SIG_free(pair);
        return out;
    }

    std::string kid_;
    std::shared_ptr<EVP_PKEY> key_;
};

// One of each kind, made once.
inline const TestKey& elliptic() {
    static const TestKey key = TestKey::p256("one");
    return key;
}
inline const TestKey& rsa() {
    static const TestKey key = TestKey::rsa("two");
    return key;
}

// The JWK set of `keys`.
inline std::string jwks(const std::vector<TestKey>& keys) {
    json out = {{"keys", json::array()}};
    for (const TestKey& key : keys) {
        out["keys"].push_back(key.jwk());
    }
    return out.dump();
}

}  // namespace reseal::token::test
