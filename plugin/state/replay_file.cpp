// SPDX-License-Identifier: Apache-2.0
#include "state/replay_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <span>

#include "base/file.h"
#include "base/file_id.h"
#include "base/private_file.h"
#include "base/regular_file.h"

namespace reseal::state {
namespace {

constexpr std::size_t growth = 4 * page;
constexpr std::size_t growth_while_read = std::size_t{4} << 20U;
constexpr std::uint32_t records_most = 1U << 31U;  // a place has 32 bits, one of them for the half

// Reserves blocks on the disk, not only a length, so that a store into the mapping never fails for want of space.
bool allocate(int fd, std::size_t from, std::size_t size) {
    int code = EINTR;
    while (code == EINTR) {
        code = ::posix_fallocate(fd, static_cast<off_t>(from), static_cast<off_t>(size));
    }
    errno = code;
    return code == 0;
}

}  // namespace

ReplayFile::ReplayFile(std::string path, Descriptor file, std::vector<std::uint8_t> copy, const StateKey& key)
    : path_(std::move(path)),
      file_(std::move(file)),
      copy_(std::move(copy)),
      base_(copy_.empty() ? nullptr : copy_.data()),
      size_(copy_.size()),
      mac_(key, {}, 0) {}

Checked<ReplayFile> ReplayFile::open(const std::string& path, const StateKey& key) {
    auto file = open_own(path, O_RDWR);
    if (!file) {
        return file.error();
    }
    ReplayFile out(path, std::move(*file), {}, key);
    auto mapped = out.map();
    return mapped ? checked(std::move(out), key) : mapped.error();
}

Checked<ReplayFile> ReplayFile::read(const std::string& path, const StateKey& key) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    const auto bytes = read_own_file(path, error ? header_size : size + growth_while_read);
    if (!bytes) {
        return bytes.error();
    }
    if (bytes->size() < header_size) {
        return damaged(path, "it is shorter than its header");
    }
    std::vector<std::uint8_t> copy(bytes->begin(), bytes->end());
    return checked(ReplayFile(path, Descriptor(), std::move(copy), key), key);
}

Checked<ReplayFile> ReplayFile::checked(ReplayFile file, const StateKey& key) {
    auto sound = file.check_header(key);
    return sound ? Checked<ReplayFile>(std::move(file)) : sound.error();
}

ReplayFile::ReplayFile(ReplayFile&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::move(other.file_)),
      copy_(std::move(other.copy_)),
      base_(std::exchange(other.base_, nullptr)),
      size_(other.size_),
      window_(other.window_),
      mac_(std::move(other.mac_)),
      progress_(other.progress_) {}

ReplayFile::~ReplayFile() {
    if (base_ != nullptr && copy_.empty()) {
        (void)::munmap(base_, size_);
    }
}

Checked<Done> ReplayFile::map() {
    struct stat status {};
    if (::fstat(file_.get(), &status) != 0) {
        return system_fault(path_, "reading its size", "it must be on a working disk");
    }
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size == 0) {
        return damaged(path_, "it is empty");
    }
    if (!allocate(file_.get(), 0, size)) {  // a copy may have holes
        return system_fault(path_, "reserving its space on the disk", "there must be free space");
    }
    void* mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0);
    if (mapped == MAP_FAILED) {
        return system_fault(path_, "mapping it into memory", "there must be free memory");
    }
    base_ = static_cast<std::uint8_t*>(mapped);
    size_ = size;
    (void)::madvise(base_, size_, MADV_RANDOM);  // otherwise the kernel reads ahead, megabytes for each record
    return Done{};
}

const Header& ReplayFile::header() const {
    return *reinterpret_cast<const Header*>(base_);  // NOLINT(*-reinterpret-cast): a page of its own
}

AheadList& ReplayFile::ahead_list() const {
    return *reinterpret_cast<AheadList*>(base_ + page);  // NOLINT(*-reinterpret-cast): a page of its own
}

Checked<Done> ReplayFile::check_header(const StateKey& key) {
    if (size_ < header_size) {
        return damaged(path_, "it is shorter than its header");
    }
    mac_ = ReplayMac(key, header().id, header().base);
    if (auto sound = state::check_header(path_, header(), mac_); !sound) {
        return sound;
    }
    window_ = header().window;
    const auto progress = newest_progress(mac_, header());
    if (!progress || progress->progress.count > capacity() || progress->progress.count < sorted()) {
        return damaged(path_, "its header does not say how many records there are");
    }
    progress_ = progress->progress;
    if (!progress->whole) {
        count_appended();
    }
    return Done{};
}

// A process may have died while it counted the last record. Or that count is damaged, and the previous one is left.
void ReplayFile::count_appended() {
    while (!ended() && count() < capacity() && look(count()).whole) {
        ++progress_.count;
    }
}

std::uint64_t ReplayFile::capacity() const {
    return (size_ - header_size) / ReplayRecord::stride(window());
}

ReplayRecord ReplayFile::record(std::uint32_t index) const {
    return {base_ + header_size + std::size_t{index} * ReplayRecord::stride(window()), window()};
}

// The records from there on are about to be read, one after the other.
void ReplayFile::read_ahead(std::uint32_t from) const {
    const std::size_t first = (header_size + from * ReplayRecord::stride(window())) / page * page;
    const std::size_t end = header_size + count() * ReplayRecord::stride(window());
    (void)::madvise(base_ + first, end - first, MADV_WILLNEED);
}

