// SPDX-License-Identifier: Apache-2.0
#include "state/replay_record.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace reseal::state {
namespace {

constexpr std::size_t key_at = 1;
constexpr std::size_t place_at = 8;
constexpr std::size_t epoch_at = 12;
constexpr std::size_t salt_at = 16;
constexpr std::size_t top_at = 20;  // and the trust in its highest byte
constexpr std::size_t sequence_at = 24;
constexpr std::size_t words_at = 32;
constexpr unsigned trust_shift = 24;
static_assert(RESEAL_COUNTER_LIMIT_VALUE <= 1U << trust_shift);

// The hint: which half is the newest, and whether it has marks that are not settled.
constexpr unsigned half_bit = 1;
constexpr unsigned ahead_bit = 2;

std::size_t mac_at(std::uint32_t window) {
    return words_at + window / 8;
}

template <class Value>
Value load(const std::uint8_t* from) {
    Value out{};
    std::memcpy(&out, from, sizeof out);
    return out;
}

template <class Value>
void store(std::uint8_t* to, Value value) {
    std::memcpy(to, &value, sizeof value);
}

// Key ids are random: four bytes tell a key from the few others that publish under the same topic.
std::uint32_t word_of(const KeyId& key) {
    std::uint32_t out = 0;
    std::memcpy(&out, key.data(), sizeof out);
    return out;
}

}  // namespace

std::size_t ReplayRecord::stride(std::uint32_t window) {
    return std::bit_ceil(2 * (mac_at(window) + sizeof(Mac)));
}

std::uint8_t* ReplayRecord::half(unsigned which) const {
    return base_ + which * (stride(window_) / 2);
}

std::uint32_t ReplayRecord::place(unsigned which) const {
    return load<std::uint32_t>(half(which) + place_at);
}

std::uint64_t ReplayRecord::sequence(unsigned which) const {
    return load<std::uint64_t>(half(which) + sequence_at);
}

std::span<const std::uint8_t> ReplayRecord::covered(unsigned which) const {
    return {half(which) + key_at, mac_at(window_) - key_at};
}

std::uint8_t* ReplayRecord::mac_of(unsigned which) const {
    return half(which) + mac_at(window_);
}

bool ReplayRecord::right(const ReplayMac& mac, std::uint32_t index, unsigned which) const {
    const Mac expected = mac.of_record(covered(which));
    return place(which) == 2 * index + which && reseal_equal(expected.data(), mac_of(which), expected.size());
}

std::optional<KeyId> ReplayRecord::holder(const ReplayMac& mac, std::uint32_t index) const {
    for (const unsigned which : {0U, 1U}) {
        if (right(mac, index, which)) {
            return key_id_in(which);
        }
    }
    return std::nullopt;
}

ReplayRecord::Look ReplayRecord::look(const ReplayMac& mac, std::uint32_t index) const {
    const bool first = right(mac, index, 0);
    const bool second = right(mac, index, 1);
    if (!first && !second) {
        return {};
    }
    // The sequence of a half that was put back from earlier is not next to the other one's.
    const bool follow = sequence(0) + 1 == sequence(1) || sequence(1) + 1 == sequence(0);
    return {.newest = first && (!second || sequence(0) > sequence(1)) ? 0U : 1U, .whole = first && second && follow};
}

bool ReplayRecord::blank() const {
    return std::all_of(base_, base_ + stride(window_), [](std::uint8_t byte) { return byte == 0; });
}

KeyId ReplayRecord::key_id_in(unsigned which) const {
    KeyId out{};
    std::copy_n(half(which) + key_at, out.size(), out.begin());
    return out;
}

reseal_epoch ReplayRecord::epoch_in(unsigned which) const {
    return read(which).epoch;
}

Trust ReplayRecord::trust_in(unsigned which) const {
    return static_cast<Trust>(load<std::uint32_t>(half(which) + top_at) >> trust_shift);
}

void ReplayRecord::take(unsigned which) {
    base_[0] = static_cast<std::uint8_t>(which);
}

