#include "tools/receiver.h"

#include "tools/failure.h"
#include "tools/hex.h"

namespace reseal::tools {
std::string_view Opened::payload() const {
    return {reinterpret_cast<const char*>(payload_.data()), payload_.size()};  // NOLINT(*-reinterpret-cast)
}

Receiver::Receiver(const Credentials& credentials, const std::string& window) {
    const bool stored = !window.empty();
    reseal_window_store store{};
    if (stored) {
        const std::string path = window + "." + hex(credentials.expose().key_id);
        if (const reseal_status status = reseal_posix_windows_open(&windows_, path.c_str()); status != RESEAL_OK) {
            throw Failure(path + ": " + reseal_status_text(status));
        }
        store = reseal_posix_window_store(&windows_);
    }
    const reseal_status status =
        reseal_receiver_open(&receiver_, &credentials.expose(), RESEAL_DOWNLINK, reseal_crypto_openssl(), words_.data(),
                             RESEAL_WINDOW_DEFAULT, stored ? &store : nullptr);
    if (status != RESEAL_OK) {
        reseal_posix_windows_close(&windows_);
        throw Failure(credentials.principal() + ": " + reseal_status_text(status));
    }
}

Receiver::~Receiver() {
    reseal_receiver_close(&receiver_);
    reseal_posix_windows_close(&windows_);
}

Opened Receiver::open(const std::string& topic, std::span<const std::uint8_t> message) {
    std::vector<std::uint8_t> payload(message.size());
    reseal_buffer out = {payload.data(), payload.size(), 0};
    const reseal_bytes name = {reinterpret_cast<const std::uint8_t*>(topic.data()),  // NOLINT(*-reinterpret-cast)
                               topic.size()};
    const reseal_status status = reseal_receiver_accept(&receiver_, name, {message.data(), message.size()}, &out);
    payload.resize(out.size);
    return {status, std::move(payload)};
}

}  // namespace reseal::tools
