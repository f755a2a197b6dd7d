// SPDX-License-Identifier: Apache-2.0
// Each vector against an implementation of the crypto port.
#pragma once

#include <string>
#include <vector>

#include <reseal/crypto.h>

#include "tools/vectors/vector_file.h"

namespace reseal::vectors {

struct Outcome {
    int passed = 0;
    std::vector<std::string> failed;  // one sentence each: backend, vector, what differs

    void note(bool ok, const std::string& what);
};

// Key, base IV, nonce, additional data, sealing and opening of every vector; the refusal of every malformed message,
// after which the valid one is still accepted, once; and RFC 8613's own derivation.
void check_all(const VectorFile& file, const reseal_crypto* crypto, Outcome& outcome);

}  // namespace reseal::vectors
