#include "config/quote.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "policy/utf8.h"

namespace reseal::config {
namespace {

constexpr std::size_t longest_shown = 60;
constexpr std::size_t longest_compared = 64;
constexpr std::size_t farthest = 2;

bool within(std::string_view sequence, std::string_view first, std::string_view last) {
    return first <= sequence && sequence <= last;
}

// Control characters, line and paragraph separators, zero-width and direction marks.
bool deceives(std::string_view sequence) {
    if (sequence.size() == 1) {
        return static_cast<std::uint8_t>(sequence[0]) < 0x20 || sequence[0] == 0x7F;
    }
    return within(sequence, "\xC2\x80", "\xC2\x9F") || within(sequence, "\xE2\x80\x8B", "\xE2\x80\x8F") ||
           within(sequence, "\xE2\x80\xA8", "\xE2\x80\xAE") || within(sequence, "\xE2\x81\xA0", "\xE2\x81\xAF") ||
           sequence == "\xEF\xBB\xBF";
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
        const std::size_t length = policy::utf8_sequence(text);
        const std::string_view sequence = text.substr(0, std::max<std::size_t>(length, 1));
        if (length == 0 || deceives(sequence)) {
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
