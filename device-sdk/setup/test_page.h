// SPDX-License-Identifier: Apache-2.0
// The page's side of the exchange, implemented from docs/setup-mode.md, and a device in memory to talk to.
#pragma once

#include <memory>
#include <optional>

#include <reseal/setup.h>

#include "setup/test_settings.h"

namespace reseal::test {

inline constexpr std::string_view kPageText = "<p>page</p>\n";

// The beginning of a gzip file: its header, and the text in one uncompressed block that is not the last.
inline Bytes gzip_beginning() {
    using namespace std::string_view_literals;
    const std::string made = std::string("\x1F\x8B\x08\0\0\0\0\0\0\x03\0\x0C\0\xF3\xFF"sv).append(kPageText);
    return {made.begin(), made.end()};
}

inline reseal_pairing pairing() {
    reseal_pairing made{};
    for (std::uint8_t i = 0; i < RESEAL_PAIRING_SIZE; i++) {
        made.secret[i] = static_cast<std::uint8_t>(0xA0 + 7 * i);
    }
    return made;
}

// A device in configuration mode that keeps what it stored.
struct SetupDevice {
    explicit SetupDevice(const reseal_settings& settings = {}) {
        const reseal_setup_port port{reseal_crypto_openssl(), random.port(), &page, this, store};
        const reseal_pairing code = pairing();
        opened = reseal_setup_open(setup.get(), &code, &settings, &port);
    }
    ~SetupDevice() { reseal_setup_close(setup.get()); }
    SetupDevice(const SetupDevice&) = delete;
    SetupDevice& operator=(const SetupDevice&) = delete;
    SetupDevice(SetupDevice&&) = delete;
    SetupDevice& operator=(SetupDevice&&) = delete;

    static bool store(void *context, reseal_bytes form) {
        auto& self = *static_cast<SetupDevice *>(context);
        if (!self.store_fails) {
            self.stored = Bytes(form.data, form.data + form.size);
        }
        return !self.store_fails;
    }

    // Feeds bytes from a connection; returns the answer, if there is one.
    std::optional<std::string> feed(const void *client, std::string_view bytes) {
        reseal_setup_answer answer{};
        if (reseal_setup_feed(setup.get(), client, view(bytes), &answer) != RESEAL_SETUP_ANSWER) {
            return std::nullopt;
        }
        return text_of(answer);
    }
    static std::string text_of(const reseal_setup_answer& answer) {
        std::string text;
        for (const reseal_bytes& part : answer.parts) {
            text.append(reinterpret_cast<const char *>(part.data), part.size);
        }
        return text;
    }
    // A whole connection: one request, its answer.
    std::string ask(std::string_view request) {
        const int connection = 0;
        const std::string answer = feed(&connection, request).value_or("nothing");
        reseal_setup_end(setup.get(), &connection);
        return answer;
    }
    [[nodiscard]] reseal_setup_state state() const { return reseal_setup_state_of(setup.get()); }

    Bytes gzip = gzip_beginning();
    // The CRC-32 of kPageText.
    reseal_setup_page page{view(std::string_view("HTTP/1.1 200 OK\r\n\r\n")), view(gzip), 0x7145A23C,
                           static_cast<std::uint32_t>(kPageText.size())};
    CountingRandom random;
    bool store_fails = false;
    std::optional<Bytes> stored;
    std::unique_ptr<reseal_setup> setup = std::make_unique<reseal_setup>();
    reseal_status opened = RESEAL_CLOSED;
};

inline std::string get(std::string_view path = "/") {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: 192.168.4.1\r\n\r\n";
}

inline std::string post(std::string_view body) {
    return "POST /settings HTTP/1.1\r\nHost: 192.168.4.1\r\nContent-Type: "
           "application/octet-stream\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

inline std::string body_of(const std::string& answer) {
    return answer.substr(answer.find("\r\n\r\n") + 4);
}

inline int status_of(const std::string& answer) {
    return answer.rfind("HTTP/1.1 ", 0) == 0 ? std::stoi(answer.substr(9, 3)) : 0;
}

// One exchange as the page makes it.
class PageExchange {
  public:
    PageExchange(const std::string& challenge, const reseal_pairing& code,
                 const std::string& nonce = "page's own nonce")
        : salt_(challenge + nonce), code_(code) {}

    // The body of a request; `kind` 1 reads, 2 changes.
    [[nodiscard]] std::string request(int kind, const Bytes& form) const {
        std::string content(3, static_cast<char>(kind));
        content[1] = static_cast<char>(form.size() >> 8U);
        content[2] = static_cast<char>(form.size() & 0xFFU);
        content.append(form.begin(), form.end());
        content.resize((content.size() + 511) / 512 * 512);
        return request_of(content);
    }
    [[nodiscard]] std::string request_of(const std::string& content) const {
        std::string sealed(content.size() + RESEAL_TAG_SIZE, '\0');
        reseal_aead aead = key("reseal-setup-1 request", RESEAL_USE_SEAL);
        aead.crypto->seal(&aead, kNonce.data(), view(salt_), view(content),
                          reinterpret_cast<std::uint8_t *>(sealed.data()));
        aead.crypto->wipe(&aead);
        return salt_ + sealed;
    }
    // The content of a sealed answer, without padding; nothing if it was not sealed for this exchange.
    [[nodiscard]] std::optional<std::string> open(const std::string& answer) const {
        const std::string_view sealed = std::string_view(answer).substr(18);
        std::string content(sealed.size() - RESEAL_TAG_SIZE, '\0');
        reseal_aead aead = key("reseal-setup-1 answer", RESEAL_USE_OPEN);
        const reseal_status status =
            aead.crypto->open(&aead, kNonce.data(), view(std::string_view(answer).substr(0, 18)), view(sealed),
                              reinterpret_cast<std::uint8_t *>(content.data()));
        aead.crypto->wipe(&aead);
        if (status != RESEAL_OK) {
            return std::nullopt;
        }
        const auto size = static_cast<std::size_t>(static_cast<std::uint8_t>(content[2]));
        return content.substr(0, 1) + content.substr(3, size);
    }

  private:
    [[nodiscard]] reseal_aead key(std::string_view label, reseal_use use) const {
        std::array<std::uint8_t, 32> bytes{};
        reseal_aead aead{};
        const reseal_crypto *crypto = reseal_crypto_openssl();
        crypto->hkdf_sha256(view(salt_), {code_.secret, RESEAL_PAIRING_SIZE}, view(label), bytes.data(), bytes.size());
        crypto->init(&aead, RESEAL_CHACHA20_POLY1305, use, bytes.data());
        return aead;
    }

    static constexpr std::array<std::uint8_t, 12> kNonce{};
    std::string salt_;
    reseal_pairing code_;
};

// The challenge that a page carries.
inline std::string challenge_of(const std::string& page) {
    const std::string_view before = "value=\"";
    const std::size_t at = page.find(before) + before.size();
    std::string challenge;
    for (std::size_t i = 0; i < 32; i += 2) {
        challenge.push_back(static_cast<char>(std::stoi(page.substr(at + i, 2), nullptr, 16)));
    }
    return challenge;
}

}  // namespace reseal::test
