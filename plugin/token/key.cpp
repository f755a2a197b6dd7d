// SPDX-License-Identifier: Apache-2.0
#include "token/key.h"

#include <array>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "base/free_with.h"

namespace reseal::token {

namespace {

constexpr std::size_t coordinate_size = 32;
constexpr int rsa_bits_least = 2048;
constexpr int rsa_bits_most = 8192;

using Number = std::unique_ptr<BIGNUM, FreeWith<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, FreeWith<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, FreeWith<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeWith<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>>;

// The broker's TLS reads its errors from the same queue, so none of ours may stay in it.
class ErrorMark {
  public:
    ErrorMark() { ERR_set_mark(); }
    ~ErrorMark() { ERR_pop_to_mark(); }
    ErrorMark(const ErrorMark&) = delete;
    ErrorMark& operator=(const ErrorMark&) = delete;
};

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

Number number(std::string_view bytes_of) {
    return Number(BN_bin2bn(bytes(bytes_of), static_cast<int>(bytes_of.size()), nullptr));
}

// JOSE writes r and s one after the other, but OpenSSL reads DER. Empty if `signature` is not such a pair.
std::string der_of(std::string_view signature) {
    if (signature.size() != 2 * coordinate_size) {
        return {};
    }
    Number r = number(signature.substr(0, coordinate_size));
    Number s = number(signature.substr(coordinate_size));
    const Signature pair(ECDSA_SIG_new());
    if (!r || !s || !pair || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) {
        return {};
    }
    (void)r.release();
    (void)s.release();
    std::array<unsigned char, 2 * coordinate_size + 16> der{};
    unsigned char* end = der.data();
    const int size = i2d_ECDSA_SIG(pair.get(), &end);
    return size > 0 ? std::string(der.begin(), end) : std::string();
}

}  // namespace

std::string_view name_of(Algorithm algorithm) {
    return algorithm == Algorithm::es256 ? "ES256" : "RS256";
}

void Key::Free::operator()(EVP_PKEY* key) const {
    EVP_PKEY_free(key);
}

std::shared_ptr<const Key> Key::make(Algorithm algorithm, const char* kind, OSSL_PARAM* parameters) {
    const KeyContext maker(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
    EVP_PKEY* made = nullptr;
    if (!maker || EVP_PKEY_fromdata_init(maker.get()) != 1 ||
        EVP_PKEY_fromdata(maker.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
        return nullptr;
    }
    Handle handle(made);
    const KeyContext checker(EVP_PKEY_CTX_new(handle.get(), nullptr));
    if (!checker || EVP_PKEY_public_check(checker.get()) != 1) {
        return nullptr;
    }
    return std::shared_ptr<const Key>(new Key(algorithm, std::move(handle)));
}

std::shared_ptr<const Key> Key::p256(std::string_view x, std::string_view y) {
    if (x.size() != coordinate_size || y.size() != coordinate_size) {
        return nullptr;
    }
    const ErrorMark mark;
    const std::string point = '\x04' + std::string(x) + std::string(y);
    const Builder builder(OSSL_PARAM_BLD_new());
    if (!builder || OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1) {
        return nullptr;
    }
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    return parameters ? make(Algorithm::es256, "EC", parameters.get()) : nullptr;
}

std::shared_ptr<const Key> Key::rsa(std::string_view modulus, std::string_view exponent) {
    const ErrorMark mark;
    if (modulus.size() > rsa_bits_most / 8 || exponent.empty() || exponent.size() > 8) {
        return nullptr;
    }
    const Number n = number(modulus);
    const Number e = number(exponent);
    const Builder builder(OSSL_PARAM_BLD_new());
    if (!n || !e || !builder || BN_num_bits(n.get()) < rsa_bits_least || BN_is_odd(e.get()) != 1 ||
        BN_is_one(e.get()) == 1 || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
        return nullptr;
    }
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    return parameters ? make(Algorithm::rs256, "RSA", parameters.get()) : nullptr;
}

bool Key::signed_by(std::string_view text, std::string_view signature) const {
    const ErrorMark mark;
    const std::string raw = algorithm_ == Algorithm::es256 ? der_of(signature) : std::string(signature);
    const DigestContext context(EVP_MD_CTX_new());
    return context && EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, handle_.get()) == 1 &&
           EVP_DigestVerify(context.get(), bytes(raw), raw.size(), bytes(text), text.size()) == 1;
}

}  // namespace reseal::token
