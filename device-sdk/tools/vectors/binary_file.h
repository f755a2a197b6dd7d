// SPDX-License-Identifier: Apache-2.0
// The vectors in a form for devices without a JSON parser, as in tests/device/vectors.c.
#pragma once

#include <iosfwd>

#include "tools/vectors/vector_file.h"

namespace reseal::vectors {

/*
 * Numbers have four bytes, the lowest first; "bytes" is a number and as many bytes.
 *   number of vectors, then each: name: bytes, algorithm: number, key id: 7, realm: 65, NULs after it, master secret:
 * 32, direction: number, epoch: number, salt: 4, counter: number, topic: bytes, plaintext: bytes, envelope: bytes; one
 * more, valid, vector; number of malformed ones, made from that, then each: why: bytes, envelope: bytes. Names are cut
 * after 64 bytes.
 */
void write_binary(const VectorFile& file, std::ostream& out);

}  // namespace reseal::vectors
