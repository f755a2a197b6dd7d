// SPDX-License-Identifier: Apache-2.0
// Text with a secret in it, on its way to a file. Wiped by the destructor, and not copied or printed by accident.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <reseal/bytes.h>

namespace reseal::admin {

class SecretText {
  public:
    // Room for `capacity` characters: appending within it leaves no copy behind.
    explicit SecretText(std::size_t capacity) { text_.reserve(capacity); }
    ~SecretText() { wipe(); }

    SecretText(const SecretText&) = delete;
    SecretText& operator=(const SecretText&) = delete;
    SecretText(SecretText&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }
    SecretText& operator=(SecretText&&) = delete;

    SecretText& append(std::string_view more) {
        if (text_.size() + more.size() > text_.capacity()) {
            grow(text_.size() + more.size());
        }
        text_.append(more);
        return *this;
    }

    [[nodiscard]] std::string_view expose() const { return text_; }

  private:
    void wipe() {
        text_.resize(text_.capacity());  // includes whatever a move left behind
        reseal_wipe(text_.data(), text_.size());
    }
    void grow(std::size_t needed) {
        std::string larger;
        larger.reserve(2 * needed);
        larger.append(text_);
        wipe();
        text_ = std::move(larger);
    }

    std::string text_;
};

}  // namespace reseal::admin
