// SPDX-License-Identifier: Apache-2.0
#include "fuzz/attacker/mutation.h"

#include <array>

namespace attacker {

namespace {

using mqtt::Bytes;

// A part of `of`, of 16 bytes at most; empty if that is empty.
struct Part {
    std::ptrdiff_t from = 0;
    std::ptrdiff_t end = 0;
};

Part part(Dice& dice, const Bytes& of) {
    if (of.empty()) {
        return {};
    }
    const std::size_t from = dice.below(of.size());
    const std::size_t size = 1 + dice.below(std::min<std::size_t>(16, of.size() - from));
    return {.from = static_cast<std::ptrdiff_t>(from), .end = static_cast<std::ptrdiff_t>(from + size)};
}

void insert(Dice& dice, Bytes& bytes, const Bytes& what) {
    const auto at = bytes.begin() + static_cast<std::ptrdiff_t>(dice.below(bytes.size() + 1));
    bytes.insert(at, what.begin(), what.end());
}

Bytes copy(const Bytes& of, Part part) {
    return {of.begin() + part.from, of.begin() + part.end};
}

// Parsers decide mostly by the first bytes.
std::size_t place(Dice& dice, const Bytes& bytes) {
    return dice.below(dice.one_in(2) ? bytes.size() : std::min<std::size_t>(32, bytes.size()));
}

void change(Dice& dice, Bytes& bytes, const Bytes& other) {
    static constexpr std::array<std::uint8_t, 12> edges{0, 1, 0x7f, 0x80, 0xff, 0xfe, '+', '#', '/', '$', 0x18, 0x40};
    if (bytes.empty()) {
        return insert(dice, bytes, dice.bytes(1 + dice.below(8)));
    }
    switch (dice.below(7)) {
        case 0:
            bytes[place(dice, bytes)] ^= static_cast<std::uint8_t>(1U << dice.below(8));
            return;
        case 1:
            bytes[place(dice, bytes)] = dice.pick(edges);
            return;
        case 2: {
            const Part cut = part(dice, bytes);
            bytes.erase(bytes.begin() + cut.from, bytes.begin() + cut.end);
            return;
        }
        case 3:
            bytes.resize(dice.below(bytes.size() + 1));
            return;
        case 4:
            return insert(dice, bytes, copy(bytes, part(dice, bytes)));
        case 5:
            return insert(dice, bytes, copy(other, part(dice, other)));
        default:
            return insert(dice, bytes, dice.bytes(1 + dice.below(8)));
    }
}

}  // namespace

Bytes mutated(Dice& dice, Bytes bytes, const Bytes& other) {
    for (std::size_t times = 1 + dice.below(4); times > 0; --times) {
        change(dice, bytes, other);
    }
    return bytes;
}

}  // namespace attacker
