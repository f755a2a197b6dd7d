// SPDX-License-Identifier: Apache-2.0
#include "engine/counter_set.h"

#include <algorithm>

namespace reseal::engine {

void CounterSet::insert(std::uint32_t counter) {
    const auto next = std::ranges::upper_bound(ranges_, counter, {}, &Range::first);
    const bool has_before = next != ranges_.begin();
    const auto before = has_before ? next - 1 : next;
    if (has_before && counter <= before->last) {
        return;
    }
    const bool joins_before = has_before && before->last + 1 == counter;
    const bool joins_next = next != ranges_.end() && counter + 1 == next->first;
    if (joins_before && joins_next) {
        before->last = next->last;
        ranges_.erase(next);
    } else if (joins_before) {
        before->last = counter;
    } else if (joins_next) {
        next->first = counter;
    } else {
        ranges_.insert(next, {counter, counter});
    }
    if (ranges_.size() > most) {
        ranges_.erase(ranges_.begin());
    }
}

void CounterSet::erase(std::uint32_t counter) {
    const auto next = std::ranges::upper_bound(ranges_, counter, {}, &Range::first);
    if (next == ranges_.begin() || counter > (next - 1)->last) {
        return;
    }
    const auto range = next - 1;
    if (range->first == range->last) {
        ranges_.erase(range);
    } else if (counter == range->first) {
        ++range->first;
    } else if (counter == range->last) {
        --range->last;
    } else {
        const Range behind{counter + 1, range->last};
        range->last = counter - 1;
        ranges_.insert(next, behind);
    }
}

bool CounterSet::contains(std::uint32_t counter) const {
    const auto next = std::ranges::upper_bound(ranges_, counter, {}, &Range::first);
    return next != ranges_.begin() && counter <= (next - 1)->last;
}

}  // namespace reseal::engine
