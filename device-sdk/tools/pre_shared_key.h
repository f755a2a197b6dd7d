// SPDX-License-Identifier: Apache-2.0
// TLS-PSK of docs/protocol.md, for host programs.
#pragma once

#include <reseal/psk.h>

#include "tools/fault.h"

struct mosquitto;

namespace reseal::tools {

// The key of a TLS connection; wiped on destruction.
class PreSharedKey {
  public:
    static Checked<PreSharedKey> derive(const reseal_credentials& credentials);
    ~PreSharedKey() { reseal_wipe(&value_, sizeof value_); }
    PreSharedKey(PreSharedKey&& other) noexcept : value_(other.value_) { reseal_wipe(&other.value_, sizeof value_); }
    PreSharedKey& operator=(PreSharedKey&&) = delete;
    PreSharedKey(const PreSharedKey&) = delete;
    PreSharedKey& operator=(const PreSharedKey&) = delete;

    // Sets the key for a libmosquitto client's next connections. Returns MOSQ_ERR_SUCCESS or the library's error.
    [[nodiscard]] int use_for(mosquitto* client) const;

    [[nodiscard]] const reseal_psk& expose() const { return value_; }

  private:
    PreSharedKey() = default;

    reseal_psk value_{};
};

}  // namespace reseal::tools
