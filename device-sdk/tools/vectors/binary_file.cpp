// SPDX-License-Identifier: Apache-2.0
#include "tools/vectors/binary_file.h"

#include <ostream>
#include <span>

namespace reseal::vectors {
namespace {

constexpr std::size_t name_max = 64;

void put_number(std::ostream& out, std::size_t number) {
    for (int shift = 0; shift < 32; shift += 8) {
        out.put(static_cast<char>(number >> shift & 0xFFU));
    }
}

void put_raw(std::ostream& out, std::span<const std::uint8_t> bytes) {
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

void put_raw(std::ostream& out, std::span<const char> characters) {
    out.write(characters.data(), static_cast<std::streamsize>(characters.size()));
}

void put_bytes(std::ostream& out, std::span<const std::uint8_t> bytes) {
    put_number(out, bytes.size());
    put_raw(out, bytes);
}

void put_text(std::ostream& out, const std::string& text) {
    put_bytes(out, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

void put_message(std::ostream& out, const Message& message) {
    put_text(out, message.name.substr(0, name_max));
    put_number(out, message.credentials.algorithm);
    put_raw(out, message.credentials.key_id);
    put_raw(out, message.credentials.realm);
    put_raw(out, message.credentials.master);
    put_number(out, message.direction);
    put_number(out, message.epoch.number);
    put_raw(out, message.epoch.salt);
    put_number(out, message.counter);
    put_text(out, message.topic);
    put_bytes(out, message.plaintext);
    put_bytes(out, message.envelope);
}

}  // namespace

void write_binary(const VectorFile& file, std::ostream& out) {
    put_number(out, file.vectors.size());
    for (const Vector& vector : file.vectors) {
        put_message(out, vector.message);
    }
    put_message(out, file.valid);
    put_number(out, file.malformed.size());
    for (const Malformed& malformed : file.malformed) {
        put_text(out, malformed.why.substr(0, name_max));
        put_bytes(out, malformed.envelope);
    }
}

}  // namespace reseal::vectors
