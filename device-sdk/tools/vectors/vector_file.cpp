// SPDX-License-Identifier: Apache-2.0
#include "tools/vectors/vector_file.h"

#include <algorithm>
#include <span>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "tools/hex.h"

namespace reseal::vectors {
namespace {

using nlohmann::json;

// What the JSON library throws where a member is missing or of another type, these readers throw for its value.
// read_vectors makes a fault of both.
class Refused : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

Bytes from_hex(const std::string& text) {
    Bytes bytes(text.size() / 2);
    if (!tools::from_hex(text, bytes)) {
        throw Refused("'" + text + "' is not hexadecimal text");
    }
    return bytes;
}

Bytes bytes_at(const json& object, const char* key) {
    return from_hex(object.at(key).get<std::string>());
}

void copy_at(const json& object, const char* key, std::span<std::uint8_t> out) {
    const Bytes bytes = bytes_at(object, key);
    if (bytes.size() != out.size()) {
        throw Refused(std::string(key) + " has " + std::to_string(bytes.size()) + " bytes, not " +
                      std::to_string(out.size()));
    }
    std::copy(bytes.begin(), bytes.end(), out.begin());
}

Message read_message(const json& object, const std::string& name) {
    Message message;
    message.name = name;
    message.credentials.principal[0] = 'v';
    const std::string realm = object.at("realm").get<std::string>();
    if (realm.size() > RESEAL_REALM_MAX) {
        throw Refused("the realm '" + realm + "' has more than 64 characters");
    }
    std::copy(realm.begin(), realm.end(), message.credentials.realm);
    message.credentials.algorithm = object.at("alg").get<std::uint8_t>();
    copy_at(object, "key_id", message.credentials.key_id);
    copy_at(object, "master", message.credentials.master);
    message.direction = object.at("direction").get<int>() == 1 ? RESEAL_UPLINK : RESEAL_DOWNLINK;
    message.epoch.number = object.at("epoch").get<std::uint32_t>();
    copy_at(object, "salt", message.epoch.salt);
    message.counter = object.at("counter").get<std::uint32_t>();
    message.topic = object.at("topic").get<std::string>();
    message.plaintext = bytes_at(object, "plaintext");
    message.envelope = bytes_at(object, "envelope");
    return message;
}

Vector read_vector(const json& object) {
    return {read_message(object, object.at("name").get<std::string>()),
            {bytes_at(object, "key"), bytes_at(object, "base_iv"), bytes_at(object, "nonce"), bytes_at(object, "aad")}};
}

Derivation read_derivation(const json& object) {
    const json& context = object.at("context");
    return {.master = bytes_at(object, "master"),
            .salt = bytes_at(object, "salt"),
            .id = bytes_at(object, "id"),
            .context = context.is_null() ? std::nullopt : std::optional(from_hex(context.get<std::string>())),
            .algorithm = object.at("alg").get<int>(),
            .key = bytes_at(object, "key"),
            .iv = bytes_at(object, "iv_13")};
}

void read_malformed(const json& object, VectorFile& file) {
    for (const auto& [key, value] : object.items()) {
        if (key == "valid") {
            file.valid = read_message(value, "valid");
            continue;
        }
        for (const auto& one : value) {
            file.malformed.push_back({one.at("why").get<std::string>(), bytes_at(one, "envelope")});
        }
    }
    if (file.valid.envelope.empty()) {
        throw Refused("malformed.valid is missing");
    }
}

VectorFile read_file(const json& object) {
    VectorFile file;
    for (const auto& one : object.at("vectors")) {
        file.vectors.push_back(read_vector(one));
    }
    read_malformed(object.at("malformed"), file);
    file.rfc8613 = read_derivation(object.at("rfc8613_c1_1"));
    return file;
}

}  // namespace

tools::Checked<VectorFile> read_vectors(std::string_view text) {
    try {
        return read_file(json::parse(text));
    } catch (const json::exception& error) {
        return tools::Fault{.problem = error.what()};
    } catch (const Refused& refused) {
        return tools::Fault{.problem = refused.what()};
    }
}

}  // namespace reseal::vectors
