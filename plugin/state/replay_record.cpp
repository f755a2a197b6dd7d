#include "state/replay_record.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>

namespace reseal::state {
namespace {

constexpr std::size_t active_at = RESEAL_KEY_ID_SIZE;
constexpr std::size_t slots_at = 8;
constexpr std::size_t salt_at = 4;
constexpr std::size_t top_at = 8;
constexpr std::size_t words_at = 12;

constexpr unsigned slot_bit = 1;  // of the byte at active_at; the others are the trust

std::uint8_t state_of(unsigned slot, Trust trust) {
    return static_cast<std::uint8_t>(slot | static_cast<unsigned>(trust));
}

std::size_t slot_size(std::uint32_t window) {
    return words_at + window / 8;
}

}  // namespace

std::size_t ReplayRecord::stride(std::uint32_t window) {
    return std::bit_ceil(slots_at + 2 * slot_size(window));
}

keyring::KeyId ReplayRecord::key_id() const {
    keyring::KeyId out{};
    std::copy_n(base_, out.size(), out.begin());
    return out;
}

bool ReplayRecord::is_of(std::span<const std::uint8_t, RESEAL_KEY_ID_SIZE> key_id) const {
    return std::memcmp(base_, key_id.data(), key_id.size()) == 0;
}

std::uint8_t* ReplayRecord::slot(unsigned which) const {
    return base_ + slots_at + which * slot_size(window_);
}

reseal_replay ReplayRecord::read(unsigned which) const {
    std::uint8_t* from = slot(which);
    reseal_replay out{};
    std::memcpy(&out.epoch.number, from, sizeof out.epoch.number);
    std::memcpy(out.epoch.salt, from + salt_at, sizeof out.epoch.salt);
    std::memcpy(&out.top, from + top_at, sizeof out.top);
    out.window = window_;
    out.words = reinterpret_cast<std::uint32_t*>(from + words_at);  // NOLINT(*-reinterpret-cast): aligned to 4
    return out;
}

void ReplayRecord::write(unsigned which, const reseal_replay& replay) {
    std::uint8_t* to = slot(which);
    std::memcpy(to, &replay.epoch.number, sizeof replay.epoch.number);
    std::memcpy(to + salt_at, replay.epoch.salt, sizeof replay.epoch.salt);
    std::memcpy(to + top_at, &replay.top, sizeof replay.top);
    std::memmove(to + words_at, replay.words, window_ / 8);  // they may lie there already
}

reseal_replay ReplayRecord::window() const {
    return read(active());
}

std::uint32_t ReplayRecord::newest_epoch() const {
    return std::max(read(0).epoch.number, read(1).epoch.number);
}

unsigned ReplayRecord::active() const {
    return base_[active_at] & slot_bit;
}

Trust ReplayRecord::trust() const {
    return static_cast<Trust>(base_[active_at] & ~slot_bit);
}

void ReplayRecord::distrust() {
    std::atomic_ref<std::uint8_t>(base_[active_at])
        .store(state_of(active(), Trust::restored), std::memory_order_release);
}

bool ReplayRecord::blank() const {
    return std::all_of(base_, base_ + stride(window_), [](std::uint8_t byte) { return byte == 0; });
}

bool ReplayRecord::well_formed() const {
    if (trust() != Trust::full && trust() != Trust::epoch_shown && trust() != Trust::restored) {
        return false;
    }
    const reseal_replay replay = window();
    if (replay.epoch.number == 0) {  // has accepted nothing: not even the salt can be there
        const std::uint8_t* from = slot(active());
        return std::all_of(from, from + slot_size(window_), [](std::uint8_t byte) { return byte == 0; });
    }
    const std::uint32_t bit = replay.top % window_;
    return replay.top < RESEAL_COUNTER_LIMIT_VALUE && (replay.words[bit / 32] >> (bit % 32) & 1U) != 0;
}

void ReplayRecord::begin(const keyring::KeyId& key_id, const reseal_replay& window, Trust trust) {
    std::memset(base_, 0, stride(window_));  // a process may have died while it filled this place
    std::copy(key_id.begin(), key_id.end(), base_);
    write(0, window);
    base_[active_at] = state_of(0, trust);
}

void ReplayRecord::mark(const reseal_epoch& epoch, std::uint32_t counter, Trust trust) {
    std::atomic_ref<std::uint8_t> state(base_[active_at]);
    const unsigned old = active();
    const unsigned other = 1 - old;
    write(other, read(old));
    reseal_replay replay = read(other);
    reseal_replay_mark(&replay, &epoch, counter);
    write(other, replay);
    state.store(state_of(other, trust), std::memory_order_release);
}

}  // namespace reseal::state
