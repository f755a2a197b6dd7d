#include "tools/pre_shared_key.h"

#include <mosquitto.h>

#include <string>

#include "tools/failure.h"
#include "tools/hex.h"

namespace reseal::tools {

PreSharedKey::PreSharedKey(const reseal_credentials& credentials) {
    if (const reseal_status status = reseal_psk_derive(reseal_crypto_openssl(), &credentials, &value_);
        status != RESEAL_OK) {
        throw Failure(std::string("no pre-shared key: ") + reseal_status_text(status));
    }
}

int PreSharedKey::use_for(mosquitto* client) const {
    std::string key = hex(value_.key);
    const int result = mosquitto_tls_psk_set(client, key.c_str(), value_.identity, nullptr);
    reseal_wipe(key.data(), key.size());
    return result;
}

}  // namespace reseal::tools
