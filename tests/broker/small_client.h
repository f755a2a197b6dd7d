// SPDX-License-Identifier: Apache-2.0
// A client with the TLS of a small device: mbedTLS 1.2 with the suites that reseal/pico has, and the session of the
// example for the Pico.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/ssl.h>

#include "harness/site.h"
#include "lwip/tls_session.h"
#include "mqtt/packet.h"

namespace harness {

struct Connected {
    int reason = -1;       // of CONNACK; -1: there was none
    bool resumed = false;  // without certificates and without a key exchange
    bool secure = false;   // the handshake succeeded
    int up = 0;            // bytes of the handshake, to the broker
    int down = 0;
};

class SmallClient {
  public:
    // Proves itself with the certificate of `id`, in `folder`, or its own if that is empty.
    static std::unique_ptr<SmallClient> with_certificate(const Site& site, const std::string& id,
                                                         const std::string& folder = {});
    // Under the pre-shared key of `id`, as the site has it now.
    static std::unique_ptr<SmallClient> with_psk(const Site& site, const std::string& id);
    ~SmallClient();
    SmallClient(const SmallClient&) = delete;
    SmallClient& operator=(const SmallClient&) = delete;

    // Offers the session that it remembers, sends CONNECT (MQTT 5), and takes the answer. Remembers the session if the
    // broker accepts. The connection ends at the next call. Throws std::runtime_error if nobody listens.
    Connected connect(std::uint16_t port, const mqtt::Connect& connect);

    // The device's key is another one now: takes what the site has.
    void take_key(const Site& site) { credentials_ = site.credentials(credentials_.principal); }

    // What a thief of the session would have, too: it is offered again, however the broker answered.
    void insist() { insists_ = true; }

  private:
    SmallClient(const Site& site, const std::string& id);
    static int put(void* self, const unsigned char* data, std::size_t size);
    static int take(void* self, unsigned char* out, std::size_t size);
    void open(std::uint16_t port);
    void close();
    void shake_hands(Connected& out);
    int exchange(const mqtt::Connect& connect);

    reseal_credentials credentials_;
    mbedtls_entropy_context entropy_{};
    mbedtls_ctr_drbg_context random_{};
    mbedtls_ssl_config config_{};
    mbedtls_x509_crt ca_{};
    mbedtls_x509_crt own_{};
    mbedtls_pk_context key_{};
    mbedtls_ssl_context ssl_{};
    tls_session session_{};
    bool insists_ = false;
    int socket_ = -1;
    int up_ = 0;
    int down_ = 0;
};

}  // namespace harness
