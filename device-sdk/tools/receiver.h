// SPDX-License-Identifier: Apache-2.0
// The SDK's receiver for host programs: downlink, OpenSSL, the replay window in memory or in a file.
#pragma once

#include <reseal/posix.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/credentials.h"

namespace reseal::tools {

// An opened payload, or why there is none. Wiped on destruction.
class Opened {
  public:
    Opened(reseal_status status, std::vector<std::uint8_t> payload) : status_(status), payload_(std::move(payload)) {}
    ~Opened() { reseal_wipe(payload_.data(), payload_.size()); }
    Opened(const Opened&) = delete;
    Opened& operator=(const Opened&) = delete;

    explicit operator bool() const { return status_ == RESEAL_OK; }
    [[nodiscard]] const char* why_refused() const { return reseal_status_text(status_); }
    [[nodiscard]] std::string_view payload() const;

  private:
    reseal_status status_;
    std::vector<std::uint8_t> payload_;
};

class Receiver {
  public:
    // `window`: path of the stored replay window, empty for one in memory. The key id is appended to the name, so
    // another key generation starts another window.
    static Checked<std::unique_ptr<Receiver>> make(const Credentials& credentials, const std::string& window);
    ~Receiver();
    Receiver(const Receiver&) = delete;
    Receiver& operator=(const Receiver&) = delete;

    Opened open(const std::string& topic, std::span<const std::uint8_t> message);

  private:
    Receiver() = default;

    std::array<std::uint32_t, RESEAL_WINDOW_WORDS(RESEAL_WINDOW_DEFAULT)> words_{};
    reseal_posix_windows windows_{};
    reseal_receiver receiver_{};
};

}  // namespace reseal::tools
