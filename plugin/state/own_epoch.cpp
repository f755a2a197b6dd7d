// SPDX-License-Identifier: Apache-2.0
#include "state/own_epoch.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "base/private_file.h"

namespace reseal::state {

namespace {

KeyId place(std::string_view label, std::span<const std::uint8_t> of) {
    crypto_generichash_state state;
    crypto_generichash_init(&state, nullptr, 0, crypto_generichash_BYTES_MIN);
    crypto_generichash_update(&state, reinterpret_cast<const std::uint8_t*>(label.data()), label.size());
    crypto_generichash_update(&state, of.data(), of.size());
    std::array<std::uint8_t, crypto_generichash_BYTES_MIN> hash{};
    crypto_generichash_final(&state, hash.data(), hash.size());
    KeyId out{};
    std::copy_n(hash.begin(), out.size(), out.begin());
    return out;
}

}  // namespace

KeyId retained_place(std::string_view topic) {
    return place("reseal-retained/1", as_bytes(topic));
}

KeyId peer_place(const KeyId& key, std::string_view realm) {
    std::string input(key.begin(), key.end());
    return place("reseal-peer/1", as_bytes(input.append(realm)));
}

KeyId list_place(std::string_view issuer) {
    return place("reseal-list/1", as_bytes(issuer));
}

// Not a hash: each QoS 2 message asks for it twice, and hashes took 0.4 us for that. Key ids are random numbers, so the
// result is as unlikely to be somebody's as any other.
KeyId open_place(const KeyId& key) {
    constexpr std::uint8_t other_bits = 0xA5;
    KeyId out = key;
    for (std::uint8_t& byte : out) {
        byte ^= other_bits;
    }
    return out;
}

KeyId own_epoch_place(const KeyId& key, const reseal_epoch& epoch) {
    std::array<std::uint8_t, std::tuple_size_v<KeyId> + sizeof epoch.number + sizeof epoch.salt> input{};
    auto* const number = std::ranges::copy(key, input.begin()).out;
    std::memcpy(number, &epoch.number, sizeof epoch.number);
    std::ranges::copy(epoch.salt, number + sizeof epoch.number);
    return place("reseal-own-epoch/1", input);
}

}  // namespace reseal::state
