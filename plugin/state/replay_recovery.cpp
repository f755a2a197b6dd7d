// SPDX-License-Identifier: Apache-2.0
// Recovers a file of replay windows after a process died, and puts its records in order again.
#include <algorithm>
#include <numeric>
#include <span>

#include "state/replay_file.h"
#include "state/replay_image.h"

namespace reseal::state {
namespace {

// A record and its key id as a number, which sorts like its bytes.
struct Numbered {
    std::uint64_t key = 0;
    std::uint32_t index = 0;
};

std::uint64_t number_of(const KeyId& id) {
    return std::accumulate(id.begin(), id.end(), std::uint64_t{0},
                           [](std::uint64_t sum, std::uint8_t byte) { return sum << 8U | byte; });
}

std::vector<Numbered> entries_in_order(const ReplayFile& file) {
    std::vector<Numbered> out;
    out.reserve(file.count());
    for (std::uint32_t index = 0; index < file.count(); ++index) {
        if (!file.record(index).blank()) {
            out.push_back({number_of(file.record(index).key_id()), index});
        }
    }
    std::ranges::sort(out, {}, &Numbered::key);
    return out;
}

}  // namespace

bool ReplayFile::power_was_lost() const {
    const Boot now = this_boot();
    return !ended() && (progress_.boot != now || now == Boot{});
}

// May this record have a half in the middle of a mark?
bool ReplayFile::tolerated(std::uint32_t index) const {
    const AheadList& list = ahead_list();
    return !ended() &&
           (list.count > AheadList::most || std::ranges::find(std::span(list.records).first(list.count), index) !=
                                                std::span(list.records).first(list.count).end());
}

Checked<ReplayFile::Remains> ReplayFile::examine(std::uint32_t first) const {
    Remains out;
    read_ahead(first);
    const bool any = power_was_lost();  // then the list and the records may be from different moments
    for (std::uint32_t index = first; index < count(); ++index) {
        const ReplayRecord::Look seen = look(index);
        if (seen.newest) {
            record(index).take(*seen.newest);
        }
        if (seen.whole) {
            continue;
        }
        if (seen.newest && (any || tolerated(index))) {
            out.unsettled.push_back(index);
        } else if (any && index >= progress_.durable && record(index).blank()) {
            out.lost.push_back(index);
        } else {
            return damaged(path_, std::string("record ") + std::to_string(index) + " is not as it was written");
        }
    }
    return out;
}

void ReplayFile::repair(const Remains& remains) {
    for (const std::uint32_t index : remains.unsettled) {
        record(index).repair(mac_);
    }
    // A counted place must hold something that can be verified: here, a record that belongs to nobody.
    std::vector<std::uint32_t> words(RESEAL_WINDOW_WORDS(window()));
    const reseal_replay nothing{{}, 0, window(), words.data()};
    for (const std::uint32_t index : remains.lost) {
        KeyId nobody{};
        randombytes_buf(nobody.data(), nobody.size());
        record(index).begin(mac_, index, nobody, nothing, Trust::own);
    }
}

Checked<std::vector<std::uint8_t>> ReplayFile::in_order(const StateKey& key, std::uint32_t window) const {
    const std::vector<Numbered> order = entries_in_order(*this);
    const auto twice = std::ranges::adjacent_find(order, {}, &Numbered::key);
    if (twice != order.end()) {
        return damaged(path_, "record " + std::to_string(twice->index) + " repeats a key id");
    }
    ReplayImage image(key, id(), generation() + 1, window, static_cast<std::uint32_t>(order.size()));
    for (const Numbered& each : order) {
        const ReplayRecord from = record(each.index);
        if (from.trust() == Trust::open && from.window().window != window) {
            continue;  // in another window size, counters older than this window would count as marked
        }
        image.add(from.key_id(), from.window(), from.trust());
    }
    return image.finish();
}

}  // namespace reseal::state
