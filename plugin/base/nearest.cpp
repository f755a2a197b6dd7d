// SPDX-License-Identifier: Apache-2.0
#include "base/nearest.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace reseal {
namespace {

constexpr std::size_t longest_compared = 64;
constexpr std::size_t farthest = 2;

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

}  // namespace reseal
