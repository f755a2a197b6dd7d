// SPDX-License-Identifier: Apache-2.0
#include "small_client.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include <arpa/inet.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/version.h>
#include <netinet/in.h>
#include <reseal/psk.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace harness {

namespace {

void must(int result, const char* what) {
    if (result != 0) {
        throw std::runtime_error(std::string("mbedTLS: ") + what + ": " + std::to_string(result));
    }
}

// mbedTLS's order of those that the Pico has. The broker's OpenSSL chooses by its own.
constexpr std::array<int, 7> suites{MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
                                    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                                    MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CCM,
                                    MBEDTLS_TLS_PSK_WITH_CHACHA20_POLY1305_SHA256,
                                    MBEDTLS_TLS_PSK_WITH_AES_128_GCM_SHA256,
                                    MBEDTLS_TLS_PSK_WITH_AES_128_CCM,
                                    0};

void read_key(mbedtls_pk_context& key, const std::string& path, mbedtls_ctr_drbg_context& random) {
#if MBEDTLS_VERSION_MAJOR >= 3
    must(mbedtls_pk_parse_keyfile(&key, path.c_str(), nullptr, mbedtls_ctr_drbg_random, &random), path.c_str());
#else
    static_cast<void>(random);
    must(mbedtls_pk_parse_keyfile(&key, path.c_str(), nullptr), path.c_str());
#endif
}

}  // namespace

SmallClient::SmallClient(const Site& site, const std::string& id) : credentials_(site.credentials(id)) {
    mbedtls_entropy_init(&entropy_);
    mbedtls_ctr_drbg_init(&random_);
    mbedtls_ssl_config_init(&config_);
    mbedtls_x509_crt_init(&ca_);
    mbedtls_x509_crt_init(&own_);
    mbedtls_pk_init(&key_);
    mbedtls_ssl_init(&ssl_);
    must(mbedtls_ctr_drbg_seed(&random_, mbedtls_entropy_func, &entropy_, nullptr, 0), "random");
    must(mbedtls_ssl_config_defaults(&config_, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                     MBEDTLS_SSL_PRESET_DEFAULT),
         "defaults");
    mbedtls_ssl_conf_rng(&config_, mbedtls_ctr_drbg_random, &random_);
    mbedtls_ssl_conf_ciphersuites(&config_, suites.data());
    mbedtls_ssl_conf_max_version(&config_, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
    mbedtls_ssl_conf_min_version(&config_, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
}

std::unique_ptr<SmallClient> SmallClient::with_certificate(const Site& site, const std::string& id,
                                                           const std::string& folder) {
    std::unique_ptr<SmallClient> out(new SmallClient(site, id));
    const std::string base = (folder.empty() ? site.path("principals/" + id) : folder) + "/" + id;
    must(mbedtls_x509_crt_parse_file(&out->ca_, site.ca().c_str()), "ca.crt");
    must(mbedtls_x509_crt_parse_file(&out->own_, (base + ".crt").c_str()), "certificate");
    read_key(out->key_, base + ".key", out->random_);
    mbedtls_ssl_conf_ca_chain(&out->config_, &out->ca_, nullptr);
    must(mbedtls_ssl_conf_own_cert(&out->config_, &out->own_, &out->key_), "own certificate");
    return out;
}

std::unique_ptr<SmallClient> SmallClient::with_psk(const Site& site, const std::string& id) {
    std::unique_ptr<SmallClient> out(new SmallClient(site, id));
    reseal_psk psk{};
    if (reseal_psk_derive(reseal_crypto_openssl(), &out->credentials_, &psk) != RESEAL_OK) {
        throw std::runtime_error("no key for " + id);
    }
    const std::string identity = psk.identity;
    must(mbedtls_ssl_conf_psk(&out->config_, psk.key, sizeof psk.key,
                              reinterpret_cast<const unsigned char*>(identity.data()), identity.size()),
         "key");
    return out;
}

SmallClient::~SmallClient() {
    close();
    tls_session_forget(&session_);
    mbedtls_ssl_free(&ssl_);
    mbedtls_pk_free(&key_);
    mbedtls_x509_crt_free(&own_);
    mbedtls_x509_crt_free(&ca_);
    mbedtls_ssl_config_free(&config_);
    mbedtls_ctr_drbg_free(&random_);
    mbedtls_entropy_free(&entropy_);
}

void SmallClient::close() {
    if (socket_ >= 0) {
        ::close(socket_);
    }
    socket_ = -1;
}

void SmallClient::open(std::uint16_t port) {
    close();
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    const timeval limit{patience.count() / 1000, 0};
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error("nobody listens");
    }
}

int SmallClient::put(void* self, const unsigned char* data, std::size_t size) {
    auto& client = *static_cast<SmallClient*>(self);
    const auto sent = static_cast<int>(::send(client.socket_, data, size, MSG_NOSIGNAL));
    client.up_ += std::max(sent, 0);
    return sent;
}

int SmallClient::take(void* self, unsigned char* out, std::size_t size) {
    auto& client = *static_cast<SmallClient*>(self);
    const auto taken = static_cast<int>(::recv(client.socket_, out, size, 0));
    client.down_ += std::max(taken, 0);
    return taken;
}

void SmallClient::shake_hands(Connected& out) {
    bool key_exchange = false;
    int result = 0;
    while (result == 0 && ssl_.state != MBEDTLS_SSL_HANDSHAKE_OVER) {
        key_exchange = key_exchange || ssl_.state == MBEDTLS_SSL_CLIENT_KEY_EXCHANGE;
        result = mbedtls_ssl_handshake_step(&ssl_);
    }
    out.secure = result == 0;
    out.resumed = out.secure && !key_exchange;
}

int SmallClient::exchange(const mqtt::Connect& connect) {
    const mqtt::Bytes packet = mqtt::encode(connect);
    mbedtls_ssl_write(&ssl_, packet.data(), packet.size());
    mqtt::Bytes answer;
    std::array<unsigned char, 256> part{};
    for (;;) {
        std::size_t at = 0;
        if (const auto whole = mqtt::next_packet(answer, at)) {
            return whole->type == mqtt::Type::connack ? whole->body.at(1) : -1;
        }
        const int size = mbedtls_ssl_read(&ssl_, part.data(), part.size());
        if (size <= 0) {
            return -1;
        }
        answer.insert(answer.end(), part.begin(), part.begin() + size);
    }
}

Connected SmallClient::connect(std::uint16_t port, const mqtt::Connect& connect) {
    open(port);
    mbedtls_ssl_free(&ssl_);
    mbedtls_ssl_init(&ssl_);
    must(mbedtls_ssl_setup(&ssl_, &config_), "setup");
    must(mbedtls_ssl_set_hostname(&ssl_, "localhost"), "name");
    up_ = down_ = 0;
    mbedtls_ssl_set_bio(&ssl_, this, put, take, nullptr);
    tls_session_resume(&session_, &ssl_, credentials_.key_id);
    Connected out;
    shake_hands(out);
    out.up = up_;
    out.down = down_;
    out.reason = out.secure ? exchange(connect) : -1;
    if (out.reason == 0 || (insists_ && out.secure)) {
        tls_session_keep(&session_, &ssl_, credentials_.key_id);
    }
    return out;
}

}  // namespace harness
