// SPDX-License-Identifier: Apache-2.0
// Master secrets at rest: XChaCha20-Poly1305 (libsodium) under the master key, bound to principal, key id and
// algorithm.
#pragma once

#include <string>
#include <string_view>

#include "base/fault.h"
#include "base/key_id.h"
#include "keyring/types.h"

namespace reseal::keyring {

class Registry;

// Reads the master key file: exactly 32 bytes, a regular file of mode 0600 or narrower. A Fault says which of these it
// is not.
Checked<MasterKey> read_master_key(const std::string& path);

// Makes a new master key file, mode 0600, durably. A file that exists is a Fault.
Checked<Done> create_master_key(const std::string& path);

// Seals with a fresh random nonce.
SealedSecret seal(const MasterKey& master_key, std::string_view principal, const KeyId& key_id, std::uint8_t algorithm,
                  const MasterSecret& secret);

// False, with `out` wiped, unless it was sealed with the very same arguments.
[[nodiscard]] bool unseal(const MasterKey& master_key, std::string_view principal, const KeyId& key_id,
                          std::uint8_t algorithm, const SealedSecret& sealed, MasterSecret& out);

// A new key generation: random key id, random master secret, sealed.
Key make_key(const MasterKey& master_key, std::string_view principal, std::uint8_t algorithm, std::uint32_t generation);

// A key for a purpose other than sealing secrets: HMAC-SHA-256 of `purpose`. Each purpose needs its own name.
Secret<32> derive_key(const MasterKey& master_key, std::string_view purpose);

// Is it the master key of `registry`? If not, the Fault names `path`.
Checked<Done> prove_master_key(const MasterKey& master_key, const std::string& path, Registry& registry);

}  // namespace reseal::keyring
