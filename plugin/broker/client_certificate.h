// SPDX-License-Identifier: Apache-2.0
// The certificate that a client presents.
#pragma once

#include <ctime>
#include <optional>

#include "broker/broker.h"
#include "engine/values.h"
#include "identity/verifier.h"

namespace reseal::broker {

// The certificate of the client's TLS connection. Nothing without TLS, without a certificate, or if it cannot be read.
// `verifier` checks its chain and name, as of `now`.
std::optional<engine::PeerCertificate> certificate_of(const mosquitto* client, const identity::Verifier& verifier,
                                                      std::time_t now);

// Is the client connected over TLS, with a certificate?
bool has_certificate(const mosquitto* client);

}  // namespace reseal::broker
