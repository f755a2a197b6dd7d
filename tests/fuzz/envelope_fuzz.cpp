// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes are: parsing neither crashes nor reads past them; a header that parses is written back byte for
// byte; no message opens under a key that it was not sealed with; and a receiver is unchanged.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <vector>

#include <reseal/receiver.h>

namespace {

constexpr std::string_view kTopic = "ward/7/bed/12/ecg";

reseal_bytes topic() {
    return {reinterpret_cast<const std::uint8_t*>(kTopic.data()), kTopic.size()};
}

void require(bool property) {
    if (!property) {
        std::abort();
    }
}

// Fits the header in all but the master secret.
reseal_credentials credentials_for(const reseal_envelope& envelope) {
    reseal_credentials credentials{};
    credentials.principal[0] = 'f';
    credentials.realm[0] = 'r';
    credentials.algorithm = envelope.algorithm;
    std::copy_n(envelope.key_id, RESEAL_KEY_ID_SIZE, credentials.key_id);
    std::memset(credentials.master, 0x5A, RESEAL_MASTER_SIZE);
    return credentials;
}

reseal_epoch_keys keys_for(const reseal_envelope& envelope, reseal_use use) {
    const reseal_credentials credentials = credentials_for(envelope);
    reseal_epoch_keys keys{};
    require(reseal_epoch_keys_derive(reseal_crypto_openssl(), &credentials,
                                     static_cast<reseal_direction>(envelope.direction), &envelope.epoch, use,
                                     &keys) == RESEAL_OK);
    return keys;
}

void writes_the_same_header(reseal_bytes message, const reseal_envelope& envelope) {
    reseal_epoch_keys keys = keys_for(envelope, RESEAL_USE_SEAL);
    const std::vector<std::uint8_t> plaintext(envelope.sealed.size - RESEAL_TAG_SIZE);
    std::vector<std::uint8_t> sealed(message.size);
    reseal_buffer out{sealed.data(), sealed.size(), 0};
    require(reseal_message_seal(&keys, &envelope, topic(), {plaintext.data(), plaintext.size()}, &out) == RESEAL_OK);
    require(out.size == message.size);
    require(std::equal(message.data, envelope.sealed.data, sealed.data()));
    reseal_epoch_keys_wipe(&keys);
}

void does_not_open(const reseal_envelope& envelope) {
    reseal_epoch_keys keys = keys_for(envelope, RESEAL_USE_OPEN);
    std::vector<std::uint8_t> opened(envelope.sealed.size - RESEAL_TAG_SIZE, 0xAA);
    reseal_buffer out{opened.data(), opened.size(), 0};
    require(reseal_message_open(&keys, &envelope, topic(), &out) == RESEAL_BAD_TAG);
    require(out.size == 0);
    require(std::count(opened.begin(), opened.end(), 0) == static_cast<std::ptrdiff_t>(opened.size()));
    reseal_epoch_keys_wipe(&keys);
}

void leaves_a_receiver_alone(reseal_bytes message, const reseal_envelope& envelope) {
    const reseal_credentials credentials = credentials_for(envelope);
    std::array<std::uint32_t, RESEAL_WINDOW_WORDS(RESEAL_WINDOW_MIN)> words{};
    reseal_receiver receiver{};
    require(reseal_receiver_open(&receiver, &credentials, static_cast<reseal_direction>(envelope.direction),
                                 reseal_crypto_openssl(), words.data(), RESEAL_WINDOW_MIN, nullptr) == RESEAL_OK);
    std::vector<std::uint8_t> memory(message.size);
    reseal_buffer out{memory.data(), memory.size(), 0};
    require(reseal_receiver_accept(&receiver, topic(), message, &out) == RESEAL_BAD_TAG);
    require(receiver.replay.epoch.number == 0 && receiver.replay.top == 0 && words[0] == 0);
    reseal_receiver_close(&receiver);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const reseal_bytes message{data, size};
    reseal_envelope envelope{};
    if (reseal_envelope_parse(message, &envelope) != RESEAL_OK) {
        return 0;
    }
    require(envelope.sealed.size >= RESEAL_TAG_SIZE && envelope.sealed.data + envelope.sealed.size == data + size);
    writes_the_same_header(message, envelope);
    does_not_open(envelope);
    leaves_a_receiver_alone(message, envelope);
    return 0;
}
