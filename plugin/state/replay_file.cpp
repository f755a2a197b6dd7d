#include "state/replay_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include "base/file.h"
#include "base/flat_index.h"
#include "base/private_file.h"
#include "state/convert_record.h"

namespace reseal::state {
namespace {

constexpr std::uint32_t version = 1;
constexpr std::size_t header_size = 4096;  // a page: records begin on a page, too
constexpr std::size_t chunk = 4 * header_size;
constexpr std::size_t growth_while_read = std::size_t{4} << 20U;

struct Header {
    std::array<std::uint8_t, 8> magic;
    std::uint32_t version;
    std::uint32_t window;
    std::uint32_t record_size;
    std::uint32_t count;
    std::uint32_t sorted;  // files of older programs have 0 here
    std::uint32_t order_check;
    // The key ids of every so manieth record in order: of the first, and so that all have a place here.
    std::array<keyring::KeyId, 580> fences;
};
static_assert(sizeof(Header) <= header_size);
constexpr Header fresh{{'r', 's', 'l', 'r', 'e', 'p', 'l', 'y'}, version, 0, 0, 0, 0, 0, {}};
constexpr std::size_t count_at = offsetof(Header, count);

Fault damaged(const std::string& path, const std::string& what) {
    return file_fault(path, std::string("is damaged: ").append(what),
                      "restore it from a backup; it is never begun anew by itself, see docs/backup.md");
}

// Records from one fence to the next.
std::uint32_t fence_distance(std::uint32_t sorted) {
    constexpr auto most = static_cast<std::uint32_t>(std::tuple_size_v<decltype(Header::fences)>);
    return sorted / most + 1;
}

std::span<const keyring::KeyId> fences_of(const Header& header) {
    const std::uint32_t distance = fence_distance(header.sorted);
    return std::span(header.fences).first((header.sorted + distance - 1) / distance);
}

std::uint32_t order_check_of(const Header& header) {
    std::vector<std::uint8_t> bytes(sizeof header.sorted + sizeof header.fences);
    std::memcpy(bytes.data(), &header.sorted, sizeof header.sorted);
    std::memcpy(bytes.data() + sizeof header.sorted, header.fences.data(), sizeof header.fences);
    return hash_of(bytes);
}

std::vector<std::uint8_t> bytes_of(const Header& header) {
    std::vector<std::uint8_t> out(header_size);
    std::memcpy(out.data(), &header, sizeof header);
    return out;
}

Header header_of(std::uint32_t window) {
    Header header = fresh;
    header.window = window;
    header.record_size = static_cast<std::uint32_t>(ReplayRecord::stride(window));
    return header;
}

// A record and its key id as a number, which orders like its bytes.
struct Entry {
    std::uint64_t key = 0;
    std::uint32_t index = 0;
};

std::uint64_t number_of(const keyring::KeyId& id) {
    return std::accumulate(id.begin(), id.end(), std::uint64_t{0},
                           [](std::uint64_t sum, std::uint8_t byte) { return sum << 8U | byte; });
}

std::vector<Entry> entries_in_order(const ReplayFile& file) {
    std::vector<Entry> out;
    out.reserve(file.count());
    for (std::uint32_t index = 0; index < file.count(); ++index) {
        if (!file.record(index).blank()) {
            out.push_back({number_of(file.record(index).key_id()), index});
        }
    }
    std::ranges::sort(out, {}, &Entry::key);
    return out;
}

// Blocks on the disk, not only a length: so that a store into the mapping never fails for want of space.
bool allocate(int fd, std::size_t from, std::size_t size) {
    int code = EINTR;
    while (code == EINTR) {
        code = ::posix_fallocate(fd, static_cast<off_t>(from), static_cast<off_t>(size));
    }
    errno = code;
    return code == 0;
}

}  // namespace

Checked<Done> ReplayFile::make(const std::string& path, std::uint32_t window) {
    return replace_file(path, bytes_of(header_of(window)));
}

Checked<std::vector<std::uint8_t>> ReplayFile::in_order(const ReplayFile& from, std::uint32_t window) {
    from.read_ahead(0);
    if (auto checked = from.check_records(0); !checked) {
        return checked.error();
    }
    const std::vector<Entry> order = entries_in_order(from);
    const auto twice = std::ranges::adjacent_find(order, {}, &Entry::key);
    if (twice != order.end()) {
        return damaged(from.path_, "record " + std::to_string(twice->index) + " repeats a key id");
    }
    Header header = header_of(window);
    header.count = header.sorted = static_cast<std::uint32_t>(order.size());
    const std::uint32_t distance = fence_distance(header.sorted);
    for (std::uint32_t at = 0; at < header.sorted; at += distance) {
        header.fences.at(at / distance) = from.record(order[at].index).key_id();
    }
    header.order_check = order_check_of(header);
    std::vector<std::uint8_t> out = bytes_of(header);
    out.resize(header_size + order.size() * header.record_size);
    for (std::size_t at = 0; at < order.size(); ++at) {
        convert_record(window, from.record(order[at].index), out.data() + header_size + at * header.record_size);
    }
    return out;
}

Checked<ReplayFile> ReplayFile::open(const std::string& path) {
    Descriptor file(::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));  // NOLINT(*-vararg)
    if (!file) {
        return system_fault(path, "opening it", "it must be a file that this user can write");
    }
    ReplayFile out(path, std::move(file));
    if (auto mapped = out.map(); !mapped) {
        return mapped.error();
    }
    if (auto checked = out.check_header(); !checked) {
        return checked.error();
    }
    out.read_ahead(out.sorted());
    if (auto checked = out.check_records(out.sorted()); !checked) {
        return checked.error();
    }
    return out;
}

