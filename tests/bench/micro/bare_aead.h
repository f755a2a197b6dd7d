// SPDX-License-Identifier: Apache-2.0
// OpenSSL without any of Reseal around it: what the SDK is compared with.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include <openssl/evp.h>
#include <reseal/crypto.h>

namespace reseal::micro {

// One context with the key set once. Each message makes the calls that OpenSSL's manual requires: nonce, expected tag,
// size of the text with CCM, additional data, text, end, tag.
class BareAead {
  public:
    BareAead(reseal_algorithm algorithm, reseal_use use);

    // Bytes of the nonce.
    [[nodiscard]] std::size_t nonce_size() const { return nonce_size_; }

    // Writes text.size() + 16 bytes. False if a call failed.
    bool seal(const std::uint8_t* nonce, std::span<const std::uint8_t> aad, std::span<const std::uint8_t> text,
              std::uint8_t* out);
    // Writes sealed.size() - 16 bytes. False if a call failed, or the tag is wrong.
    bool open(const std::uint8_t* nonce, std::span<const std::uint8_t> aad, std::span<const std::uint8_t> sealed,
              std::uint8_t* out);

  private:
    struct Free {
        void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
    };
    bool run(std::span<const std::uint8_t> aad, std::span<const std::uint8_t> text, std::uint8_t* out);

    std::unique_ptr<EVP_CIPHER_CTX, Free> context_;
    std::size_t nonce_size_;
    bool ccm_;
};

}  // namespace reseal::micro
