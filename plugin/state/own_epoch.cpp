#include "state/own_epoch.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

namespace reseal::state {

keyring::KeyId own_epoch_place(const keyring::KeyId& key, const reseal_epoch& epoch) {
    constexpr std::string_view label = "reseal-own-epoch/1";
    std::array<std::uint8_t, label.size() + std::tuple_size_v<keyring::KeyId> + sizeof epoch.number + sizeof epoch.salt>
        input{};
    auto* const number = std::ranges::copy(key, std::ranges::copy(label, input.begin()).out).out;
    std::memcpy(number, &epoch.number, sizeof epoch.number);
    std::ranges::copy(epoch.salt, number + sizeof epoch.number);
    std::array<std::uint8_t, crypto_generichash_BYTES_MIN> hash{};
    crypto_generichash(hash.data(), hash.size(), input.data(), input.size(), nullptr, 0);
    keyring::KeyId out{};
    std::copy_n(hash.begin(), out.size(), out.begin());
    return out;
}

}  // namespace reseal::state
