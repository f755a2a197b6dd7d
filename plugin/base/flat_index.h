// SPDX-License-Identifier: Apache-2.0
// Numbers, found by a hash of what they stand for: open addressing, eight bytes a slot. Whoever uses it keeps what the
// numbers stand for, and compares. Of a hash, the low 32 bits count.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace reseal {

class FlatIndex {
  public:
    static constexpr std::uint32_t none = 0xffffffff;

    // The number with this hash of which `is_it(number)` is true; `none` if there is no such number.
    template <class IsIt>
    [[nodiscard]] std::uint32_t find(std::uint64_t hash, IsIt&& is_it) const {
        if (slots_.empty()) {
            return none;
        }
        for (std::size_t at = hash & mask(); slots_[at].number != none; at = (at + 1) & mask()) {
            if (slots_[at].hash == static_cast<std::uint32_t>(hash) && is_it(slots_[at].number)) {
                return slots_[at].number;
            }
        }
        return none;
    }

    // `number` is any but `none`. What is inserted twice has to be erased twice.
    void insert(std::uint64_t hash, std::uint32_t number) {
        reserve(size_ + 1);
        place({static_cast<std::uint32_t>(hash), number});
        ++size_;
    }

    // Erases it; nothing happens if it is not there.
    void erase(std::uint64_t hash, std::uint32_t number) {
        if (slots_.empty()) {
            return;
        }
        std::size_t at = hash & mask();
        while (slots_[at].number != none &&
               (slots_[at].hash != static_cast<std::uint32_t>(hash) || slots_[at].number != number)) {
            at = (at + 1) & mask();
        }
        if (slots_[at].number != none) {
            close_gap(at);
            --size_;
        }
    }

    void reserve(std::size_t count) {
        if (count * 4 > slots_.size() * 3) {
            grow(std::bit_ceil(count * 4 / 3 + 1));
        }
    }

    [[nodiscard]] std::size_t size() const { return size_; }

  private:
    struct Slot {
        std::uint32_t hash = 0;
        std::uint32_t number = none;
    };

    [[nodiscard]] std::size_t mask() const { return slots_.size() - 1; }

    void place(Slot slot) {
        std::size_t at = slot.hash & mask();
        while (slots_[at].number != none) {
            at = (at + 1) & mask();
        }
        slots_[at] = slot;
    }

    void grow(std::size_t slots) {
        const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots));
        for (const Slot& slot : old) {
            if (slot.number != none) {
                place(slot);
            }
        }
    }

    // Moves up what a search would no longer reach behind an empty slot.
    void close_gap(std::size_t gap) {
        for (std::size_t at = (gap + 1) & mask(); slots_[at].number != none; at = (at + 1) & mask()) {
            const std::size_t from_home = (at - slots_[at].hash) & mask();
            if (from_home >= ((at - gap) & mask())) {
                slots_[gap] = slots_[at];
                gap = at;
            }
        }
        slots_[gap] = {};
    }

    std::vector<Slot> slots_;
    std::size_t size_ = 0;
};

}  // namespace reseal
