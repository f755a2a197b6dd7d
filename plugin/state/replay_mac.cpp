// SPDX-License-Identifier: Apache-2.0
#include "state/replay_mac.h"

#include <algorithm>
#include <cstring>

#include "keyring/seal.h"

namespace reseal::state {

StateKey derive_state_key(const keyring::MasterKey& master_key) {
    return keyring::derive_key(master_key, "reseal-state/1");
}

ReplayMac::ReplayMac(const StateKey& key, const ReplayFileId& id, std::uint64_t base) {
    std::array<std::uint8_t, std::tuple_size_v<ReplayFileId> + sizeof base> input{};
    std::memcpy(std::ranges::copy(id, input.begin()).out, &base, sizeof base);
    Secret<std::size_t{2} * crypto_shorthash_siphashx24_KEYBYTES> both;
    crypto_generichash(both.expose().data(), both.expose().size(), input.data(), input.size(), key.expose().data(),
                       key.expose().size());
    const std::span<const std::uint8_t> bytes = both.expose();
    std::ranges::copy(bytes.first(headers_.expose().size()), headers_.expose().begin());
    std::ranges::copy(bytes.last(records_.expose().size()), records_.expose().begin());
}

}  // namespace reseal::state
