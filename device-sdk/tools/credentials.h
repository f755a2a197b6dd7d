// SPDX-License-Identifier: Apache-2.0
// The credentials file: one key generation of one principal, for one realm, as `scripts/provision` exports it.
//
//   {"format":"reseal-credentials/2","principal":"iot_dev_01","realm":"ward-7","algorithm":30,
//    "key_id":"<14 hex digits>","master_secret":"<64 hex digits>"}
#pragma once

#include <string>
#include <string_view>

#include <reseal/key.h>

#include "tools/fault.h"

namespace reseal::tools {

// Wiped on destruction; moved, never copied.
class Credentials {
  public:
    // Reads the file at `path`: exactly these six members, in any order; a regular file that only its owner may read
    // or write. A fault names file, line and key, and never quotes the secret.
    static Checked<Credentials> read(const std::string& path);

    // The same for the text of a file; `path` is named in faults.
    static Checked<Credentials> parse(std::string_view text, const std::string& path);

    ~Credentials();
    Credentials(const Credentials&) = delete;
    Credentials& operator=(const Credentials&) = delete;
    Credentials(Credentials&& other) noexcept;
    Credentials& operator=(Credentials&&) = delete;

    [[nodiscard]] std::string principal() const { return value_.principal; }

    // Holds the master secret: for the SDK's sender and receiver only.
    [[nodiscard]] const reseal_credentials& expose() const { return value_; }

  private:
    Credentials() = default;

    reseal_credentials value_{};
};

}  // namespace reseal::tools
