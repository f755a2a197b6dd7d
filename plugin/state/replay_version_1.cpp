// SPDX-License-Identifier: Apache-2.0
#include "state/replay_version_1.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string_view>

#include "base/fault.h"
#include "base/file.h"
#include "state/replay_header.h"

namespace reseal::state {
namespace {

constexpr std::uint32_t version = 1;
constexpr std::size_t state_at = RESEAL_KEY_ID_SIZE;
constexpr std::size_t slots_at = 8;
constexpr std::size_t slot_words_at = 12;  // of a slot: epoch, salt, highest counter, words

constexpr unsigned slot_bit = 0x01;  // of the state: which slot counts; the other bits are the trust

struct OldHeader {
    std::array<std::uint8_t, 8> magic{};
    std::uint32_t version = 0;
    std::uint32_t window = 0;
    std::uint32_t record_size = 0;
    std::uint32_t count = 0;
};

std::size_t slot_size(std::uint32_t window) {
    return slot_words_at + window / 8;
}

std::size_t stride(std::uint32_t window) {
    return std::bit_ceil(slots_at + 2 * slot_size(window));
}

std::optional<Trust> trust_of(unsigned state) {
    switch (state & ~slot_bit) {
        case 0x00:
            return Trust::full;
        case 0x40:
            return Trust::epoch_shown;
        case 0x80:
            return Trust::restored;
        default:
            return std::nullopt;
    }
}

// Nothing if no program can have written such a record.
std::optional<OldRecord> parse(std::string_view bytes, std::uint32_t window) {
    const auto state = static_cast<unsigned char>(bytes[state_at]);
    const auto trust = trust_of(state);
    const std::string_view slot = bytes.substr(slots_at + (state & slot_bit) * slot_size(window), slot_size(window));
    OldRecord out{.key = {}, .epoch = {}, .top = 0, .words = {}, .trust = trust.value_or(Trust::full)};
    out.words.resize(RESEAL_WINDOW_WORDS(window));
    std::memcpy(out.key.data(), bytes.data(), out.key.size());
    std::memcpy(&out.epoch.number, slot.data(), sizeof out.epoch.number);
    std::memcpy(out.epoch.salt, slot.data() + 4, sizeof out.epoch.salt);
    std::memcpy(&out.top, slot.data() + 8, sizeof out.top);
    std::memcpy(out.words.data(), slot.data() + slot_words_at, window / 8);
    const bool empty = std::ranges::all_of(slot, [](char byte) { return byte == 0; });
    const std::uint32_t bit = out.top % window;
    const bool marked = out.top < RESEAL_COUNTER_LIMIT_VALUE && (out.words[bit / 32] >> (bit % 32) & 1U) != 0;
    const bool sound = trust && (out.epoch.number == 0 ? empty : marked);
    return sound ? std::optional(std::move(out)) : std::nullopt;
}

Checked<OldHeader> header_of(const std::string& path, std::string_view bytes) {
    OldHeader header;
    if (bytes.size() < page) {
        return damaged(path, "it is shorter than its header");
    }
    std::memcpy(&header, bytes.data(), sizeof header);
    const bool window_fits =
        header.window >= RESEAL_WINDOW_MIN && header.window <= RESEAL_WINDOW_MAX && header.window % 32 == 0;
    if (header.magic != replay_magic || header.version != version || !window_fits ||
        header.record_size != stride(header.window) || header.count > (bytes.size() - page) / header.record_size) {
        return damaged(path, "it does not begin like a file of replay windows of version 1");
    }
    return header;
}

}  // namespace

Checked<OldFile> read_version_1(const std::string& path) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    const auto bytes = read_own_file(path, error ? page : size);
    const auto header = bytes ? header_of(path, *bytes) : bytes.error();
    if (!header) {
        return header.error();
    }
    OldFile out{.window = header->window, .records = {}};
    for (std::uint32_t index = 0; index < header->count; ++index) {
        const std::string_view record =
            std::string_view(*bytes).substr(page + std::size_t{index} * header->record_size, header->record_size);
        if (std::ranges::all_of(record, [](char byte) { return byte == 0; })) {
            continue;  // a loss of power undid it
        }
        auto parsed = parse(record, header->window);
        if (!parsed) {
            return damaged(path, "record " + std::to_string(index) + " is not one that a program writes");
        }
        out.records.push_back(std::move(*parsed));
    }
    std::ranges::sort(out.records, {}, &OldRecord::key);
    const bool twice = std::ranges::adjacent_find(out.records, {}, &OldRecord::key) != out.records.end();
    return twice ? Checked<OldFile>(damaged(path, "a key has two records")) : std::move(out);
}

}  // namespace reseal::state
