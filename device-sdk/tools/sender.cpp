// SPDX-License-Identifier: Apache-2.0
#include "tools/sender.h"

namespace reseal::tools {
namespace {

reseal_bytes bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};  // NOLINT(*-reinterpret-cast)
}

}  // namespace

Checked<std::unique_ptr<Sender>> Sender::make(const Credentials& credentials, const std::string& state) {
    std::unique_ptr<Sender> out(new Sender(credentials.principal(), state));
    if (const auto status = reseal_posix_epochs_open(&out->epochs_, state.c_str()); status != RESEAL_OK) {
        return Fault{state, reseal_status_text(status)};
    }
    const reseal_epoch_store store = reseal_posix_epoch_store(&out->epochs_);
    const reseal_random random = reseal_posix_random();
    const reseal_status status = reseal_sender_open(&out->sender_, &credentials.expose(), RESEAL_UPLINK,
                                                    reseal_crypto_openssl(), &store, &random);
    if (status != RESEAL_OK) {
        return Fault{out->principal_, reseal_status_text(status)};
    }
    return out;
}

Sender::~Sender() {
    reseal_sender_close(&sender_);
    reseal_posix_epochs_close(&epochs_);
}

Checked<std::vector<std::uint8_t>> Sender::seal(const std::string& topic, std::string_view plaintext) {
    std::vector<std::uint8_t> memory(plaintext.size() + RESEAL_OVERHEAD_MAX);
    const auto sealed = seal_into(memory, topic, plaintext);
    if (!sealed) {
        return sealed.error();
    }
    memory.resize(sealed->size());
    return memory;
}

Checked<std::span<const std::uint8_t>> Sender::seal_into(std::span<std::uint8_t> memory, const std::string& topic,
                                                         std::string_view plaintext) {
    reseal_buffer out = {memory.data(), memory.size(), 0};
    const reseal_status status = reseal_sender_seal(&sender_, bytes_of(topic), bytes_of(plaintext), &out);
    if (status != RESEAL_OK) {
        return why_not_sealed(status, topic, plaintext.size());
    }
    return std::span<const std::uint8_t>(memory.first(out.size));
}

Fault Sender::why_not_sealed(reseal_status status, const std::string& topic, std::size_t size) const {
    if (status == RESEAL_TOO_LONG) {
        const int algorithm = sender_.credentials.algorithm;
        return {"'" + topic + "'", "the message has " + std::to_string(size) + " bytes",
                std::string(reseal_algorithm_name(algorithm)) + " seals at most " +
                    std::to_string(reseal_plaintext_max(algorithm))};
    }
    const bool about_state = status == RESEAL_EPOCH_NOT_STORED || status == RESEAL_EPOCH_EXHAUSTED;
    return {about_state ? state_ : "'" + topic + "'", reseal_status_text(status)};
}

Checked<Login> Sender::login(reseal_listener listener, const std::string& client_id) {
    const auto proof = seal(reseal_connect_prefix(listener) + client_id, "");
    if (!proof) {
        return proof.error();
    }
    return Login{principal_, base64url(*proof), std::nullopt};
}

Checked<PreSharedKey> Sender::psk() const {
    return PreSharedKey::derive(sender_.credentials);
}

Checked<std::optional<Login>> login_for(const ConnectionOptions& options, const std::string& client_id,
                                        Sender* sender) {
    if (sender == nullptr) {
        return std::optional<Login>();
    }
    auto login = sender->login(listener_of(options), client_id);
    if (!login) {
        return login.error();
    }
    if (options.psk) {
        auto psk = sender->psk();
        if (!psk) {
            return psk.error();
        }
        login->psk.emplace(std::move(*psk));
    }
    return std::optional(std::move(*login));
}

std::string base64url(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string text;
    std::uint32_t bits = 0;
    unsigned held = 0;
    for (const std::uint8_t byte : bytes) {
        bits = (bits << 8U | byte) & 0xFFFFU;
        for (held += 8; held >= 6; held -= 6) {
            text += digits[bits >> (held - 6) & 63U];
        }
    }
    if (held > 0) {
        text += digits[bits << (6 - held) & 63U];
    }
    return text;
}

}  // namespace reseal::tools
