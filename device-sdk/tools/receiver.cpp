// SPDX-License-Identifier: Apache-2.0
#include "tools/receiver.h"

#include "tools/hex.h"

namespace reseal::tools {

std::string_view Opened::payload() const {
    return {reinterpret_cast<const char*>(payload_.data()), payload_.size()};  // NOLINT(*-reinterpret-cast)
}

Checked<std::unique_ptr<Receiver>> Receiver::make(const Credentials& credentials, const std::string& window) {
    std::unique_ptr<Receiver> out(new Receiver);
    const bool stored = !window.empty();
    if (stored) {
        const std::string path = window + "." + hex(credentials.expose().key_id);
        if (const auto status = reseal_posix_windows_open(&out->windows_, path.c_str()); status != RESEAL_OK) {
            return Fault{path, reseal_status_text(status)};
        }
    }
    const reseal_window_store store = reseal_posix_window_store(&out->windows_);
    const reseal_status status =
        reseal_receiver_open(&out->receiver_, &credentials.expose(), RESEAL_DOWNLINK, reseal_crypto_openssl(),
                             out->words_.data(), RESEAL_WINDOW_DEFAULT, stored ? &store : nullptr);
    if (status != RESEAL_OK) {
        return Fault{credentials.principal(), reseal_status_text(status)};
    }
    return out;
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
