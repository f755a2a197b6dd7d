// SPDX-License-Identifier: Apache-2.0
#include "mqtt/stream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>
#include <string>

#include <openssl/ssl.h>

namespace mqtt {

namespace {

constexpr std::chrono::milliseconds handshake_patience{10000};
constexpr std::size_t frame_most = 65535;

int connected_socket(std::uint16_t port) {
    const int out = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (out < 0 || connect(out, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error("nobody listens on port " + std::to_string(port));
    }
    const int on = 1;
    setsockopt(out, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return out;
}

SSL* tls_on(int socket, const Tls& files) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_clear_mode(context.get(), SSL_MODE_AUTO_RETRY);  // do not wait after a session ticket
    if (SSL_CTX_load_verify_file(context.get(), files.ca.c_str()) != 1 ||
        SSL_CTX_use_certificate_file(context.get(), files.certificate.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
        throw std::runtime_error("TLS: cannot use " + files.certificate);
    }
    SSL* out = SSL_new(context.get());
    if (out == nullptr || SSL_set_fd(out, socket) != 1 || SSL_connect(out) != 1) {
        SSL_free(out);
        throw std::runtime_error("TLS: no handshake");
    }
    return out;
}

// A binary frame of a client; a mask of zeros leaves the bytes as they are (RFC 6455, 5.3).
Bytes frame(const Bytes& bytes) {
    Bytes out{0x82};
    if (bytes.size() < 126) {
        out.push_back(static_cast<std::uint8_t>(0x80U | bytes.size()));
    } else {
        out.push_back(0x80U | 126U);
        out.push_back(static_cast<std::uint8_t>(bytes.size() >> 8U));
        out.push_back(static_cast<std::uint8_t>(bytes.size() & 0xffU));
    }
    out.insert(out.end(), 4, 0);
    out.insert(out.end(), bytes.begin(), bytes.end());
    return out;
}

}  // namespace

Stream::Stream(std::uint16_t port, Transport transport) : socket_(connected_socket(port)), transport_(transport) {
    if (transport_ == Transport::websocket) {
        upgrade();
    }
}

Stream::Stream(std::uint16_t port, const Tls& tls) : Stream(port, Transport::tcp) {
    (void)std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
    tls_.reset(tls_on(socket_, tls));
}

void Stream::Free::operator()(SSL* tls) const {
    SSL_free(tls);
}

void Stream::upgrade() {
    const std::string request =
        "GET /mqtt HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: mqtt\r\n\r\n";
    write_all({request.begin(), request.end()});
    std::string answer;
    while (answer.find("\r\n\r\n") == std::string::npos) {
        Bytes some;
        if (!read_some(some, handshake_patience)) {
            throw std::runtime_error("no WebSocket: " + answer);
        }
        answer.append(some.begin(), some.end());
    }
    if (!answer.starts_with("HTTP/1.1 101")) {
        throw std::runtime_error("no WebSocket: " + answer);
    }
    const std::string rest = answer.substr(answer.find("\r\n\r\n") + 4);
    framed_.assign(rest.begin(), rest.end());
}

void Stream::write(const Bytes& bytes) {
    if (transport_ == Transport::tcp) {
        return write_all(bytes);
    }
    for (std::size_t at = 0; at < bytes.size(); at += frame_most) {
        const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(at);
        const auto size = std::min(frame_most, bytes.size() - at);
        write_all(frame(Bytes(from, from + static_cast<std::ptrdiff_t>(size))));
    }
}

void Stream::write_all(const Bytes& bytes) {
    for (std::size_t at = 0; open() && at < bytes.size();) {
        const std::size_t size = bytes.size() - at;
        const ssize_t sent = tls_ ? SSL_write(tls_.get(), bytes.data() + at, static_cast<int>(size))
                                  : send(socket_, bytes.data() + at, size, MSG_NOSIGNAL);
        if (sent <= 0) {
            return close();
        }
        at += static_cast<std::size_t>(sent);
    }
}

bool Stream::read(Bytes& to, std::chrono::milliseconds limit) {
    if (transport_ == Transport::tcp) {
        return read_some(to, limit);
    }
    while (!unwrap(to)) {
        if (!read_some(framed_, limit)) {
            return false;
        }
    }
    return true;
}

bool Stream::read_some(Bytes& to, std::chrono::milliseconds limit) {
    pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
    const bool here = tls_ && SSL_pending(tls_.get()) > 0;
    if (!open() || (!here && poll(&waiting, 1, static_cast<int>(limit.count())) <= 0)) {
        return false;
    }
    std::array<std::uint8_t, 65536> some;
    const ssize_t size = tls_ ? SSL_read(tls_.get(), some.data(), static_cast<int>(some.size()))
                              : recv(socket_, some.data(), some.size(), 0);
    if (tls_ && size <= 0 && SSL_get_error(tls_.get(), static_cast<int>(size)) == SSL_ERROR_WANT_READ) {
        return false;
    }
    if (size <= 0) {
        close();
        return false;
    }
    to.insert(to.end(), some.begin(), some.begin() + size);
    return true;
}

// Takes one frame of the broker, which is not masked, out of framed_.
bool Stream::unwrap(Bytes& to) {
    if (framed_.size() < 2) {
        return false;
    }
    std::size_t from = 2;
    std::size_t size = framed_[1] & 127U;
    if (size >= 126) {
        const std::size_t bytes = size == 126 ? 2 : 8;
        if (framed_.size() < from + bytes) {
            return false;
        }
        size = 0;
        for (std::size_t i = 0; i < bytes; ++i) {
            size = size << 8U | framed_[from++];
        }
    }
    if (framed_.size() < from + size) {
        return false;
    }
    const bool closing = (framed_[0] & 15U) == 8;
    const auto payload = framed_.begin() + static_cast<std::ptrdiff_t>(from);
    const auto end = payload + static_cast<std::ptrdiff_t>(size);
    if (!closing) {
        to.insert(to.end(), payload, end);
    }
    framed_.erase(framed_.begin(), end);
    if (closing) {
        close();
    }
    return true;
}

void Stream::close() {
    tls_.reset();
    if (open()) {
        ::close(socket_);
        socket_ = -1;
    }
}

}  // namespace mqtt
