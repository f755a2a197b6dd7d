// SPDX-License-Identifier: Apache-2.0
// The hashes of the audit chain: SHA-256 and HMAC-SHA-256 (libsodium).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/secret.h"

namespace reseal::audit {

using Digest = std::array<std::uint8_t, 32>;
using Key = Secret<32>;  // of the lines' MACs

Digest sha256(std::string_view bytes);
Digest hmac(const Key& key, std::string_view bytes);

// The key of a site's audit trail, from the site's master key.
Key derive_key(const Secret<32>& master_key);

}  // namespace reseal::audit
