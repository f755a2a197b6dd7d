// SPDX-License-Identifier: Apache-2.0
// A connection to the broker that never waits: TCP, and over it TLS.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include <openssl/types.h>
#include <sys/socket.h>

#include "mqtt/packet.h"
#include "tools/file.h"

namespace bench {

// Where the broker listens.
struct Address {
    std::string host;
    int port = 0;
    sockaddr_storage socket{};
    socklen_t size = 0;
};

// As people write it: "127.0.0.1:8883".
std::string text_of(const Address& address);

// Throws Failure.
Address resolve(const std::string& host, int port);

// What all TLS connections share: the authority that must have issued the broker's certificate.
class TlsContext {
  public:
    // `ca`: PEM file. Throws Failure.
    explicit TlsContext(const std::string& ca);
    [[nodiscard]] SSL_CTX* get() const { return context_.get(); }

  private:
    struct Free {
        void operator()(SSL_CTX* context) const;
    };
    std::unique_ptr<SSL_CTX, Free> context_;
};

// PEM files of one client.
struct Identity {
    std::string certificate;
    std::string key;
};

class Link {
  public:
    // Starts connecting. Throws Failure, as each of these does when the connection fails.
    explicit Link(const Address& address);
    // The same over TLS. `context` outlives it.
    Link(const Address& address, const TlsContext& context, const Identity& identity);

    // The bytes that flush() writes as far as the socket takes them; append to it.
    mqtt::Bytes& outgoing() { return out_; }
    void flush();
    // Bytes that the socket has not taken.
    [[nodiscard]] std::size_t unsent() const { return out_.size() - written_; }

    // Reads some of what has arrived. False if nothing had.
    bool receive();
    // What was read and not consumed yet.
    [[nodiscard]] const mqtt::Bytes& received() const { return in_; }
    void consume(std::size_t size);

    [[nodiscard]] int socket() const { return socket_.get(); }
    [[nodiscard]] const std::string& peer() const { return peer_; }
    // Watch the socket for writing, besides reading, as long as this is true.
    [[nodiscard]] bool wants_write() const { return wants_write_; }

  private:
    struct Free {
        void operator()(SSL* tls) const;
    };

    // The number of bytes; 0 if the socket is not ready.
    std::size_t write_some(std::span<const std::uint8_t> bytes);
    std::size_t read_some(std::span<std::uint8_t> to);
    std::size_t not_ready(int result);

    std::string peer_;
    reseal::tools::Descriptor socket_;
    std::unique_ptr<SSL, Free> tls_;
    mqtt::Bytes in_;
    mqtt::Bytes out_;
    std::size_t written_ = 0;  // of out_
    bool wants_write_ = true;  // until it is connected
};

}  // namespace bench