bool ReplayRecord::is_of(std::span<const std::uint8_t, RESEAL_KEY_ID_SIZE> key_id) const {
    return std::memcmp(base_ + key_at, key_id.data(), key_id.size()) == 0;
}

unsigned ReplayRecord::newest() const {
    return base_[0] & half_bit;
}

bool ReplayRecord::ahead() const {
    return (base_[0] & ahead_bit) != 0;
}

reseal_replay ReplayRecord::read(unsigned which) const {
    std::uint8_t* from = half(which);
    reseal_replay out{};
    out.epoch.number = load<std::uint32_t>(from + epoch_at);
    std::memcpy(out.epoch.salt, from + salt_at, sizeof out.epoch.salt);
    out.top = load<std::uint32_t>(from + top_at) & ((1U << trust_shift) - 1);
    out.window = window_;
    out.words = reinterpret_cast<std::uint32_t*>(from + words_at);  // NOLINT(*-reinterpret-cast): aligned to 8
    return out;
}

void ReplayRecord::write(unsigned which, const reseal_replay& replay, Trust trust) {
    std::uint8_t* to = half(which);
    store(to + epoch_at, replay.epoch.number);
    std::memcpy(to + salt_at, replay.epoch.salt, sizeof replay.epoch.salt);
    store(to + top_at, replay.top | static_cast<std::uint32_t>(trust) << trust_shift);
    std::memmove(to + words_at, replay.words, window_ / 8);  // memmove: they may lie there already
}

reseal_replay ReplayRecord::window() const {
    return read(newest());
}

void ReplayRecord::begin(const ReplayMac& mac, std::uint32_t index, const KeyId& key_id, const reseal_replay& window,
                         Trust trust) {
    std::memset(base_, 0, stride(window_));
    for (const unsigned which : {1U, 0U}) {
        std::ranges::copy(key_id, half(which) + key_at);
        store(half(which) + place_at, 2 * index + which);
        store(half(which) + sequence_at, std::uint64_t{2} - which);
        write(which, window, trust);
        take(which);
        settle(mac);
    }
}

// Overwrites the other half with a copy of the newest, except for the MAC.
void ReplayRecord::go_to_other_half() {
    const unsigned old = newest();
    const unsigned other = 1 - old;
    std::memcpy(half(other) + key_at, half(old) + key_at, mac_at(window_) - key_at);
    store(half(other) + place_at, place(old) ^ 1U);
    store(half(other) + sequence_at, sequence(old) + 1);
    base_[0] = static_cast<std::uint8_t>(other | ahead_bit);
}

void ReplayRecord::mark(const reseal_epoch& epoch, std::uint32_t counter, Trust trust) {
    if (!ahead()) {
        go_to_other_half();
    }
    reseal_replay replay = read(newest());
    reseal_replay_mark(&replay, &epoch, counter);
    write(newest(), replay, trust);
}

bool ReplayRecord::put_by(const KeyId& key) const {
    return read(newest()).words[0] == word_of(key);
}

void ReplayRecord::put(const KeyId& key, const reseal_epoch& epoch, std::uint32_t counter) {
    if (!ahead()) {
        go_to_other_half();
    }
    std::array<std::uint32_t, RESEAL_WINDOW_WORDS(RESEAL_WINDOW_MAX)> words{};
    words[0] = word_of(key);
    write(newest(), {epoch, counter, window_, words.data()}, Trust::retained);
}

void ReplayRecord::unmark(std::uint32_t counter) {
    if (!ahead()) {
        go_to_other_half();
    }
    const reseal_replay replay = read(newest());
    const std::uint32_t bit = counter % window_;
    replay.words[bit / 32] &= ~(1U << (bit % 32));
}

void ReplayRecord::settle(const ReplayMac& mac) {
    in_this_order();
    const Mac made = mac.of_record(covered(newest()));
    std::ranges::copy(made, mac_of(newest()));
    take(newest());
}

void ReplayRecord::repair(const ReplayMac& mac) {
    go_to_other_half();
    settle(mac);
}

}  // namespace reseal::state
