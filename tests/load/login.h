// SPDX-License-Identifier: Apache-2.0
// How many raw clients log in: with a sealed CONNECT on a named loopback listener.
#pragma once

#include <string>

#include "harness/site.h"
#include "mqtt/packet.h"

namespace load {

// `session_seconds`: how long the session outlives the connection; with MQTT 3.1.1, whether it does at all.
inline mqtt::Connect login(harness::Device& device, const std::string& principal, const std::string& client_id,
                           int version, std::uint32_t session_seconds) {
    mqtt::Connect out{.version = version, .client_id = client_id};
    out.clean = session_seconds == 0;
    out.username = principal;
    out.password = device.proof(client_id);
    if (version == mqtt::v5) {
        out.properties = {{.id = mqtt::Id::session_expiry, .number = session_seconds}};
    }
    return out;
}

inline std::string as_text(const harness::Bytes& bytes) {
    return {bytes.begin(), bytes.end()};
}

}  // namespace load
