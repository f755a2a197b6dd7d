// The first two pages of a file of replay windows.
//
// What never changes while the file is in use has one MAC. What does, the progress, stands in two slots: a change is
// written into the older one, whose MAC comes last, so that a process that dies at any instruction leaves the progress
// before or after. The second page lists the records with marks that are not settled: only these may have a half
// without a right MAC after a process died.
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

// The kernel's name of the time since this machine was started; all zero if it does not tell.
using Boot = std::array<std::uint8_t, 16>;
Boot this_boot();

struct Progress {
    enum class State : std::uint32_t { running = 1, ended = 2 };

    std::uint64_t sequence = 0;    // the higher one counts
    std::uint64_t generation = 0;  // rises with every start and every orderly end
    std::uint32_t count = 0;       // records
    std::uint32_t durable = 0;     // so many of them are surely on the disk
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
    std::uint32_t sorted = 0;  // so many records, from the first, are in the order of their key ids
    ReplayFileId id{};
    std::uint64_t base = 0;  // the generation in which the file was written as a whole
    Mac mac{};
    std::array<SealedProgress, 2> progress{};
    // The key ids of every Nth record in order, from the first on, so that all have a place here.
    std::array<KeyId, 552> fences{};
};
static_assert(sizeof(Header) == 192 + 552 * sizeof(KeyId), "no padding, of which nothing would be known");
static_assert(sizeof(Header) <= page);
static_assert(offsetof(Header, progress) % 64 == 0);

// So many records that are ahead, and which; more than have a place if count is higher than that.
struct AheadList {
    static constexpr std::uint32_t most = page / sizeof(std::uint32_t) - 1;
    std::uint32_t count = 0;
    std::array<std::uint32_t, most> records{};
};
static_assert(sizeof(AheadList) == page);

// Records from one fence to the next.
std::uint32_t fence_distance(std::uint32_t sorted);
std::span<const KeyId> fences_of(const Header& header);

// The MAC of all but the progress and itself.
Mac mac_of(const ReplayMac& mac, const Header& header);
Mac mac_of(const ReplayMac& mac, const Progress& progress);

// The newest progress, if one of the two has a right MAC; `whole` says whether both have.
struct FoundProgress {
    Progress progress;
    bool whole = false;
};
std::optional<FoundProgress> newest_progress(const ReplayMac& mac, const Header& header);

// What `path` says of itself. `version` 1 has no more than that.
struct ReplayLabel {
    std::uint32_t version = 0;
    ReplayFileId id{};
    std::uint64_t generation = 0;
};
// Reads the header alone. Faults: missing, not readable, of a version that this program does not know, damaged.
Checked<ReplayLabel> read_label(const std::string& path, const StateKey& key);

// Is this the header of a file of version 2? A Fault says why not.
Checked<Done> check_header(const std::string& path, const Header& header, const ReplayMac& mac);

// `path` is damaged, `what` says how; what to do about it.
Fault damaged(const std::string& path, const std::string& what);

}  // namespace reseal::state
