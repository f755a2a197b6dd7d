// SPDX-License-Identifier: Apache-2.0
#include "bare_aead.h"

#include <array>
#include <stdexcept>

namespace reseal::micro {
namespace {

const EVP_CIPHER* cipher_of(reseal_algorithm algorithm) {
    switch (algorithm) {
        case RESEAL_A128GCM:
            return EVP_aes_128_gcm();
        case RESEAL_A256GCM:
            return EVP_aes_256_gcm();
        case RESEAL_CHACHA20_POLY1305:
            return EVP_chacha20_poly1305();
        case RESEAL_AES_CCM_16_128_128:
            return EVP_aes_128_ccm();
        default:
            return EVP_aes_256_ccm();
    }
}

bool is_ccm(reseal_algorithm algorithm) {
    return algorithm == RESEAL_AES_CCM_16_128_128 || algorithm == RESEAL_AES_CCM_16_128_256;
}

}  // namespace

BareAead::BareAead(reseal_algorithm algorithm, reseal_use use)
    : context_(EVP_CIPHER_CTX_new()), nonce_size_(reseal_algorithm_sizes(algorithm).nonce), ccm_(is_ccm(algorithm)) {
    const std::array<std::uint8_t, RESEAL_KEY_SIZE_MAX> key{1, 2, 3};
    EVP_CIPHER_CTX* context = context_.get();
    const bool ready =
        EVP_CipherInit_ex(context, cipher_of(algorithm), nullptr, nullptr, nullptr, use == RESEAL_USE_SEAL ? 1 : 0) &&
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(nonce_size_), nullptr) == 1 &&
        (!ccm_ || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, RESEAL_TAG_SIZE, nullptr) == 1) &&
        EVP_CipherInit_ex(context, nullptr, nullptr, key.data(), nullptr, -1) == 1;
    if (!ready) {
        throw std::runtime_error("OpenSSL does not accept the key");
    }
}

bool BareAead::run(std::span<const std::uint8_t> aad, std::span<const std::uint8_t> text, std::uint8_t* out) {
    EVP_CIPHER_CTX* context = context_.get();
    const int size = static_cast<int>(text.size());
    int written = 0;
    return (!ccm_ || EVP_CipherUpdate(context, nullptr, &written, nullptr, size) == 1) &&
           EVP_CipherUpdate(context, nullptr, &written, aad.data(), static_cast<int>(aad.size())) == 1 &&
           EVP_CipherUpdate(context, out, &written, text.data(), size) == 1 &&
           EVP_CipherFinal_ex(context, out + size, &written) == 1;
}

bool BareAead::seal(const std::uint8_t* nonce, std::span<const std::uint8_t> aad, std::span<const std::uint8_t> text,
                    std::uint8_t* out) {
    EVP_CIPHER_CTX* context = context_.get();
    return EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, nonce, -1) == 1 && run(aad, text, out) &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, RESEAL_TAG_SIZE, out + text.size()) == 1;
}

bool BareAead::open(const std::uint8_t* nonce, std::span<const std::uint8_t> aad, std::span<const std::uint8_t> sealed,
                    std::uint8_t* out) {
    EVP_CIPHER_CTX* context = context_.get();
    const auto text = sealed.first(sealed.size() - RESEAL_TAG_SIZE);
    // OpenSSL's parameter has no const, but the tag is only read.
    auto* tag = const_cast<std::uint8_t*>(sealed.last(RESEAL_TAG_SIZE).data());
    return EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, nonce, -1) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, RESEAL_TAG_SIZE, tag) == 1 && run(aad, text, out);
}

}  // namespace reseal::micro
