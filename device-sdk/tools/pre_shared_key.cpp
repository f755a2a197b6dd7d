#include "tools/pre_shared_key.h"

#include <mosquitto.h>

#include <array>
#include <cstdio>
#include <string>

#include "tools/failure.h"

namespace reseal::tools {

PreSharedKey::PreSharedKey(const reseal_credentials &credentials) {
    if (const reseal_status status = reseal_psk_derive(reseal_crypto_openssl(), &credentials, &value_);
        status != RESEAL_OK) {
        throw Failure(std::string("no pre-shared key: ") + reseal_status_text(status));
    }
}

int PreSharedKey::use_for(mosquitto *client) const {
    std::array<char, 2 * RESEAL_PSK_SIZE + 1> hex{};
    for (std::size_t i = 0; i < RESEAL_PSK_SIZE; ++i) {
        (void)std::snprintf(&hex.at(2 * i), 3, "%02x", static_cast<unsigned>(value_.key[i]));
    }
    const int result = mosquitto_tls_psk_set(client, hex.data(), value_.identity, nullptr);
    reseal_wipe(hex.data(), hex.size());
    return result;
}

}  // namespace reseal::tools
