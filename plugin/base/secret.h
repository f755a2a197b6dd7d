// SPDX-License-Identifier: Apache-2.0
// Secret bytes: wiped when they go, compared in constant time, neither printed nor copied.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <reseal/bytes.h>

namespace reseal {

template <std::size_t Size>
class Secret {
  public:
    Secret() = default;
    ~Secret() { reseal_wipe(bytes_.data(), Size); }

    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    Secret(Secret&& other) noexcept : bytes_(other.bytes_) { reseal_wipe(other.bytes_.data(), Size); }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            bytes_ = other.bytes_;
            reseal_wipe(other.bytes_.data(), Size);
        }
        return *this;
    }

    bool operator==(const Secret& other) const { return reseal_equal(bytes_.data(), other.bytes_.data(), Size); }

    // The only way to the bytes: every exposure can be found by this name.
    std::span<std::uint8_t, Size> expose() { return bytes_; }
    std::span<const std::uint8_t, Size> expose() const { return bytes_; }

  private:
    std::array<std::uint8_t, Size> bytes_{};
};

}  // namespace reseal
