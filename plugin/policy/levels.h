// SPDX-License-Identifier: Apache-2.0
// The levels of a topic or filter, one after the other, without a copy. There is always at least one.
#pragma once

#include <string_view>

namespace reseal::policy {

class Levels {
  public:
    explicit Levels(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool done() const { return done_; }
    [[nodiscard]] std::string_view rest() const { return rest_; }

    std::string_view next() {
        const std::size_t slash = rest_.find('/');
        const std::string_view level = rest_.substr(0, slash);
        done_ = slash == std::string_view::npos;
        rest_.remove_prefix(done_ ? rest_.size() : slash + 1);
        return level;
    }

  private:
    std::string_view rest_;
    bool done_ = false;
};

}  // namespace reseal::policy
