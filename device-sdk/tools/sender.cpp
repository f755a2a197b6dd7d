#include "tools/sender.h"

#include "tools/failure.h"

namespace reseal::tools {
namespace {

reseal_bytes bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};  // NOLINT(*-reinterpret-cast)
}

}  // namespace

Sender::Sender(const Credentials& credentials, const std::string& state)
    : principal_(credentials.principal()), state_(state), random_(reseal_posix_random()) {
    if (const reseal_status status = reseal_posix_epochs_open(&epochs_, state.c_str()); status != RESEAL_OK) {
        throw Failure(state + ": " + reseal_status_text(status));
    }
    store_ = reseal_posix_epoch_store(&epochs_);
    const reseal_status status =
        reseal_sender_open(&sender_, &credentials.expose(), RESEAL_UPLINK, reseal_crypto_openssl(), &store_, &random_);
    if (status != RESEAL_OK) {
        reseal_posix_epochs_close(&epochs_);
        throw Failure(principal_ + ": " + reseal_status_text(status));
    }
}

Sender::~Sender() {
    reseal_sender_close(&sender_);
    reseal_posix_epochs_close(&epochs_);
}

std::vector<std::uint8_t> Sender::seal(const std::string& topic, std::string_view plaintext) {
    std::vector<std::uint8_t> memory(plaintext.size() + RESEAL_OVERHEAD_MAX);
    memory.resize(seal_into(memory, topic, plaintext).size());
    return memory;
}

std::span<const std::uint8_t> Sender::seal_into(std::span<std::uint8_t> memory, const std::string& topic,
                                                std::string_view plaintext) {
    reseal_buffer out = {memory.data(), memory.size(), 0};
    const reseal_status status = reseal_sender_seal(&sender_, bytes_of(topic), bytes_of(plaintext), &out);
    if (status == RESEAL_TOO_LONG) {
        throw Failure("'" + topic + "': the message has " + std::to_string(plaintext.size()) + " bytes; " +
                      reseal_algorithm_name(sender_.credentials.algorithm) + " seals at most " +
                      std::to_string(reseal_plaintext_max(sender_.credentials.algorithm)));
    }
    if (status != RESEAL_OK) {
        const bool about_state = status == RESEAL_EPOCH_NOT_STORED || status == RESEAL_EPOCH_EXHAUSTED;
        throw Failure((about_state ? state_ : "'" + topic + "'") + ": " + reseal_status_text(status));
    }
    return memory.first(out.size);
}

Login Sender::login(reseal_listener listener, const std::string& client_id) {
    return {principal_, base64url(seal(reseal_connect_prefix(listener) + client_id, "")), std::nullopt};
}

PreSharedKey Sender::psk() const {
    return PreSharedKey(sender_.credentials);
}

std::optional<Login> login_for(const ConnectionOptions& options, const std::string& client_id, Sender* sender) {
    if (sender == nullptr) {
        return std::nullopt;
    }
    Login login = sender->login(listener_of(options), client_id);
    if (options.psk) {
        login.psk.emplace(sender->psk());
    }
    return login;
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
