// SPDX-License-Identifier: Apache-2.0
// What the registry holds.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <reseal/key.h>

#include "base/epoch.h"
#include "base/key_id.h"
#include "base/secret.h"
#include "base/serial_number.h"

namespace reseal::keyring {

// Identifies a certificate in the registry: the SHA-256 of its DER bytes, or serial_id() of its serial number, which
// begins with zeros unlike any SHA-256.
using Fingerprint = std::array<std::uint8_t, 32>;
using MasterKey = Secret<32>;  // what the registry's secrets are sealed under
using MasterSecret = Secret<RESEAL_MASTER_SIZE>;
using SealedSecret = std::array<std::uint8_t, 24 + RESEAL_MASTER_SIZE + 16>;  // nonce, ciphertext, tag

// `serial`: big-endian, 1 to serial_number_most bytes. Leading zeros do not count.
inline Fingerprint serial_id(std::span<const std::uint8_t> serial) {
    Fingerprint out{};
    std::ranges::copy(serial, out.end() - static_cast<std::ptrdiff_t>(serial.size()));
    return out;
}
inline bool is_serial(const Fingerprint& id) {
    return std::all_of(id.begin(), id.end() - serial_number_most, [](std::uint8_t byte) { return byte == 0; });
}

// One key generation.
struct Key {
    KeyId id{};
    std::uint32_t generation = 1;
    std::uint8_t algorithm = RESEAL_AES_CCM_16_128_128;
    bool retired = false;   // no longer accepted
    std::int64_t ends = 0;  // seconds since 1970: refused and wiped from then on; 0: never by itself
    // For a generation sent over the air, sealed under an earlier one: earlier generations end this many seconds after
    // its first use. 0: brought by hand.
    std::int64_t overlap = 0;
    SealedSecret secret{};
};

struct Certificate {
    Fingerprint fingerprint{};
    bool revoked = false;
};

// One principal as the registry stores it.
struct PrincipalRecord {
    std::string id;
    std::vector<std::string> roles;
    std::string owner;  // who is responsible for it; empty: nobody was named
    bool revoked = false;
    bool decommissioned = false;  // revoked, and its keys are destroyed
    bool storage = false;         // the broker's own storage key: no certificate, never exported
    std::vector<Certificate> certificates;
    std::vector<Key> keys;  // newest first
};

// Identifies a replay file, whatever its path. Random.
using ReplayFileId = std::array<std::uint8_t, 16>;

// What the registry knows of the state folder of a broker that uses it.
struct StateRecord {
    ReplayFileId file{};           // the id of its replay file
    std::uint64_t generation = 0;  // of the replay file; an older one is refused
    EpochNumber epoch = 0;         // its epoch file has reserved up to this, or more
};

}  // namespace reseal::keyring