Checked<std::vector<keyring::KeyEpoch>> ReplayFile::read_epochs(const std::string& path) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(path, error);
    const auto bytes = read_file(path, error ? header_size : size + growth_while_read);
    if (!bytes) {
        return bytes.error();
    }
    // A record lies in one page, and is read while it may be changed: of its two slots the newer epoch counts.
    std::vector<std::uint8_t> copy(bytes->begin(), bytes->end());
    ReplayFile file(path, Descriptor());
    file.base_ = copy.data();
    file.size_ = copy.size();
    auto checked = copy.size() < header_size ? damaged(path, "it is shorter than its header") : file.check_header();
    std::vector<keyring::KeyEpoch> out;
    for (std::uint32_t index = 0; checked && index < file.count(); ++index) {
        const ReplayRecord record = file.record(index);
        if (!record.blank() && record.trust() != Trust::own && record.newest_epoch() != 0) {
            out.push_back({record.key_id(), record.newest_epoch()});
        }
    }
    file.base_ = nullptr;  // it is not mapped
    return checked ? Checked<std::vector<keyring::KeyEpoch>>(std::move(out)) : checked.error();
}

ReplayFile::ReplayFile(ReplayFile&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::move(other.file_)),
      base_(std::exchange(other.base_, nullptr)),
      size_(other.size_),
      window_(other.window_) {}

ReplayFile::~ReplayFile() {
    if (base_ != nullptr) {
        (void)::munmap(base_, size_);
        (void)::fsync(file_.get());  // a clean end leaves nothing to a loss of power
    }
}

Checked<Done> ReplayFile::map() {
    struct stat status {};
    if (::fstat(file_.get(), &status) != 0) {
        return system_fault(path_, "reading its size", "it must be on a working disk");
    }
    const auto size = static_cast<std::size_t>(status.st_size);
    if (!S_ISREG(status.st_mode) || size < header_size) {
        return damaged(path_, "it is shorter than its header");
    }
    if (!allocate(file_.get(), 0, size)) {  // a restored copy may have holes
        return system_fault(path_, "reserving its space on the disk", "there must be free space");
    }
    void* mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0);
    if (mapped == MAP_FAILED) {
        return system_fault(path_, "mapping it into memory", "there must be free memory");
    }
    base_ = static_cast<std::uint8_t*>(mapped);
    size_ = size;
    (void)::madvise(base_, size_, MADV_RANDOM);  // else the disk reads on, megabytes for each record
    return Done{};
}

Checked<Done> ReplayFile::check_header() {
    Header header{};
    std::memcpy(&header, base_, sizeof header);
    if (header.magic != fresh.magic) {
        return damaged(path_, "it does not begin like a file of replay windows");
    }
    if (header.version != version) {
        return file_fault(path_,
                          std::string("is of version ") + std::to_string(header.version) +
                              ", this program wants version " + std::to_string(version),
                          "use the program that wrote it");
    }
    const bool window_fits =
        header.window >= RESEAL_WINDOW_MIN && header.window <= RESEAL_WINDOW_MAX && header.window % 32 == 0;
    if (!window_fits || header.record_size != ReplayRecord::stride(header.window)) {
        return damaged(path_, "its window or record size is none that this program writes");
    }
    window_ = header.window;
    if (header.count > capacity()) {
        return damaged(path_, "it has fewer records than it counts");
    }
    return check_order();
}

