// A connection to a broker on loopback: TCP, or a WebSocket (RFC 6455) over it.
#pragma once

#include <chrono>
#include <cstdint>

#include "mqtt/packet.h"

namespace mqtt {

enum class Transport : std::uint8_t { tcp, websocket };

class Stream {
  public:
    // Throws std::runtime_error if nobody listens.
    Stream(std::uint16_t port, Transport transport);
    ~Stream() { close(); }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    void write(const Bytes& bytes);
    // Appends what comes within `limit` to `to`. False after the limit, or at the connection's end (see open()).
    bool read(Bytes& to, std::chrono::milliseconds limit);
    // Ends it as a lost network does.
    void close();
    [[nodiscard]] bool open() const { return socket_ >= 0; }

  private:
    void upgrade();
    void write_all(const Bytes& bytes);
    bool read_some(Bytes& to, std::chrono::milliseconds limit);
    bool unwrap(Bytes& to);

    int socket_ = -1;
    Transport transport_;
    Bytes framed_;
};

}  // namespace mqtt
