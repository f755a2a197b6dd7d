// The certificate that a client shows.
#pragma once

#include <ctime>
#include <optional>

#include "broker/broker.h"
#include "engine/values.h"
#include "identity/verifier.h"

namespace reseal::broker {

// The certificate of the client's TLS connection; nothing without TLS, without a certificate, or if it cannot be read.
// Its chain and name are judged by `verifier`, as of `now`.
std::optional<engine::PeerCertificate> certificate_of(const mosquitto* client, const identity::Verifier& verifier,
                                                      std::time_t now);

// Is the client connected over TLS, with a certificate?
bool has_certificate(const mosquitto* client);

}  // namespace reseal::broker
