#include "state/replay_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <unordered_map>

#include "base/descriptor.h"
#include "base/private_file.h"
#include "state/replay_file.h"

namespace reseal::state {
namespace {

using keyring::KeyId;

// Key ids are random numbers: their first bytes are a hash already.
struct KeyIdHash {
    std::size_t operator()(const KeyId& id) const noexcept {
        std::size_t hash = 0;
        std::memcpy(&hash, id.data(), id.size());
        return hash;
    }
};
using Index = std::unordered_map<KeyId, std::uint32_t, KeyIdHash>;

// Held as long as the folder is in use. On the folder and not on the file, because a conversion replaces the file.
Checked<Descriptor> lock(const std::string& folder) {
    Descriptor handle(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));  // NOLINT(*-vararg)
    if (!handle || ::faccessat(AT_FDCWD, folder.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
        return system_fault(folder, "using it as the state folder", "it must be a folder that this user can write");
    }
    if (::flock(handle.get(), LOCK_EX | LOCK_NB) == 0) {
        return handle;
    }
    if (errno == EWOULDBLOCK) {
        return file_fault(folder, "is in use by another process", "stop the other broker, or give each its own folder");
    }
    return system_fault(folder, "locking it", "it must be on a file system that knows flock");
}

Checked<ReplayFile> open_or_make(const std::string& path, std::uint32_t window) {
    if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
        if (auto made = ReplayFile::make(path, window); !made) {
            return made.error();
        }
    }
    auto file = ReplayFile::open(path);
    if (!file || file->window() == window) {
        return file;
    }
    if (auto converted = ReplayFile::convert(*file, window); !converted) {
        return converted.error();
    }
    return ReplayFile::open(path);
}

Checked<Index> index_of(const ReplayFile& file, const std::string& path) {
    Index out;
    out.reserve(file.count());
    for (std::uint32_t number = 0; number < file.count(); ++number) {
        const ReplayRecord record = file.record(number);
        if (!record.blank() && !out.emplace(record.key_id(), number).second) {
            return file_fault(path, std::string("is damaged: record ") + std::to_string(number) + " repeats a key id",
                              "restore it from a backup; it is never begun anew by itself, see docs/operations.md");
        }
    }
    return out;
}

}  // namespace

struct ReplayStore::Impl {
    Descriptor lock;
    ReplayFile file;
    Index index;
    std::array<std::uint32_t, RESEAL_WINDOW_WORDS(RESEAL_WINDOW_MAX)> no_words{};  // of a key that has accepted nothing
};

ReplayStore::ReplayStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ReplayStore::ReplayStore(ReplayStore&&) noexcept = default;
ReplayStore& ReplayStore::operator=(ReplayStore&&) noexcept = default;
ReplayStore::~ReplayStore() = default;

Checked<ReplayStore> ReplayStore::open(const std::string& folder, std::uint32_t window) {
    const std::string path = folder + "/replay";
    if (window < RESEAL_WINDOW_MIN || window > RESEAL_WINDOW_MAX || window % 32 != 0) {
        return file_fault(path, std::to_string(window) + " is no size of a replay window",
                          "32 to 4096, a multiple of 32");
    }
    auto locked = lock(folder);
    if (!locked) {
        return locked.error();
    }
    auto file = open_or_make(path, window);
    if (!file) {
        return file.error();
    }
    auto index = index_of(*file, path);
    if (!index) {
        return index.error();
    }
    return ReplayStore(std::make_unique<Impl>(Impl{std::move(*locked), std::move(*file), std::move(*index)}));
}

reseal_status ReplayStore::check(const reseal_envelope& envelope) const {
    const auto found = impl_->index.find(keyring::key_id_of(envelope));
    const reseal_replay replay = found == impl_->index.end()
                                     ? reseal_replay{{}, 0, impl_->file.window(), impl_->no_words.data()}
                                     : impl_->file.record(found->second).window();
    return reseal_replay_check(&replay, &envelope.epoch, envelope.counter);
}

std::optional<Accepted> ReplayStore::highest(const KeyId& id) const {
    const auto found = impl_->index.find(id);
    if (found == impl_->index.end()) {
        return std::nullopt;
    }
    const reseal_replay replay = impl_->file.record(found->second).window();
    return Accepted{.epoch = replay.epoch, .counter = replay.top};
}

reseal_status ReplayStore::mark(const reseal_envelope& envelope) {
    const KeyId key_id = keyring::key_id_of(envelope);
    const auto found = impl_->index.find(key_id);
    if (found != impl_->index.end()) {
        impl_->file.record(found->second).mark(envelope.epoch, envelope.counter);
        return RESEAL_OK;
    }
    std::array<std::uint32_t, RESEAL_WINDOW_WORDS(RESEAL_WINDOW_MAX)> words{};
    reseal_replay first{{}, 0, impl_->file.window(), words.data()};
    reseal_replay_mark(&first, &envelope.epoch, envelope.counter);
    const auto number = impl_->file.append(key_id, first);
    if (!number) {
        return RESEAL_WINDOW_NOT_STORED;
    }
    impl_->index.emplace(key_id, *number);
    return RESEAL_OK;
}

}  // namespace reseal::state