void ReplayFile::write(Progress next) {
    next.sequence = progress_.sequence + 1;
    next.slot = 1 - progress_.slot;
    const Mac mac = mac_of(mac_, next);
    std::uint8_t* const to = base_ + offsetof(Header, progress) + next.slot * sizeof(SealedProgress);
    in_this_order();
    std::memcpy(to, &next, sizeof next);
    in_this_order();
    std::memcpy(to + offsetof(SealedProgress, mac), mac.data(), mac.size());
    progress_ = next;
}

Checked<Done> ReplayFile::start() {
    if (::fdatasync(file_.get()) != 0) {  // all records are there before the header says so
        return system_fault(path_, "writing it to the disk", "there must be a working disk");
    }
    Progress next = progress_;
    ++next.generation;
    next.state = Progress::State::running;
    next.durable = next.count;
    next.boot = this_boot();
    write(next);
    none_ahead();
    return ::fdatasync(file_.get()) == 0
               ? Checked<Done>(Done{})
               : system_fault(path_, "writing it to the disk", "there must be a working disk");
}

Checked<Done> ReplayFile::end() {
    Progress next = progress_;
    ++next.generation;
    next.state = Progress::State::ended;
    next.durable = next.count;
    bool stored = ::fdatasync(file_.get()) == 0;
    if (stored) {
        write(next);
        stored = ::fdatasync(file_.get()) == 0;
    }
    return stored ? Checked<Done>(Done{})
                  : system_fault(path_, "writing it to the disk", "there must be a working disk");
}

bool ReplayFile::flush() {
    const bool stored = ::fdatasync(file_.get()) == 0;
    if (stored && progress_.durable < progress_.count) {
        Progress next = progress_;
        next.durable = next.count;
        write(next);
    }
    return stored;
}

ReplayFile::Standing ReplayFile::standing() const {
    struct stat status {};
    SealedProgress written{};
    const auto at = static_cast<off_t>(offsetof(Header, progress) + progress_.slot * sizeof written);
    const bool whole = ::fstat(file_.get(), &status) == 0 && static_cast<std::size_t>(status.st_size) >= size_ &&
                       ::pread(file_.get(), &written, sizeof written, at) == sizeof written;
    if (!whole || std::memcmp(&written, &progress_, sizeof progress_) != 0) {
        return Standing::lost;
    }
    return file_id(path_) == file_id(file_.get()) ? Standing::in_place : Standing::displaced;
}

Checked<Done> ReplayFile::put_back() const {
    return replace_file(path_, {base_, size_});
}

void ReplayFile::note_ahead(std::uint32_t index) {
    AheadList& list = ahead_list();
    if (list.count < AheadList::most) {
        list.records[list.count] = index;  // NOLINT(*-constant-array-index): looked at just now
    }
    in_this_order();
    list.count = std::min(list.count + 1, AheadList::most + 1);
    in_this_order();
}

void ReplayFile::none_ahead() {
    in_this_order();
    ahead_list().count = 0;
}

// The record at `index`.
ReplayFile::Found ReplayFile::found(std::uint32_t index) const {
    const ReplayRecord::Look seen = look(index);
    if (!seen.whole) {
        return {.index = std::nullopt, .damaged = true};
    }
    record(index).take(*seen.newest);
    return {.index = index};
}

// The MAC of the header covers the fences, so the record is between two of them or nowhere. A damaged key id may
// mislead the search between them. So before a key counts as new, all records between them are checked.
ReplayFile::Found ReplayFile::find_sorted(const KeyId& id) const {
    const std::span<const KeyId> fences = fences_of(header());
    const auto behind = std::ranges::upper_bound(fences, id);
    if (behind == fences.begin()) {
        return {};
    }
    const std::uint32_t distance = fence_distance(sorted());
    const std::uint32_t first = static_cast<std::uint32_t>(behind - fences.begin() - 1) * distance;
    const std::uint32_t end = std::min(first + distance, sorted());
    const std::uint32_t near = search(id, first, end);
    if (near < end && holder(near) == id) {
        return found(near);
    }
    bool unknown = false;
    for (std::uint32_t index = first; index < end; ++index) {
        const std::optional<KeyId> its = holder(index);
        if (its == id) {
            return found(index);
        }
        unknown = unknown || !its;
    }
    return {.index = std::nullopt, .damaged = unknown};
}

// The first record from `first` to `end` whose key id is not before `id`, if they are in order.
std::uint32_t ReplayFile::search(const KeyId& id, std::uint32_t first, std::uint32_t end) const {
    while (first < end) {
        const std::uint32_t middle = first + (end - first) / 2;
        if (record(middle).key_id() < id) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    return first;
}

bool ReplayFile::grow() {
    const std::size_t size = size_ + growth;
    if (!allocate(file_.get(), size_, growth)) {
        return false;
    }
    void* moved = ::mremap(base_, size_, size, MREMAP_MAYMOVE);  // NOLINT(*-vararg)
    if (moved == MAP_FAILED) {
        return false;
    }
    base_ = static_cast<std::uint8_t*>(moved);
    size_ = size;
    return true;
}

std::optional<std::uint32_t> ReplayFile::append(const KeyId& key_id, const reseal_replay& window, Trust trust) {
    const std::uint32_t index = count();
    if (index >= records_most || (index >= capacity() && !grow())) {
        return std::nullopt;
    }
    record(index).begin(mac_, index, key_id, window, trust);
    in_this_order();
    Progress next = progress_;  // counted only once it is complete
    ++next.count;
    write(next);
    return index;
}

}  // namespace reseal::state
