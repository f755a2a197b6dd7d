// SPDX-License-Identifier: Apache-2.0
#include "policy/topic.h"

#include <algorithm>

#include "base/utf8.h"
#include "policy/levels.h"

namespace reseal::policy {
namespace {

constexpr std::size_t max_topic = 65535;
constexpr std::string_view share = "$share";

bool has_wildcard(std::string_view text) {
    return text.find('+') != std::string_view::npos || text.find('#') != std::string_view::npos;
}

// "$SYS/..." and the like are matched by their own name only, never by a wildcard in the first level.
bool hidden_from(std::string_view filter, std::string_view other) {
    return other.starts_with('$') && (filter.starts_with('+') || filter.starts_with('#'));
}

// How many bytes the first levels take that are the same in both, each with the '/' behind it.
std::size_t same_levels(std::string_view filter, std::string_view topic) {
    const auto differ = std::mismatch(filter.begin(), filter.end(), topic.begin(), topic.end());
    const auto end = filter.substr(0, static_cast<std::size_t>(differ.first - filter.begin())).rfind('/');
    return end == std::string_view::npos ? 0 : end + 1;
}

// The same topics in a filter whose '#' matches its parent level, too. No topic is empty, so these two do not.
std::string_view spelled_out(std::string_view filter) {
    if (filter == "#") {
        return "+/#";
    }
    return filter == "/#" ? "/+/#" : filter;
}

// What topics and filters have in common.
std::string_view text_remedy(std::string_view text) {
    if (text.empty()) {
        return "write at least one character";
    }
    if (text.size() > max_topic) {
        return "write at most 65535 bytes";
    }
    if (text.find('\0') != std::string_view::npos) {
        return "leave out the NUL";
    }
    return valid_utf8(text) ? "" : "write it in UTF-8";
}

std::string_view wildcard_remedy(std::string_view filter) {
    Levels levels(filter);
    while (!levels.done()) {
        const std::string_view level = levels.next();
        if (level.find('#') != std::string_view::npos && !levels.done()) {
            return "'#' may stand only at the end";
        }
        if (level.size() > 1 && level.find('#') != std::string_view::npos) {
            return "'#' must fill a whole level, as in 'ward/#'";
        }
        if (level.size() > 1 && level.find('+') != std::string_view::npos) {
            return "'+' must fill a whole level, as in 'ward/+/pulse'";
        }
    }
    return {};
}

}  // namespace

bool valid_topic(std::string_view topic) {
    return text_remedy(topic).empty() && !has_wildcard(topic);
}

bool valid_filter(std::string_view filter) {
    return filter_remedy(filter).empty();
}

std::string_view filter_remedy(std::string_view filter) {
    if (const std::string_view remedy = text_remedy(filter); !remedy.empty()) {
        return remedy;
    }
    if (Levels(filter).next() == share) {
        return "leave out '$share/GROUP/': the filter after it covers shared subscriptions, too";
    }
    return wildcard_remedy(filter);
}

bool matches(std::string_view filter, std::string_view topic) {
    if (hidden_from(filter, topic)) {
        return false;
    }
    const std::size_t same = same_levels(filter, topic);
    Levels wanted(filter.substr(same));
    Levels given(topic.substr(same));
    while (!wanted.done()) {
        const std::string_view level = wanted.next();
        if (level == "#") {
            return true;
        }
        if (given.done() || (given.next() != level && level != "+")) {
            return false;
        }
    }
    return given.done();
}

bool covers(std::string_view wide, std::string_view narrow) {
    if (hidden_from(wide, narrow)) {
        return false;
    }
    Levels outer(spelled_out(wide));
    Levels inner(spelled_out(narrow));
    while (!outer.done()) {
        const std::string_view level = outer.next();
        if (level == "#") {
            return true;
        }
        if (inner.done()) {
            return false;
        }
        const std::string_view other = inner.next();
        if (other == "#" || (other != level && level != "+")) {
            return false;
        }
    }
    return inner.done();
}

std::string_view without_share(std::string_view filter) {
    Levels levels(filter);
    if (!filter.starts_with('$') || levels.next() != share) {
        return filter;
    }
    const std::string_view group = levels.done() ? std::string_view() : levels.next();
    return group.empty() || has_wildcard(group) ? std::string_view() : levels.rest();
}

}  // namespace reseal::policy
