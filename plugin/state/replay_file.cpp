#include "state/replay_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <filesystem>
#include <limits>
#include <vector>

#include "base/file.h"
#include "base/private_file.h"

namespace reseal::state {
namespace {

constexpr std::uint32_t version = 1;
constexpr std::size_t header_size = 4096;  // a page: records begin on a page, too
constexpr std::size_t chunk = 64 * header_size;
constexpr std::size_t growth_while_read = 16 * chunk;

struct Header {
    std::array<std::uint8_t, 8> magic;
    std::uint32_t version;
    std::uint32_t window;
    std::uint32_t record_size;
    std::uint32_t count;
};
constexpr Header fresh{{'r', 's', 'l', 'r', 'e', 'p', 'l', 'y'}, version, 0, 0, 0};
constexpr std::size_t count_at = offsetof(Header, count);

Fault damaged(const std::string& path, const std::string& what) {
    return file_fault(path, std::string("is damaged: ").append(what),
                      "restore it from a backup; it is never begun anew by itself, see docs/backup.md");
}

std::vector<std::uint8_t> header_bytes(std::uint32_t window, std::uint32_t count) {
    Header header = fresh;
    header.window = window;
    header.record_size = static_cast<std::uint32_t>(ReplayRecord::stride(window));
    header.count = count;
    std::vector<std::uint8_t> out(header_size);
    std::memcpy(out.data(), &header, sizeof header);
    return out;
}

// Blocks on the disk, not only a length: so that a store into the mapping never fails for want of space.
bool allocate(int fd, std::size_t size) {
    int code = EINTR;
    while (code == EINTR) {
        code = ::posix_fallocate(fd, 0, static_cast<off_t>(size));
    }
    errno = code;
    return code == 0;
}

bool marked(const reseal_replay& replay, std::uint32_t counter) {
    const std::uint32_t bit = counter % replay.window;
    return (replay.words[bit / 32] >> (bit % 32) & 1U) != 0;
}

void mark(reseal_replay& replay, std::uint32_t counter) {
    const std::uint32_t bit = counter % replay.window;
    replay.words[bit / 32] |= 1U << (bit % 32);
}

// Fills the words of `to`, zeroed and of another window, from `from`.
void convert_window(const reseal_replay& from, reseal_replay& to) {
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

Checked<Done> ReplayFile::make(const std::string& path, std::uint32_t window) {
    return replace_file(path, header_bytes(window, 0));
}

Checked<Done> ReplayFile::convert(const ReplayFile& from, std::uint32_t window) {
    const std::size_t stride = ReplayRecord::stride(window);
    std::vector<std::uint8_t> out = header_bytes(window, from.count());
    out.resize(header_size + from.count() * stride);
    std::vector<std::uint32_t> words(RESEAL_WINDOW_WORDS(window));
    for (std::uint32_t index = 0; index < from.count(); ++index) {
        const ReplayRecord old = from.record(index);
        words.assign(words.size(), 0);
        reseal_replay converted{{}, 0, window, words.data()};
        convert_window(old.window(), converted);
        ReplayRecord(out.data() + header_size + index * stride, window).begin(old.key_id(), converted, old.trust());
    }
    return replace_file(from.path_, out);
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
    if (auto checked = out.check_records(); !checked) {
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
        if (!record.blank() && record.newest_epoch() != 0) {
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
    if (!allocate(file_.get(), size)) {  // a restored copy may have holes
        return system_fault(path_, "reserving its space on the disk", "there must be free space");
    }
    void* mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0);
    if (mapped == MAP_FAILED) {
        return system_fault(path_, "mapping it into memory", "there must be free memory");
    }
    base_ = static_cast<std::uint8_t*>(mapped);
    size_ = size;
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
    return Done{};
}

Checked<Done> ReplayFile::check_records() const {
    for (std::uint32_t index = 0; index < count(); ++index) {
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

ReplayRecord ReplayFile::record(std::uint32_t index) const {
    return {base_ + header_size + index * ReplayRecord::stride(window_), window_};
}

bool ReplayFile::grow() {
    const std::size_t size = size_ + chunk;
    if (!allocate(file_.get(), size)) {
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
