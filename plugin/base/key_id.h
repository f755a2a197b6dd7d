// SPDX-License-Identifier: Apache-2.0
// The ids of keys, by which messages, the registry and the replay windows name them.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include <reseal/envelope.h>
#include <reseal/key.h>

namespace reseal {

using KeyId = std::array<std::uint8_t, RESEAL_KEY_ID_SIZE>;

// The key that a message names.
inline KeyId key_id_of(const reseal_envelope& envelope) {
    KeyId out{};
    std::copy_n(envelope.key_id, out.size(), out.begin());
    return out;
}

struct KeyIdHash {
    std::size_t operator()(const KeyId& id) const {
        std::size_t out = 0;  // key ids are random
        std::memcpy(&out, id.data(), id.size());
        return out;
    }
};

}  // namespace reseal
