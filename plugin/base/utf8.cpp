// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace reseal {
namespace {

// One row of the Unicode standard's table of well-formed sequences: the second byte's range depends on the first byte.
struct Row {
    std::uint8_t first_min;
    std::uint8_t first_max;
    std::uint8_t second_min;
    std::uint8_t second_max;
    std::size_t length;
};

constexpr std::array<Row, 8> rows{{
    {0xC2, 0xDF, 0x80, 0xBF, 2},
    {0xE0, 0xE0, 0xA0, 0xBF, 3},
    {0xE1, 0xEC, 0x80, 0xBF, 3},
    {0xED, 0xED, 0x80, 0x9F, 3},
    {0xEE, 0xEF, 0x80, 0xBF, 3},
    {0xF0, 0xF0, 0x90, 0xBF, 4},
    {0xF1, 0xF3, 0x80, 0xBF, 4},
    {0xF4, 0xF4, 0x80, 0x8F, 4},
}};

std::uint8_t byte_at(std::string_view text, std::size_t index) {
    return static_cast<std::uint8_t>(text[index]);
}

bool within(std::uint8_t byte, std::uint8_t low, std::uint8_t high) {
    return low <= byte && byte <= high;
}

// Most text is nothing else.
bool eight_of_ascii(std::string_view text) {
    std::uint64_t word = 0;
    if (text.size() < sizeof word) {
        return false;
    }
    std::memcpy(&word, text.data(), sizeof word);
    return (word & 0x8080808080808080U) == 0;
}

}  // namespace

std::size_t utf8_sequence(std::string_view text) {
    if (text.empty()) {
        return 0;
    }
    const std::uint8_t first = byte_at(text, 0);
    if (first < 0x80) {
        return 1;
    }
    const auto* const row = std::find_if(rows.begin(), rows.end(), [first](const Row& candidate) {
        return within(first, candidate.first_min, candidate.first_max);
    });
    if (row == rows.end() || text.size() < row->length || !within(byte_at(text, 1), row->second_min, row->second_max)) {
        return 0;
    }
    for (std::size_t i = 2; i < row->length; ++i) {
        if (!within(byte_at(text, i), 0x80, 0xBF)) {
            return 0;
        }
    }
    return row->length;
}

char32_t utf8_character(std::string_view sequence) {
    constexpr std::array<std::uint8_t, 5> first_masks{0, 0x7F, 0x1F, 0x0F, 0x07};
    char32_t out = byte_at(sequence, 0) & first_masks.at(sequence.size());
    for (const char c : sequence.substr(1)) {
        out = (out << 6U) | (static_cast<std::uint8_t>(c) & 0x3FU);
    }
    return out;
}

bool valid_utf8(std::string_view text) {
    while (!text.empty()) {
        if (eight_of_ascii(text)) {
            text.remove_prefix(sizeof(std::uint64_t));
            continue;
        }
        const std::size_t length = utf8_sequence(text);
        if (length == 0) {
            return false;
        }
        text.remove_prefix(length);
    }
    return true;
}

}  // namespace reseal
