// SPDX-License-Identifier: Apache-2.0
#include "state/delivery_journal.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <utility>

#include "base/fault.h"
#include "base/file_id.h"
#include "base/regular_file.h"

namespace reseal::state {
namespace {

// A magic number, then how many bytes of entries follow the header.
constexpr std::uint64_t magic = 0x31797265766c6564;  // "delvery1"
constexpr std::size_t used_at = sizeof magic;
constexpr std::size_t chunk = std::size_t{1} << 20U;

// Each entry begins with this. Its name and its payload follow.
struct EntryHead {
    std::uint32_t payload_size = 0;
    std::uint16_t name_size = 0;  // of the topic or the client id
    std::uint8_t kind = 0;
    std::uint8_t detail = 0;  // of a message: the flags below; of a recipient: the QoS
};
static_assert(sizeof(EntryHead) == 8);
constexpr std::uint8_t a_message = 1;
constexpr std::uint8_t a_recipient = 2;
constexpr std::uint8_t retain_flag = 1;
constexpr std::uint8_t whole_flag = 2;

// Takes `size` bytes from the front; nothing if there are fewer.
std::optional<std::span<const std::uint8_t>> take(std::span<const std::uint8_t>& from, std::size_t size) {
    if (from.size() < size) {
        return std::nullopt;
    }
    const std::span<const std::uint8_t> out = from.first(size);
    from = from.subspan(size);
    return out;
}

struct Entry {
    EntryHead head;
    std::string name;
    std::span<const std::uint8_t> payload;
};

std::optional<Entry> take_entry(std::span<const std::uint8_t>& from) {
    Entry out;
    const auto head = take(from, sizeof out.head);
    if (!head) {
        return std::nullopt;
    }
    std::memcpy(&out.head, head->data(), sizeof out.head);
    const auto name = take(from, out.head.name_size);
    const auto payload = take(from, out.head.payload_size);
    if (!name || !payload) {
        return std::nullopt;
    }
    out.name.assign(name->begin(), name->end());
    out.payload = *payload;
    return out;
}

// Reserves blocks on the disk, so that a store into the mapping never fails for want of space.
bool allocate(int fd, std::size_t size) {
    int code = EINTR;
    while (code == EINTR) {
        code = ::posix_fallocate(fd, 0, static_cast<off_t>(size));
    }
    return code == 0;
}

std::string journal_path(const std::string& folder) {
    return folder + "/handed-over";
}

}  // namespace

Checked<DeliveryJournal> DeliveryJournal::open(const std::string& folder) {
    const std::string path = journal_path(folder);
    auto file = open_own(path, O_RDWR | O_CREAT);
    struct stat status {};
    if (!file) {
        return file.error();
    }
    if (::fstat(file->get(), &status) != 0) {
        return system_fault(path, "reading its size", "check the disk");
    }
    DeliveryJournal out(folder, std::move(*file));
    if (!out.map(std::max(chunk, static_cast<std::size_t>(status.st_size)))) {
        return system_fault(path, "mapping it into memory", "there must be free space and memory");
    }
    std::uint64_t found = 0;
    std::memcpy(&found, out.base_, sizeof found);
    if (found != magic && status.st_size != 0 && found != 0) {
        return file_fault(path, "is not a file that this program writes", "remove it");
    }
    out.read_unfinished();
    std::memcpy(out.base_, &magic, sizeof magic);
    out.begin();
    return out;
}

DeliveryJournal::DeliveryJournal(DeliveryJournal&& other) noexcept
    : folder_(std::move(other.folder_)),
      file_(std::move(other.file_)),
      base_(std::exchange(other.base_, nullptr)),
      size_(other.size_),
      end_(other.end_),
      keeps_(other.keeps_),
      last_(other.last_),
      unfinished_(std::move(other.unfinished_)) {}

DeliveryJournal& DeliveryJournal::operator=(DeliveryJournal&& other) noexcept {
    std::swap(folder_, other.folder_);
    std::swap(file_, other.file_);
    std::swap(base_, other.base_);
    std::swap(size_, other.size_);
    std::swap(end_, other.end_);
    std::swap(keeps_, other.keeps_);
    std::swap(last_, other.last_);
    std::swap(unfinished_, other.unfinished_);
    return *this;
}

DeliveryJournal::~DeliveryJournal() {
    if (base_ != nullptr) {
        (void)::munmap(base_, size_);
    }
}

std::optional<Fault> DeliveryJournal::look() {
    const std::string path = journal_path(folder_);
    struct stat status {};
    const bool whole = ::fstat(file_.get(), &status) == 0 && static_cast<std::size_t>(status.st_size) >= size_;
    if (end_ != header_size || (whole && file_id(path) == file_id(file_.get()))) {
        return std::nullopt;
    }
    auto fresh = open(folder_);
    if (fresh) {
        fresh->unfinished().clear();  // whatever somebody put there
        *this = std::move(*fresh);
    }
    return file_fault(path, "was removed, replaced or cut short while the broker was running",
                      fresh ? "it was made again" : "it cannot be made again: " + fresh.error().text());
}

bool DeliveryJournal::map(std::size_t size) {
    if (size > size_most || !allocate(file_.get(), size)) {
        return false;
    }
    void* mapped = base_ == nullptr ? ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0)
                                    : ::mremap(base_, size_, size, MREMAP_MAYMOVE);  // NOLINT(*-vararg)
    if (mapped == MAP_FAILED) {
        return false;
    }
    base_ = static_cast<std::uint8_t*>(mapped);
    size_ = size;
    return true;
}

