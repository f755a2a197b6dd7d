// SPDX-License-Identifier: Apache-2.0
#include "parties.h"

#include <cstring>
#include <stdexcept>

namespace reseal::micro {
namespace {

reseal_credentials credentials(reseal_algorithm algorithm) {
    reseal_credentials out{};
    out.algorithm = static_cast<std::uint8_t>(algorithm);
    std::memcpy(out.key_id, "micro-1", RESEAL_KEY_ID_SIZE);
    std::memcpy(out.realm, "ward-7", sizeof "ward-7");
    std::memcpy(out.principal, "pump-7", sizeof "pump-7");
    out.master[0] = 1;
    return out;
}

reseal_status load(void* context, std::uint32_t* epoch) {
    *epoch = *static_cast<std::uint32_t*>(context);
    return RESEAL_OK;
}

reseal_status store(void* context, std::uint32_t epoch) {
    *static_cast<std::uint32_t*>(context) = epoch;
    return RESEAL_OK;
}

bool fill(void* /*context*/, std::uint8_t* out, std::size_t size) {
    std::memset(out, 7, size);
    return true;
}

}  // namespace

reseal_bytes view(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

reseal_bytes view(const Bytes& bytes) {
    return {bytes.data(), bytes.size()};
}

Sender::Sender(reseal_algorithm algorithm) {
    const reseal_credentials key = credentials(algorithm);
    const reseal_epoch_store epochs = {&epoch_, load, store};
    const reseal_random random = {nullptr, fill};
    if (reseal_sender_open(&sender_, &key, RESEAL_UPLINK, reseal_crypto_openssl(), &epochs, &random) != RESEAL_OK) {
        throw std::runtime_error("no sender");
    }
}

std::vector<Bytes> Sender::messages(std::size_t count, std::size_t size) {
    const Bytes plaintext(size, 'x');
    std::vector<Bytes> out;
    for (std::size_t i = 0; i < count; ++i) {
        Bytes message(size + RESEAL_OVERHEAD_MAX);
        reseal_buffer buffer{message.data(), message.size(), 0};
        if (!seal(view(plaintext), buffer)) {
            throw std::runtime_error("a message is not sealed");
        }
        message.resize(buffer.size);
        out.push_back(std::move(message));
    }
    return out;
}

Receiver::Receiver(reseal_algorithm algorithm) {
    const reseal_credentials key = credentials(algorithm);
    if (reseal_receiver_open(&receiver_, &key, RESEAL_UPLINK, reseal_crypto_openssl(), words_.data(),
                             RESEAL_WINDOW_DEFAULT, nullptr) != RESEAL_OK) {
        throw std::runtime_error("no receiver");
    }
}

}  // namespace reseal::micro
