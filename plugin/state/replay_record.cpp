#include "state/replay_record.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>

namespace reseal::state {
namespace {

constexpr std::size_t slots_at = 8;
constexpr std::size_t salt_at = 4;
constexpr std::size_t top_at = 8;
constexpr std::size_t words_at = 12;

// The state byte: which slot is settled, whether the other one is newer, and the trust of both.
constexpr unsigned slot_bit = 0x01;
constexpr unsigned ahead_bit = 0x02;
constexpr unsigned trust_mask = 0xc0;      // of the settled slot
constexpr unsigned ahead_trust_shift = 2;  // of the newer one; 0 without ahead_bit
constexpr unsigned ahead_trust_mask = trust_mask >> ahead_trust_shift;

unsigned settled_state(unsigned slot, Trust trust) {
    return slot | static_cast<unsigned>(trust);
}

unsigned ahead_state(unsigned settled, Trust trust) {
    return (settled & (slot_bit | trust_mask)) | ahead_bit | static_cast<unsigned>(trust) >> ahead_trust_shift;
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
    return read(newest());
}

std::uint32_t ReplayRecord::newest_epoch() const {
    return std::max(read(0).epoch.number, read(1).epoch.number);
}

bool ReplayRecord::ahead() const {
    return (state() & ahead_bit) != 0;
}

unsigned ReplayRecord::newest() const {
    return (state() ^ (state() >> 1U)) & slot_bit;  // the settled slot, or with ahead_bit the other one
}

Trust ReplayRecord::trust() const {
    return static_cast<Trust>((ahead() ? state() << ahead_trust_shift : state()) & trust_mask);
}

void ReplayRecord::set_state(unsigned state) {
    std::atomic_ref<std::uint8_t>(base_[state_at]).store(static_cast<std::uint8_t>(state), std::memory_order_release);
}

bool ReplayRecord::blank() const {
    return std::all_of(base_, base_ + stride(window_), [](std::uint8_t byte) { return byte == 0; });
}

bool ReplayRecord::well_formed() const {
    if ((state() & ~(slot_bit | ahead_bit | ahead_trust_mask | trust_mask)) != 0 ||
        (!ahead() && (state() & ahead_trust_mask) != 0)) {
        return false;
    }
    const unsigned settled = state() & slot_bit;  // a process may have died while it wrote the other one
    const reseal_replay replay = read(settled);
    if (replay.epoch.number == 0) {  // has accepted nothing: not even the salt can be there
        const std::uint8_t* from = slot(settled);
        return std::all_of(from, from + slot_size(window_), [](std::uint8_t byte) { return byte == 0; });
    }
    const std::uint32_t bit = replay.top % window_;
    return replay.top < RESEAL_COUNTER_LIMIT_VALUE && (replay.words[bit / 32] >> (bit % 32) & 1U) != 0;
}

void ReplayRecord::begin(const keyring::KeyId& key_id, const reseal_replay& window, Trust trust) {
    std::memset(base_, 0, stride(window_));  // a process may have died while it filled this place
    std::copy(key_id.begin(), key_id.end(), base_);
    write(0, window);
    set_state(settled_state(0, trust));
}

void ReplayRecord::copy_to(unsigned which) {
    write(which, read(1 - which));
}

void ReplayRecord::mark(const reseal_epoch& epoch, std::uint32_t counter, Trust trust) {
    const unsigned settled = state() & slot_bit;
    if (!ahead()) {
        copy_to(1 - settled);
    }
    reseal_replay replay = read(1 - settled);
    reseal_replay_mark(&replay, &epoch, counter);
    write(1 - settled, replay);
    set_state(ahead_state(state(), trust));
}

void ReplayRecord::settle() {
    set_state(settled_state(newest(), trust()));
}

void ReplayRecord::forget_unsettled() {
    set_state(state() & (slot_bit | trust_mask));
}

void ReplayRecord::distrust() {
    set_state(settled_state(newest(), Trust::restored));
}

}  // namespace reseal::state