bool DeliveryJournal::make_room(std::size_t size) {
    return end_ + size <= size_ || map((end_ + size + chunk - 1) / chunk * chunk);
}

std::size_t DeliveryJournal::used() const {
    std::uint64_t out = 0;
    std::memcpy(&out, base_ + used_at, sizeof out);
    return std::min(static_cast<std::size_t>(out), size_ - header_size);
}

// An entry counts only once it is complete.
void DeliveryJournal::set_used(std::size_t size) {
    auto& counted = *reinterpret_cast<std::uint64_t*>(base_ + used_at);  // NOLINT(*-reinterpret-cast): aligned to 8
    std::atomic_ref<std::uint64_t>(counted).store(size, std::memory_order_release);
}

void DeliveryJournal::put(const void* data, std::size_t size) {
    if (size > 0) {
        std::memcpy(base_ + end_, data, size);
        end_ += size;
    }
}

void DeliveryJournal::begin() {
    end_ = header_size;
    keeps_ = false;
    last_ = 0;
    set_used(0);
}

bool DeliveryJournal::message(std::string_view topic, std::span<const std::uint8_t> payload, bool retain) {
    fanout_over();
    const EntryHead head{.payload_size = static_cast<std::uint32_t>(payload.size()),
                         .name_size = static_cast<std::uint16_t>(topic.size()),
                         .kind = a_message,
                         .detail = retain ? retain_flag : std::uint8_t{0}};
    keeps_ = make_room(sizeof head + topic.size() + payload.size());
    if (keeps_) {
        last_ = end_;
        put(&head, sizeof head);
        put(topic.data(), topic.size());
        put(payload.data(), payload.size());
        set_used(end_ - header_size);
    }
    return keeps_;
}

void DeliveryJournal::recipient(std::string_view client_id, std::uint8_t qos) {
    const EntryHead head{.payload_size = 0,
                         .name_size = static_cast<std::uint16_t>(client_id.size()),
                         .kind = a_recipient,
                         .detail = qos};
    if (keeps_ && make_room(sizeof head + client_id.size())) {
        put(&head, sizeof head);
        put(client_id.data(), client_id.size());
        set_used(end_ - header_size);
    }
}

void DeliveryJournal::fanout_over() {
    if (const std::size_t at = std::exchange(last_, 0); at != 0) {
        std::atomic_ref<std::uint8_t>(base_[at + offsetof(EntryHead, detail)])
            .fetch_or(whole_flag, std::memory_order_release);
    }
}

void DeliveryJournal::read_unfinished() {
    std::span<const std::uint8_t> left(base_ + header_size, used());
    while (auto entry = take_entry(left)) {
        if (entry->head.kind == a_message) {
            unfinished_.push_back({.topic = std::move(entry->name),
                                   .payload = {entry->payload.begin(), entry->payload.end()},
                                   .retain = (entry->head.detail & retain_flag) != 0,
                                   .whole = (entry->head.detail & whole_flag) != 0,
                                   .recipients = {}});
        } else if (entry->head.kind == a_recipient && !unfinished_.empty()) {
            unfinished_.back().recipients.push_back(
                {std::move(entry->name), std::min<std::uint8_t>(entry->head.detail, 2)});
        } else {
            return;
        }
    }
}

}  // namespace reseal::state
