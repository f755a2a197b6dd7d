// SPDX-License-Identifier: Apache-2.0
// The first two pages of a file of replay windows.
//
// The part that never changes while the file is in use has one MAC. The part that does, the progress, has two slots. A
// change is written into the older slot, its MAC last. So a process that dies at any instruction leaves the progress
// from before or from after. The second page lists the records with marks that are not settled. Only these may have a
// half without a right MAC after a process died.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/fault.h"
#include "base/key_id.h"
#include "state/replay_mac.h"

namespace reseal::state {

inline constexpr std::size_t page = 4096;
inline constexpr std::size_t header_size = 2 * page;  // records begin on a page
inline constexpr std::uint32_t replay_version = 2;
inline constexpr std::array<std::uint8_t, 8> replay_magic{'r', 's', 'l', 'r', 'e', 'p', 'l', 'y'};

// The kernel's id of this boot of the machine; all zero if it is not known.
using Boot = std::array<std::uint8_t, 16>;
Boot this_boot();

struct Progress {
    enum class State : std::uint32_t { running = 1, ended = 2 };

    std::uint64_t sequence = 0;    // the slot with the higher one counts
    std::uint64_t generation = 0;  // rises with every start and every orderly end
    std::uint32_t count = 0;       // records
    std::uint32_t durable = 0;     // this many of them are certainly on the disk
    State state = State::running;
    std::uint32_t slot = 0;
    Boot boot{};  // of the process that uses the file, or used it last
};

struct SealedProgress {
    Progress progress;
    Mac mac{};
};

struct Header {
    std::array<std::uint8_t, 8> magic = replay_magic;
    std::uint32_t version = replay_version;
    std::uint32_t window = 0;
    std::uint32_t record_size = 0;
    std::uint32_t sorted = 0;  // this many records, from the first, are in the order of their key ids
    ReplayFileId id{};
    std::uint64_t base = 0;  // the generation that wrote the file as a whole
    Mac mac{};
    std::array<SealedProgress, 2> progress{};
    // The key id of every Nth record in order, from the first on. N is so large that all of these fit.
    std::array<KeyId, 552> fences{};
};
static_assert(sizeof(Header) == 192 + 552 * sizeof(KeyId), "no padding, of which nothing would be known");
static_assert(sizeof(Header) <= page);
static_assert(offsetof(Header, progress) % 64 == 0);

// The records that are ahead, and how many. If count is above `most`, there are more than fit.
struct AheadList {
    static constexpr std::uint32_t most = page / sizeof(std::uint32_t) - 1;
    std::uint32_t count = 0;
    std::array<std::uint32_t, most> records{};
};
static_assert(sizeof(AheadList) == page);

// How many records there are from one fence to the next.
std::uint32_t fence_distance(std::uint32_t sorted);
std::span<const KeyId> fences_of(const Header& header);

// The MAC of everything except the progress and the MAC itself.
Mac mac_of(const ReplayMac& mac, const Header& header);
Mac mac_of(const ReplayMac& mac, const Progress& progress);

// The newest progress, if one of the two slots has a right MAC; `whole`: both have.
struct FoundProgress {
    Progress progress;
    bool whole = false;
};
std::optional<FoundProgress> newest_progress(const ReplayMac& mac, const Header& header);

// What the file says of itself. A file of version 1 has nothing but the version.
struct ReplayLabel {
    std::uint32_t version = 0;
    ReplayFileId id{};
    std::uint64_t generation = 0;
};
// Reads only the header. Faults: missing, not readable, of a version that this program does not know, damaged.
Checked<ReplayLabel> read_label(const std::string& path, const StateKey& key);

// Checks that this is the header of a file of version 2. A Fault says why not.
Checked<Done> check_header(const std::string& path, const Header& header, const ReplayMac& mac);

// The Fault that `path` is damaged, with the remedy. `what` says how.
Fault damaged(const std::string& path, const std::string& what);

}  // namespace reseal::state
