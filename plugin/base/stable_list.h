// SPDX-License-Identifier: Apache-2.0
// A list that only grows, and whose elements stay where they are: in pieces large enough that finding one by its number
// costs one look into memory.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace reseal {

template <class T>
class StableList {
  public:
    T& push_back(T element) {
        if (size_ == pieces_.size() * piece) {
            pieces_.emplace_back().reserve(piece);
        }
        ++size_;
        return pieces_.back().emplace_back(std::move(element));
    }

    // `number` below size(): they count from 0.
    [[nodiscard]] T& operator[](std::size_t number) { return pieces_[number / piece][number % piece]; }
    [[nodiscard]] const T& operator[](std::size_t number) const { return pieces_[number / piece][number % piece]; }
    [[nodiscard]] std::size_t size() const { return size_; }

  private:
    static constexpr std::size_t piece = 256;
    std::vector<std::vector<T>> pieces_;  // each with room for all it will ever hold
    std::size_t size_ = 0;
};

}  // namespace reseal
