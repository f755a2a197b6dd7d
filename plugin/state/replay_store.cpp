#include "state/replay_store.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/descriptor.h"
#include "base/flat_index.h"
#include "base/private_file.h"
#include "state/replay_file.h"

namespace reseal::state {
namespace {

using keyring::KeyId;

// More records than these, and more than an eighth of all, that are not in their order yet: they are put into it.
constexpr std::uint32_t unsorted_most = 4096;

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
    if (!file) {
        return file;
    }
    const bool same_window = file->window() == window;
    const std::uint32_t unsorted = file->count() - file->sorted();
    if (same_window && unsorted <= std::max(unsorted_most, file->count() / 8)) {
        return file;
    }
    for (std::uint32_t number = 0; number < file->count(); ++number) {
        file->record(number).forget_unsettled();
    }
    const auto in_order = ReplayFile::in_order(*file, window);
    if (!in_order) {
        return in_order.error();
    }
    if (const auto replaced = replace_file(path, *in_order); !replaced) {
        return same_window ? std::move(file) : replaced.error();  // a full disk keeps nobody from going on
    }
    return ReplayFile::open(path);
}

// A key id where it stands: copied, it could not be read again for some nanoseconds.
using Id = std::span<const std::uint8_t, RESEAL_KEY_ID_SIZE>;

// Key ids are random numbers: their first bytes are a hash already.
std::uint32_t hash_of(Id id) {
    std::uint32_t hash = 0;
    std::memcpy(&hash, id.data(), sizeof hash);
    return hash;
}

std::uint32_t find_in(const FlatIndex& index, const ReplayFile& file, Id id) {
    return index.find(hash_of(id), [&](std::uint32_t number) { return file.record(number).is_of(id); });
}

reseal_status check_in(const ReplayRecord& record, const reseal_envelope& envelope) {
    const reseal_replay replay = record.window();
    if (record.trust() != Trust::full && envelope.epoch.number <= replay.epoch.number) {
        return RESEAL_STALE_EPOCH;
    }
    return reseal_replay_check(&replay, &envelope.epoch, envelope.counter);
}

// The place of an epoch of the broker's own among the keys.
KeyId own_id(const KeyId& id, const reseal_epoch& epoch) {
    std::string input = "reseal-own-epoch/1";
    input.append(id.begin(), id.end());
    input.append(reinterpret_cast<const char*>(&epoch.number), sizeof epoch.number);  // NOLINT(*-reinterpret-cast)
    input.append(std::begin(epoch.salt), std::end(epoch.salt));
    std::array<std::uint8_t, crypto_generichash_BYTES_MIN> hash{};
    const auto bytes = as_bytes(input);
    crypto_generichash(hash.data(), hash.size(), bytes.data(), bytes.size(), nullptr, 0);
    KeyId out{};
    std::copy_n(hash.begin(), out.size(), out.begin());
    return out;
}

// Of the records that are not in order. What the last process left unsettled there is forgotten.
Checked<FlatIndex> index_of(const ReplayFile& file, const std::string& path) {
    FlatIndex out;
    out.reserve(file.count() - file.sorted());
    for (std::uint32_t number = file.sorted(); number < file.count(); ++number) {
        ReplayRecord record = file.record(number);
        if (record.blank()) {
            continue;
        }
        record.forget_unsettled();
        const KeyId id = record.key_id();
        if (find_in(out, file, id) != FlatIndex::none) {
            return file_fault(path, std::string("is damaged: record ") + std::to_string(number) + " repeats a key id",
                              "restore it from a backup; it is never begun anew by itself, see docs/backup.md");
        }
        out.insert(hash_of(id), number);
    }
    return out;
}

}  // namespace

struct ReplayStore::Impl {
    Descriptor lock;
    ReplayFile file;
    FlatIndex index;  // of the records that are not in order, and of those that were looked for
    std::string path;
    std::array<std::uint32_t, RESEAL_WINDOW_WORDS(RESEAL_WINDOW_MAX)> no_words{};

    ReplayFile::Found find(Id id) {
        const std::uint32_t known = find_in(index, file, id);
        if (known != FlatIndex::none) {
            return {.index = known};
        }
        KeyId sought{};
        std::ranges::copy(id, sought.begin());
        const ReplayFile::Found found = file.find_sorted(sought);
        if (found.index) {
            file.record(*found.index).forget_unsettled();  // of the last process: this one has not been here yet
            index.insert(hash_of(id), *found.index);
        }
        return found;
    }

