// SPDX-License-Identifier: Apache-2.0
#include "tools/vectors/checks.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <reseal/receiver.h>

#include "core/derivation.h"

namespace reseal::vectors {
namespace {

reseal_bytes view(const Bytes& bytes) {
    return {bytes.data(), bytes.size()};
}

reseal_bytes view(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Bytes hkdf(const reseal_crypto* crypto, const Bytes& salt, const Bytes& secret, const Bytes& info, std::size_t size) {
    Bytes out(size);
    const reseal_status status = crypto->hkdf_sha256(view(salt), view(secret), view(info), out.data(), size);
    return status == RESEAL_OK ? out : Bytes{};
}

Bytes info_of(const Bytes& id, reseal_bytes context, int algorithm, const char* type, std::size_t size) {
    Bytes info(RESEAL_INFO_MAX);
    info.resize(reseal_info_write(info.data(), view(id), context, algorithm, type, size));
    return info;
}

// Keys that wipe themselves.
class Keys {
  public:
    Keys(const reseal_crypto* crypto, const Message& of, reseal_use use)
        : status(reseal_epoch_keys_derive(crypto, &of.credentials, of.direction, &of.epoch, use, &keys)) {}
    ~Keys() { reseal_epoch_keys_wipe(&keys); }
    Keys(const Keys&) = delete;
    Keys& operator=(const Keys&) = delete;
    Keys(Keys&&) = delete;
    Keys& operator=(Keys&&) = delete;

    reseal_epoch_keys keys{};
    reseal_status status;
};

// One backend's checks; `name` starts every noted line.
class Check {
  public:
    Check(const reseal_crypto* crypto, Outcome& outcome) : crypto_(crypto), outcome_(outcome) {}

    void vector(const Vector& vector) {
        subject_ = vector.message.name;
        steps(vector);
        seal(vector.message);
        open(vector.message);
    }

    void malformed(const Message& valid, const Malformed& malformed);
    void derivation(const Derivation& given);

  private:
    void note(bool ok, const std::string& what) {
        outcome_.note(ok, std::string(crypto_->name) + ", " + subject_ + ": " + what);
    }

    void steps(const Vector& vector);
    void seal(const Message& message);
    void open(const Message& message);

    const reseal_crypto* crypto_;
    Outcome& outcome_;
    std::string subject_;
};

void Check::steps(const Vector& vector) {
    const Message& message = vector.message;
    const reseal_credentials& of = message.credentials;
    Bytes kid(of.key_id, of.key_id + RESEAL_KEY_ID_SIZE);
    Bytes salt = kid;
    salt.insert(salt.end(), of.realm, of.realm + std::strlen(of.realm));
    kid.push_back(static_cast<std::uint8_t>(message.direction));
    Bytes context;
    context.reserve(sizeof message.epoch.number + RESEAL_SALT_SIZE);
    for (int shift = 24; shift >= 0; shift -= 8) {
        context.push_back(static_cast<std::uint8_t>(message.epoch.number >> shift));
    }
    context.insert(context.end(), message.epoch.salt, message.epoch.salt + RESEAL_SALT_SIZE);
    const std::size_t key_size = reseal_algorithm_sizes(of.algorithm).key;
    const Bytes info = info_of(kid, view(context), of.algorithm, "Key", key_size);
    note(hkdf(crypto_, salt, Bytes(of.master, of.master + RESEAL_MASTER_SIZE), info, key_size) == vector.steps.key,
         "the key differs");

    Keys keys(crypto_, message, RESEAL_USE_SEAL);
    const std::size_t nonce_size = reseal_algorithm_sizes(of.algorithm).nonce;
    note(Bytes(keys.keys.base_iv, keys.keys.base_iv + nonce_size) == vector.steps.base_iv, "the base IV differs");

    Bytes nonce(RESEAL_NONCE_SIZE_MAX);
    reseal_nonce_write(nonce.data(), &keys.keys, message.counter);
    nonce.resize(nonce_size);
    note(nonce == vector.steps.nonce, "the nonce differs");

    Bytes aad(RESEAL_AAD_MAX);
    aad.resize(reseal_aad_write(aad.data(), of.algorithm, view(message.topic)));
    note(aad == vector.steps.aad, "the additional data differ");
}

void Check::seal(const Message& message) {
    Keys keys(crypto_, message, RESEAL_USE_SEAL);
    reseal_envelope header{};
    header.algorithm = message.credentials.algorithm;
    header.direction = static_cast<std::uint8_t>(message.direction);
    std::copy_n(message.credentials.key_id, RESEAL_KEY_ID_SIZE, header.key_id);
    header.epoch = message.epoch;
    header.counter = message.counter;
    Bytes out(message.plaintext.size() + RESEAL_OVERHEAD_MAX);
    reseal_buffer buffer{out.data(), out.size(), 0};
    const reseal_status status =
        reseal_message_seal(&keys.keys, &header, view(message.topic), view(message.plaintext), &buffer);
    out.resize(buffer.size);
    note(status == RESEAL_OK && out == message.envelope,
         std::string("sealing gives a different envelope (") + reseal_status_text(status) + ")");
}

void Check::open(const Message& message) {
    Keys keys(crypto_, message, RESEAL_USE_OPEN);
    Bytes out(message.envelope.size());
    reseal_buffer buffer{out.data(), out.size(), 0};
    reseal_envelope header{};
    reseal_status status = reseal_envelope_parse(view(message.envelope), &header);
    if (status == RESEAL_OK) {
        status = reseal_message_open(&keys.keys, &header, view(message.topic), &buffer);
    }
    out.resize(buffer.size);
    note(status == RESEAL_OK && out == message.plaintext,
         std::string("opening gives a different plaintext (") + reseal_status_text(status) + ")");
}

// A receiver with its own replay window.
class Receiver {
  public:
    Receiver(const reseal_crypto* crypto, const Message& of) {
        reseal_receiver_open(&receiver_, &of.credentials, of.direction, crypto, words_.data(), RESEAL_WINDOW_DEFAULT,
                             nullptr);
    }
    ~Receiver() { reseal_receiver_close(&receiver_); }
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;
    Receiver(Receiver&&) = delete;
    Receiver& operator=(Receiver&&) = delete;

    // `plaintext` becomes what was written, even after a refusal.
    reseal_status accept(const std::string& topic, const Bytes& envelope, Bytes& plaintext) {
        plaintext.assign(envelope.size(), 0xAA);
        reseal_buffer out{plaintext.data(), plaintext.size(), 0};
        const reseal_status status = reseal_receiver_accept(&receiver_, view(topic), view(envelope), &out);
        if (status == RESEAL_OK) {
            plaintext.resize(out.size);
        }
        return status;
    }

    [[nodiscard]] bool untouched() const {
        const auto zero = [](std::uint32_t word) { return word == 0; };
        return receiver_.replay.epoch.number == 0 && receiver_.replay.top == 0 && receiver_.keys_epoch.number == 0 &&
               receiver_.keys.aead.crypto == nullptr && std::all_of(words_.begin(), words_.end(), zero);
    }

  private:
    std::array<std::uint32_t, RESEAL_WINDOW_WORDS(RESEAL_WINDOW_DEFAULT)> words_{};
    reseal_receiver receiver_{};
};

void Check::malformed(const Message& valid, const Malformed& malformed) {
    subject_ = malformed.why;
    Receiver receiver(crypto_, valid);
    Bytes plaintext;
    const reseal_status status = receiver.accept(valid.topic, malformed.envelope, plaintext);
    note(status >= RESEAL_MALFORMED && status <= RESEAL_BAD_TAG,
         std::string("it is not refused (") + reseal_status_text(status) + ")");
    note(std::count(plaintext.begin(), plaintext.end(), 0) == static_cast<std::ptrdiff_t>(plaintext.size()),
         "the refusal leaves output behind");
    note(receiver.untouched(), "the refusal changes the receiver");
    note(receiver.accept(valid.topic, valid.envelope, plaintext) == RESEAL_OK && plaintext == valid.plaintext,
         "the valid message is not accepted afterwards");
    note(receiver.accept(valid.topic, valid.envelope, plaintext) == RESEAL_REPLAY,
         "the valid message is accepted twice");
}

void Check::derivation(const Derivation& given) {
    subject_ = "RFC 8613 C.1.1";
    const reseal_bytes context = given.context ? view(*given.context) : reseal_bytes{nullptr, 0};
    const auto derive = [&](const char* type, std::size_t size) {
        return hkdf(crypto_, given.salt, given.master, info_of(given.id, context, given.algorithm, type, size), size);
    };
    note(derive("Key", given.key.size()) == given.key, "the key differs");
    note(derive("IV", given.iv.size()) == given.iv, "the common IV differs");
}

}  // namespace

void Outcome::note(bool ok, const std::string& what) {
    if (ok) {
        passed++;
    } else {
        failed.push_back(what);
    }
}

void check_all(const VectorFile& file, const reseal_crypto* crypto, Outcome& outcome) {
    Check check(crypto, outcome);
    for (const Vector& vector : file.vectors) {
        check.vector(vector);
    }
    for (const Malformed& malformed : file.malformed) {
        check.malformed(file.valid, malformed);
    }
    check.derivation(file.rfc8613);
}

}  // namespace reseal::vectors
