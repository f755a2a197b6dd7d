// SPDX-License-Identifier: Apache-2.0
#include "tools/pre_shared_key.h"

#include <mosquitto.h>

#include <string>

#include "tools/hex.h"

namespace reseal::tools {

Checked<PreSharedKey> PreSharedKey::derive(const reseal_credentials& credentials) {
    PreSharedKey out;
    const reseal_status status = reseal_psk_derive(reseal_crypto_openssl(), &credentials, &out.value_);
    if (status != RESEAL_OK) {
        return Fault{"no pre-shared key", reseal_status_text(status)};
    }
    return out;
}

int PreSharedKey::use_for(mosquitto* client) const {
    std::string key = hex(value_.key);
    const int result = mosquitto_tls_psk_set(client, key.c_str(), value_.identity, nullptr);
    reseal_wipe(key.data(), key.size());
    return result;
}

}  // namespace reseal::tools
