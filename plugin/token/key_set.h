// SPDX-License-Identifier: Apache-2.0
// The issuer's public keys: a JWK set (RFC 7517). Pure.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/fault.h"
#include "token/key.h"

namespace reseal::token {

class KeySet {
  public:
    // `jwks` is {"keys": [...]}. Keys for another use or algorithm than signatures with ES256 or RS256 are left out.
    // Faults, with `file` and key: it is not a JWK set; a key is private or malformed; of several keys, one has no
    // `kid`, or two have the same; no key is left.
    static Checked<KeySet> parse(std::string_view jwks, const std::string& file);

    // The key that a token names by `kid`. Without `kid` (null), the only key. Null if there is no such key.
    [[nodiscard]] std::shared_ptr<const Key> find(const std::string* kid) const;

    [[nodiscard]] std::size_t size() const { return keys_.size(); }

  private:
    std::map<std::string, std::shared_ptr<const Key>, std::less<>> keys_;  // by kid; "" for a key without one
};

}  // namespace reseal::token