Checked<Done> ReplayFile::check_order() const {
    Header header{};
    std::memcpy(&header, base_, sizeof header);
    const bool sound = header.sorted <= header.count &&
                       (header.sorted == 0 || header.order_check == order_check_of(header)) &&
                       std::ranges::is_sorted(fences_of(header));
    return sound ? Checked<Done>(Done{}) : damaged(path_, "its header does not say in which order it is");
}

Checked<Done> ReplayFile::check_records(std::uint32_t from) const {
    for (std::uint32_t index = from; index < count(); ++index) {
        if (!record(index).well_formed()) {
            return damaged(path_, std::string("record ") + std::to_string(index) + " is none that this program writes");
        }
    }
    return Done{};
}

std::uint64_t ReplayFile::capacity() const {
    return (size_ - header_size) / ReplayRecord::stride(window_);
}

std::uint32_t ReplayFile::count() const {
    std::uint32_t out = 0;
    std::memcpy(&out, base_ + count_at, sizeof out);
    return out;
}

// Soon the records from there on are read, one after the other.
void ReplayFile::read_ahead(std::uint32_t from) const {
    const std::size_t first = from * ReplayRecord::stride(window_) / header_size * header_size;
    const std::size_t end = header_size + count() * ReplayRecord::stride(window_);
    (void)::madvise(base_ + first, end - first, MADV_WILLNEED);
}

std::uint32_t ReplayFile::sorted() const {
    std::uint32_t out = 0;
    std::memcpy(&out, base_ + offsetof(Header, sorted), sizeof out);
    return out;
}

bool ReplayFile::intact(std::uint32_t index) const {
    return !record(index).blank() && record(index).well_formed();
}

// The fences were checked, so that the record is between two of them or nowhere. The search between them may go astray
// where a key id is damaged: before a key counts as new, all of them are looked at.
ReplayFile::Found ReplayFile::find_sorted(const keyring::KeyId& id) const {
    const auto& header = *reinterpret_cast<const Header*>(base_);  // NOLINT(*-reinterpret-cast): a page of its own
    const std::span<const keyring::KeyId> fences = fences_of(header);
    const auto behind = std::ranges::upper_bound(fences, id);
    if (behind == fences.begin()) {
        return {};
    }
    const std::uint32_t distance = fence_distance(header.sorted);
    const std::uint32_t first = static_cast<std::uint32_t>(behind - fences.begin() - 1) * distance;
    const std::uint32_t end = std::min(first + distance, header.sorted);
    const std::uint32_t near = search(id, first, end);
    if (near < end && record(near).key_id() == id) {
        return {.index = intact(near) ? std::optional(near) : std::nullopt, .damaged = !intact(near)};
    }
    bool all_intact = true;
    for (std::uint32_t index = first; index < end; ++index) {
        if (record(index).key_id() == id && intact(index)) {
            return {.index = index};
        }
        all_intact = all_intact && intact(index);
    }
    return {.index = std::nullopt, .damaged = !all_intact};
}

// The first from `first` to `end` whose key id is not before `id`, if they are in order.
std::uint32_t ReplayFile::search(const keyring::KeyId& id, std::uint32_t first, std::uint32_t end) const {
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

ReplayRecord ReplayFile::record(std::uint32_t index) const {
    return {base_ + header_size + index * ReplayRecord::stride(window_), window_};
}

bool ReplayFile::flush() const {
    return ::fdatasync(file_.get()) == 0;
}

bool ReplayFile::grow() {
    const std::size_t size = size_ + chunk;
    if (!allocate(file_.get(), size_, chunk)) {
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

std::optional<std::uint32_t> ReplayFile::append(const keyring::KeyId& key_id, const reseal_replay& window,
                                                Trust trust) {
    const std::uint32_t index = count();
    if (index == std::numeric_limits<std::uint32_t>::max() || (index >= capacity() && !grow())) {
        return std::nullopt;
    }
    record(index).begin(key_id, window, trust);
    // Counted only once it is complete.
    auto& counted = *reinterpret_cast<std::uint32_t*>(base_ + count_at);  // NOLINT(*-reinterpret-cast): aligned to 4
    std::atomic_ref<std::uint32_t>(counted).store(index + 1, std::memory_order_release);
    return index;
}

}  // namespace reseal::state
