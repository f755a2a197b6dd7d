// SPDX-License-Identifier: Apache-2.0
#include "bench/link.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "bench/failure.h"

namespace bench {
namespace {

std::string tls_reason() {
    const unsigned long error = ERR_peek_last_error();
    const char* const text = ERR_reason_error_string(error);
    ERR_clear_error();
    return text == nullptr ? "the connection broke" : text;
}

int begin_to_connect(const Address& address) {
    const int out = socket(address.socket.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (out < 0) {
        throw Failure(std::string("no socket: ") + std::strerror(errno));
    }
    const int on = 1;
    setsockopt(out, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(out, reinterpret_cast<const sockaddr*>(&address.socket), address.size) != 0 && errno != EINPROGRESS) {
        throw Failure(text_of(address) + ": cannot connect: " + std::strerror(errno));
    }
    return out;
}

void use_identity(SSL* tls, const Identity& identity) {
    if (SSL_use_certificate_file(tls, identity.certificate.c_str(), SSL_FILETYPE_PEM) != 1) {
        throw Failure(identity.certificate + ": not a certificate that can be used: " + tls_reason());
    }
    if (SSL_use_PrivateKey_file(tls, identity.key.c_str(), SSL_FILETYPE_PEM) != 1) {
        throw Failure(identity.key + ": not the key of " + identity.certificate + ": " + tls_reason());
    }
}

}  // namespace

std::string text_of(const Address& address) {
    return address.host + ":" + std::to_string(address.port);
}

Address resolve(const std::string& host, int port) {
    const addrinfo wanted{.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    addrinfo* found = nullptr;
    if (const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &wanted, &found); error != 0) {
        throw Failure("--host " + host + ": " + gai_strerror(error));
    }
    Address out{.host = host, .port = port, .size = found->ai_addrlen};
    std::memcpy(&out.socket, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return out;
}

void TlsContext::Free::operator()(SSL_CTX* context) const {
    SSL_CTX_free(context);
}

TlsContext::TlsContext(const std::string& ca) : context_(SSL_CTX_new(TLS_client_method())) {
    if (SSL_CTX_load_verify_file(context_.get(), ca.c_str()) != 1) {
        throw Failure(ca + ": not a certificate of an authority: " + tls_reason());
    }
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_mode(context_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

void Link::Free::operator()(SSL* tls) const {
    SSL_free(tls);
}

Link::Link(const Address& address) : peer_(text_of(address)), socket_(begin_to_connect(address)) {}

Link::Link(const Address& address, const TlsContext& context, const Identity& identity) : Link(address) {
    tls_.reset(SSL_new(context.get()));
    use_identity(tls_.get(), identity);
    SSL_set1_host(tls_.get(), address.host.c_str());
    SSL_set_fd(tls_.get(), socket_.get());
    SSL_set_connect_state(tls_.get());
}

void Link::flush() {
    wants_write_ = false;
    while (unsent() > 0) {
        const std::size_t size = write_some(std::span(out_).subspan(written_));
        if (size == 0) {
            break;
        }
        written_ += size;
    }
    if (unsent() == 0 || written_ > out_.size() / 2) {
        out_.erase(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(written_));
        written_ = 0;
    }
}

bool Link::receive() {
    std::array<std::uint8_t, 65536> some;
    const std::size_t size = read_some(some);
    in_.insert(in_.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(size));
    return size > 0;
}

void Link::consume(std::size_t size) {
    in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(size));
}

std::size_t Link::write_some(std::span<const std::uint8_t> bytes) {
    if (tls_) {
        std::size_t size = 0;
        const int result = SSL_write_ex(tls_.get(), bytes.data(), bytes.size(), &size);
        return result == 1 ? size : not_ready(result);
    }
    const ssize_t size = send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size >= 0) {
        return static_cast<std::size_t>(size);
    }
    if (errno != EAGAIN) {
        throw Failure(std::string("the connection broke: ") + std::strerror(errno));
    }
    wants_write_ = true;
    return 0;
}

std::size_t Link::read_some(std::span<std::uint8_t> to) {
    if (tls_) {
        std::size_t size = 0;
        const int result = SSL_read_ex(tls_.get(), to.data(), to.size(), &size);
        return result == 1 ? size : not_ready(result);
    }
    const ssize_t size = recv(socket_.get(), to.data(), to.size(), 0);
    if (size == 0) {
        throw Failure("the broker closed the connection; its log says why");
    }
    if (size < 0 && errno != EAGAIN) {
        throw Failure(std::string("the connection broke: ") + std::strerror(errno));
    }
    return static_cast<std::size_t>(std::max<ssize_t>(size, 0));
}

std::size_t Link::not_ready(int result) {
    switch (SSL_get_error(tls_.get(), result)) {
        case SSL_ERROR_WANT_WRITE:
            wants_write_ = true;
            return 0;
        case SSL_ERROR_WANT_READ:
            return 0;
        case SSL_ERROR_ZERO_RETURN:
            throw Failure("the broker closed the connection; its log says why");
        default:
            throw Failure("TLS: " + tls_reason() + "; the broker's log may say more");
    }
}

}  // namespace bench
