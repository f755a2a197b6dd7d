#include "config/quote.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "base/utf8.h"

namespace reseal::config {
namespace {

constexpr std::size_t longest_shown = 60;
constexpr std::size_t longest_compared = 64;
constexpr std::size_t farthest = 2;

// The character that a well-formed UTF-8 sequence stands for.
char32_t character(std::string_view sequence) {
    constexpr std::array<std::uint8_t, 5> first_masks{0, 0x7F, 0x1F, 0x0F, 0x07};
    char32_t out = static_cast<std::uint8_t>(sequence[0]) & first_masks.at(sequence.size());
    for (const char c : sequence.substr(1)) {
        out = (out << 6U) | (static_cast<std::uint8_t>(c) & 0x3FU);
    }
    return out;
}

// Control characters, line and paragraph separators, zero-width and direction marks.
bool deceives(char32_t c) {
    return c < 0x20 || (0x7F <= c && c <= 0x9F) || (0x200B <= c && c <= 0x200F) || (0x2028 <= c && c <= 0x202E) ||
           (0x2060 <= c && c <= 0x206F) || c == 0xFEFF;
}

void append_escaped(std::string& out, std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    for (const char c : bytes) {
        const auto byte = static_cast<std::uint8_t>(c);
        out += {'\\', 'x', digits[byte >> 4U], digits[byte & 15U]};
    }
}

// Levenshtein's: how many characters must be put in, taken out or changed.
std::size_t distance(std::string_view from, std::string_view to) {
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), 0);
    for (std::size_t i = 0; i < from.size(); ++i) {
        std::size_t diagonal = i;
        row[0] = i + 1;
        for (std::size_t j = 0; j < to.size(); ++j) {
            const std::size_t changed = diagonal + (from[i] == to[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        if (out.size() >= longest_shown) {
            return out + "...";
        }
        const std::size_t length = utf8_sequence(text);
        const std::string_view sequence = text.substr(0, std::max<std::size_t>(length, 1));
        if (length == 0 || deceives(character(sequence))) {
            append_escaped(out, sequence);
        } else {
            out += sequence;
        }
        text.remove_prefix(sequence.size());
    }
    return out;
}

std::string quote(std::string_view text) {
    std::string out = "'";
    out += printable(text);
    out += '\'';
    return out;
}

bool has_control_character(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return (0 <= c && c < ' ') || c == 0x7F; });
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> known) {
    std::string_view best;
    std::size_t least = farthest + 1;
    for (const std::string_view candidate : known) {
        const std::size_t far = distance(word.substr(0, longest_compared), candidate);
        if (far < least && far < candidate.size() / 2) {
            least = far;
            best = candidate;
        }
    }
    return best;
}

}  // namespace reseal::config
