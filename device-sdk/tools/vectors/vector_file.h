// SPDX-License-Identifier: Apache-2.0
// The file of vectors, as it is read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <reseal/envelope.h>

#include "tools/fault.h"

namespace reseal::vectors {

using Bytes = std::vector<std::uint8_t>;

struct Message {
    std::string name;
    reseal_credentials credentials{};
    reseal_direction direction{};
    reseal_epoch epoch{};
    std::uint32_t counter = 0;
    std::string topic;
    Bytes plaintext;
    Bytes envelope;
};

// The values between credentials and envelope.
struct Steps {
    Bytes key;
    Bytes base_iv;
    Bytes nonce;
    Bytes aad;
};

struct Vector {
    Message message;
    Steps steps;
};

struct Malformed {
    std::string why;
    Bytes envelope;
};

// A derivation from RFC 8613: its sizes differ from ours, and the context may be missing.
struct Derivation {
    Bytes master;
    Bytes salt;
    Bytes id;
    std::optional<Bytes> context;
    int algorithm = 0;
    Bytes key;
    Bytes iv;
};

struct VectorFile {
    std::vector<Vector> vectors;
    Message valid;                     // what each of `malformed` was made from
    std::vector<Malformed> malformed;  // all lists of the file, concatenated
    Derivation rfc8613;
};

// From a file's text. The fault says what is missing or wrong.
tools::Checked<VectorFile> read_vectors(std::string_view text);

}  // namespace reseal::vectors
