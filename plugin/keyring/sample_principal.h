// SPDX-License-Identifier: Apache-2.0
// For tests: principals with one certificate and one key, all different.
#pragma once

#include <algorithm>
#include <string>

#include "keyring/seal.h"

namespace reseal::keyring {

inline MasterKey sample_master_key() {
    MasterKey out;
    std::fill(out.expose().begin(), out.expose().end(), std::uint8_t{0x6b});
    return out;
}

inline Fingerprint sample_fingerprint(int number) {
    Fingerprint out{};
    for (std::size_t at = 0; at < sizeof number; ++at) {
        out[at] = static_cast<std::uint8_t>(static_cast<unsigned>(number) >> (8 * at));
    }
    out[31] = 0xf1;
    return out;
}

inline KeyId sample_key_id(int number) {
    KeyId out{};
    std::copy_n(sample_fingerprint(number).begin(), 4, out.begin());
    out[6] = 0x1d;
    return out;
}

inline Key sample_key(const std::string& principal, int number) {
    MasterSecret secret;
    std::fill(secret.expose().begin(), secret.expose().end(), static_cast<std::uint8_t>(number));
    Key key;
    key.id = sample_key_id(number);
    key.secret = seal(sample_master_key(), principal, key.id, key.algorithm, secret);
    return key;
}

inline PrincipalRecord sample_principal(const std::string& id, int number) {
    PrincipalRecord out;
    out.id = id;
    out.roles = {"device", "probe"};
    out.certificates = {{sample_fingerprint(number), false}};
    out.keys = {sample_key(id, number)};
    return out;
}

}  // namespace reseal::keyring
