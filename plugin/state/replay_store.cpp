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
                              "restore it from a backup; it is never begun anew by itself, see docs/backup.md");
        }
    }
    return out;
}

}  // namespace

struct ReplayStore::Impl {
    Descriptor lock;
    ReplayFile file;
    Index index;
    std::string path;
    std::array<std::uint32_t, RESEAL_WINDOW_WORDS(RESEAL_WINDOW_MAX)> no_words{};

    // The window of a key that has accepted nothing.
    reseal_replay nothing() { return {{}, 0, file.window(), no_words.data()}; }
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
    return ReplayStore(std::make_unique<Impl>(Impl{std::move(*locked), std::move(*file), std::move(*index), path}));
}

Checked<std::vector<keyring::KeyEpoch>> ReplayStore::read_epochs(const std::string& folder) {
    const std::string path = folder + "/replay";
    if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
        return std::vector<keyring::KeyEpoch>();
    }
    return ReplayFile::read_epochs(path);
}

Checked<Done> ReplayStore::distrust(std::span<const keyring::KeyEpoch> known) {
    for (std::uint32_t number = 0; number < impl_->file.count(); ++number) {
        if (!impl_->file.record(number).blank()) {
            impl_->file.record(number).distrust();
        }
    }
    for (const keyring::KeyEpoch& each : known) {
        auto found = impl_->index.find(each.key);
        if (found == impl_->index.end()) {
            const auto number = impl_->file.append(each.key, impl_->nothing(), Trust::restored);
            if (!number) {
                return system_fault(impl_->path, "growing it", "there must be free space");
            }
            found = impl_->index.emplace(each.key, *number).first;
        }
        ReplayRecord record = impl_->file.record(found->second);
        if (record.window().epoch.number < each.epoch) {
            record.mark({each.epoch, {}}, 0, Trust::restored);
        }
    }
    return Done{};
}

reseal_status ReplayStore::check(const reseal_envelope& envelope) const {
    const auto found = impl_->index.find(keyring::key_id_of(envelope));
    if (found == impl_->index.end()) {
        const reseal_replay nothing = impl_->nothing();
        return reseal_replay_check(&nothing, &envelope.epoch, envelope.counter);
    }
    const ReplayRecord record = impl_->file.record(found->second);
    const reseal_replay replay = record.window();
    if (record.trust() != Trust::full && envelope.epoch.number <= replay.epoch.number) {
        return RESEAL_STALE_EPOCH;
    }
    return reseal_replay_check(&replay, &envelope.epoch, envelope.counter);
}

std::optional<Accepted> ReplayStore::highest(const KeyId& id) const {
    const auto found = impl_->index.find(id);
    const reseal_replay replay =
        found == impl_->index.end() ? impl_->nothing() : impl_->file.record(found->second).window();
    return replay.epoch.number == 0 ? std::nullopt
                                    : std::optional(Accepted{.epoch = replay.epoch, .counter = replay.top});
}

reseal_status ReplayStore::mark(const reseal_envelope& envelope) {
    const KeyId key_id = keyring::key_id_of(envelope);
    const auto found = impl_->index.find(key_id);
    if (found != impl_->index.end()) {
        ReplayRecord record = impl_->file.record(found->second);
        const bool only_shown = record.trust() == Trust::restored;
        record.mark(envelope.epoch, envelope.counter, only_shown ? Trust::epoch_shown : Trust::full);
        return only_shown ? RESEAL_STALE_EPOCH : RESEAL_OK;
    }
    std::array<std::uint32_t, RESEAL_WINDOW_WORDS(RESEAL_WINDOW_MAX)> words{};
    reseal_replay first{{}, 0, impl_->file.window(), words.data()};
    reseal_replay_mark(&first, &envelope.epoch, envelope.counter);
    const auto number = impl_->file.append(key_id, first, Trust::full);
    if (!number) {
        return RESEAL_WINDOW_NOT_STORED;
    }
    impl_->index.emplace(key_id, *number);
    return RESEAL_OK;
}

}  // namespace reseal::state
