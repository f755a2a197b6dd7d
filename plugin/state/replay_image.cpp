// SPDX-License-Identifier: Apache-2.0
#include "state/replay_image.h"

#include <algorithm>
#include <cstring>

namespace reseal::state {
namespace {

bool marked(const reseal_replay& replay, std::uint32_t counter) {
    const std::uint32_t bit = counter % replay.window;
    return (replay.words[bit / 32] >> (bit % 32) & 1U) != 0;
}

void mark(reseal_replay& replay, std::uint32_t counter) {
    const std::uint32_t bit = counter % replay.window;
    replay.words[bit / 32] |= 1U << (bit % 32);
}

// Fills the zeroed words of `to`, which has another window size, from `from`.
void convert(const reseal_replay& from, reseal_replay& to) {
    to.epoch = from.epoch;
    to.top = from.top;
    if (from.epoch.number == 0) {
        return;
    }
    for (std::uint32_t back = 0; back < to.window && back <= from.top; ++back) {
        const std::uint32_t counter = from.top - back;
        if (back >= from.window || marked(from, counter)) {
            mark(to, counter);
        }
    }
}

}  // namespace

ReplayImage::ReplayImage(const StateKey& key, const ReplayFileId& id, std::uint64_t generation, std::uint32_t window,
                         std::uint32_t records)
    : mac_(key, id, generation), words_(RESEAL_WINDOW_WORDS(window)) {
    header_.window = window;
    header_.record_size = static_cast<std::uint32_t>(ReplayRecord::stride(window));
    header_.id = id;
    header_.base = generation;
    bytes_.resize(header_size + std::size_t{records} * header_.record_size);
}

void ReplayImage::add(const KeyId& key_id, const reseal_replay& replay, Trust trust) {
    std::ranges::fill(words_, 0);
    reseal_replay converted{{}, 0, header_.window, words_.data()};
    if (trust == Trust::retained) {
        words_[0] = replay.words[0];
        converted = {replay.epoch, replay.top, header_.window, words_.data()};
    } else if (replay.window != header_.window) {
        convert(replay, converted);
    }
    std::uint8_t* const to = bytes_.data() + header_size + std::size_t{header_.sorted} * header_.record_size;
    ReplayRecord(to, header_.window)
        .begin(mac_, header_.sorted, key_id,
               replay.window == header_.window && trust != Trust::retained ? replay : converted, trust);
    ++header_.sorted;
}

std::vector<std::uint8_t> ReplayImage::finish() {
    bytes_.resize(header_size + std::size_t{header_.sorted} * header_.record_size);
    const std::uint32_t distance = fence_distance(header_.sorted);
    for (std::uint32_t at = 0; at < header_.sorted; at += distance) {
        std::uint8_t* const record = bytes_.data() + header_size + std::size_t{at} * header_.record_size;
        header_.fences.at(at / distance) = ReplayRecord(record, header_.window).key_id();
    }
    header_.mac = mac_of(mac_, header_);
    for (std::uint32_t slot = 0; slot < header_.progress.size(); ++slot) {
        const Progress progress{.sequence = slot + 1,
                                .generation = header_.base,
                                .count = header_.sorted,
                                .durable = header_.sorted,
                                .slot = slot,
                                .boot = this_boot()};
        header_.progress.at(slot) = {progress, mac_of(mac_, progress)};
    }
    std::memcpy(bytes_.data(), &header_, sizeof header_);
    return std::move(bytes_);
}

}  // namespace reseal::state
