// SPDX-License-Identifier: Apache-2.0
// A connection to a broker on loopback: TCP, and over it TLS or a WebSocket (RFC 6455).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <openssl/types.h>

#include "mqtt/packet.h"

namespace mqtt {

enum class Transport : std::uint8_t { tcp, websocket };

// PEM files: the CA of the broker's certificate, and the client's own.
struct Tls {
    std::string ca;
    std::string certificate;
    std::string key;
};

class Stream {
  public:
    // Throws std::runtime_error if nobody listens.
    Stream(std::uint16_t port, Transport transport);
    // The same, and if TLS fails.
    Stream(std::uint16_t port, const Tls& tls);
    ~Stream() { close(); }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    void write(const Bytes& bytes);
    // Appends what comes within `limit` to `to`. False after the limit, or at the connection's end (see open()).
    bool read(Bytes& to, std::chrono::milliseconds limit);
    // Ends it like a network failure.
    void close();
    [[nodiscard]] bool open() const { return socket_ >= 0; }

  private:
    void upgrade();
    void write_all(const Bytes& bytes);
    bool read_some(Bytes& to, std::chrono::milliseconds limit);
    bool unwrap(Bytes& to);

    struct Free {
        void operator()(SSL* tls) const;
    };

    int socket_ = -1;
    std::unique_ptr<SSL, Free> tls_;
    Transport transport_;
    Bytes framed_;
};

}  // namespace mqtt