    // Null if the file cannot grow.
    std::optional<std::uint32_t> append(const KeyId& id, const reseal_replay& window, Trust trust) {
        const auto number = file.append(id, window, trust);
        if (number) {
            index.insert(hash_of(id), *number);
        }
        return number;
    }

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
    settle();
    for (std::uint32_t number = 0; number < impl_->file.count(); ++number) {
        ReplayRecord record = impl_->file.record(number);
        record.forget_unsettled();
        if (!record.blank() && record.trust() != Trust::own) {
            record.distrust();
        }
    }
    for (const keyring::KeyEpoch& each : known) {
        auto found = impl_->find(each.key);
        if (!found.index && !found.damaged) {
            found.index = impl_->append(each.key, impl_->nothing(), Trust::restored);
        }
        if (!found.index) {
            return found.damaged ? file_fault(impl_->path, "is damaged", "restore it from a backup")
                                 : system_fault(impl_->path, "growing it", "there must be free space");
        }
        ReplayRecord record = impl_->file.record(*found.index);
        if (record.window().epoch.number < each.epoch) {
            record.mark({each.epoch, {}}, 0, Trust::restored);
            record.settle();
        }
    }
    return Done{};
}

reseal_status ReplayStore::check(const reseal_envelope& envelope) const {
    const Id id(envelope.key_id);
    if (const std::uint32_t known = find_in(impl_->index, impl_->file, id); known != FlatIndex::none) {
        return check_in(impl_->file.record(known), envelope);  // nearly always
    }
    const ReplayFile::Found found = impl_->find(id);
    if (found.damaged) {
        return RESEAL_WINDOW_NOT_STORED;
    }
    if (found.index) {
        return check_in(impl_->file.record(*found.index), envelope);
    }
    const reseal_replay nothing = impl_->nothing();
    return reseal_replay_check(&nothing, &envelope.epoch, envelope.counter);
}

std::optional<Accepted> ReplayStore::highest(const KeyId& id) const {
    const ReplayFile::Found found = impl_->find(id);
    const reseal_replay replay = found.index ? impl_->file.record(*found.index).window() : impl_->nothing();
    return replay.epoch.number == 0 ? std::nullopt
                                    : std::optional(Accepted{.epoch = replay.epoch, .counter = replay.top});
}

bool ReplayStore::distrusts(const KeyId& id) const {
    const ReplayFile::Found found = impl_->find(id);
    return found.index && impl_->file.record(*found.index).trust() == Trust::restored;
}

reseal_status ReplayStore::mark(const reseal_envelope& envelope) {
    const KeyId key_id = keyring::key_id_of(envelope);
    const ReplayFile::Found found = impl_->find(key_id);
    if (found.damaged) {
        return RESEAL_WINDOW_NOT_STORED;
    }
    const auto number = found.index ? found.index : impl_->append(key_id, impl_->nothing(), Trust::full);
    if (!number) {
        return RESEAL_WINDOW_NOT_STORED;
    }
    ReplayRecord record = impl_->file.record(*number);
    if (record.trust() == Trust::restored) {
        record.mark(envelope.epoch, envelope.counter, Trust::epoch_shown);
        record.settle();
        return RESEAL_STALE_EPOCH;
    }
    if (!record.ahead()) {
        ahead_.push_back(*number);
    }
    record.mark(envelope.epoch, envelope.counter, Trust::full);
    return RESEAL_OK;
}

void ReplayStore::settle_all() {
    for (const std::uint32_t number : ahead_) {
        impl_->file.record(number).settle();
    }
    ahead_.clear();
}

reseal_status ReplayStore::remember_own(const KeyId& id, const reseal_epoch& epoch) {
    const KeyId place = own_id(id, epoch);
    const ReplayFile::Found found = impl_->find(place);
    if (found.index) {
        return is_own(id, epoch) ? RESEAL_OK : RESEAL_WINDOW_NOT_STORED;
    }
    std::array<std::uint32_t, RESEAL_WINDOW_WORDS(RESEAL_WINDOW_MAX)> words{};
    reseal_replay window{{}, 0, impl_->file.window(), words.data()};
    reseal_replay_mark(&window, &epoch, 0);
    const bool stored = !found.damaged && impl_->append(place, window, Trust::own) && impl_->file.flush();
    return stored ? RESEAL_OK : RESEAL_WINDOW_NOT_STORED;
}

bool ReplayStore::is_own(const KeyId& id, const reseal_epoch& epoch) const {
    const ReplayFile::Found found = impl_->find(own_id(id, epoch));
    if (!found.index) {
        return found.damaged;
    }
    const ReplayRecord record = impl_->file.record(*found.index);
    const reseal_replay window = record.window();
    return record.trust() == Trust::own && reseal_epoch_equal(&window.epoch, &epoch);
}

}  // namespace reseal::state
