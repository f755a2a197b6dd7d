// SPDX-License-Identifier: Apache-2.0
// Makes files of replay windows: new, taken over from an older program, or under distrust.
#include <unistd.h>

#include <cerrno>
#include <map>

#include "base/private_file.h"
#include "state/own_epoch.h"
#include "state/replay_file.h"
#include "state/replay_image.h"
#include "state/replay_store.h"
#include "state/replay_version_1.h"

namespace reseal::state {
namespace {

constexpr std::uint64_t first_generation = 1;

ReplayFileId new_id() {
    ReplayFileId out{};
    randombytes_buf(out.data(), out.size());
    return out;
}

bool missing(const std::string& path) {
    return ::access(path.c_str(), F_OK) != 0 && errno == ENOENT;
}

// What is known of a key, or of whatever else the key id stands for.
struct Known {
    reseal_epoch epoch{};
    Trust trust = Trust::restored;
};
using KnownKeys = std::map<KeyId, Known>;

void raise(KnownKeys& known, const KeyId& key, EpochNumber epoch) {
    Known& entry = known[key];
    if (entry.trust == Trust::restored && entry.epoch.number < epoch) {
        entry.epoch = {epoch, {}};
    }
}

// What can be verified of the file.
KnownKeys salvaged(const ReplayFile& file) {
    KnownKeys out;
    for (std::uint32_t index = 0; index < file.count(); ++index) {
        const auto newest = file.look(index).newest;
        if (!newest) {
            continue;
        }
        const ReplayRecord record = file.record(index);
        const reseal_epoch epoch = record.epoch_in(*newest);
        const Trust trust = record.trust_in(*newest);
        if (trust == Trust::own || trust == Trust::list) {
            out[record.key_id_in(*newest)] = {epoch, trust};
        } else if (trust != Trust::retained && trust != Trust::open) {  // those two may no longer be true
            raise(out, record.key_id_in(*newest), epoch.number);
        }
    }
    return out;
}

// The same for a file of either version. Fault: it is missing or damaged as a whole.
Checked<KnownKeys> salvaged(const std::string& path, const StateKey& key) {
    const auto file = ReplayFile::read(path, key);
    if (file) {
        return salvaged(*file);
    }
    const auto old = read_version_1(path);
    if (!old) {
        return file.error();
    }
    KnownKeys out;
    for (const OldRecord& record : old->records) {
        raise(out, record.key, record.epoch.number);
    }
    return out;
}

// A window of which only the epoch counts: messages of no higher epoch are refused.
reseal_replay window_of(const Known& known, std::uint32_t window, std::vector<std::uint32_t>& words) {
    words.assign(RESEAL_WINDOW_WORDS(window), 0);
    reseal_replay out{{}, 0, window, words.data()};
    if (known.epoch.number != 0) {
        reseal_replay_mark(&out, &known.epoch, 0);
    }
    return out;
}

}  // namespace

Checked<Done> ReplayStore::make(const FolderLock& folder, std::uint32_t window, const StateKey& key) {
    return create_file(folder.replay(), ReplayImage(key, new_id(), first_generation, window, 0).finish());
}

Checked<Done> ReplayStore::convert_version_1(const FolderLock& folder, std::uint32_t window, const StateKey& key) {
    auto old = read_version_1(folder.replay());
    if (!old) {
        return old.error();
    }
    ReplayImage image(key, new_id(), first_generation, window, static_cast<std::uint32_t>(old->records.size()));
    for (OldRecord& each : old->records) {
        image.add(each.key, {each.epoch, each.top, old->window, each.words.data()}, each.trust);
    }
    return replace_file(folder.replay(), image.finish());
}

Checked<Done> ReplayStore::begin_anew(const FolderLock& folder, std::uint32_t window, const StateKey& key,
                                      std::span<const KeyEpoch> known) {
    const auto found = salvaged(folder.replay(), key);
    KnownKeys keys = found ? *found : KnownKeys();
    for (const KeyEpoch& each : known) {
        raise(keys, each.key, each.epoch);
    }
    ReplayImage image(key, new_id(), first_generation, window, static_cast<std::uint32_t>(keys.size()));
    std::vector<std::uint32_t> words;
    for (const auto& [id, each] : keys) {
        image.add(id, window_of(each, window, words), each.trust);
    }
    return replace_file(folder.replay(), image.finish());
}

Checked<std::uint32_t> ReplayStore::read_newest_list(const std::string& folder, const StateKey& key,
                                                     std::string_view issuer) {
    const std::string path = folder + "/replay";
    if (missing(path)) {
        return 0U;
    }
    const auto file = ReplayFile::read(path, key);
    if (!file) {
        return file.error();
    }
    const KeyId place = list_place(issuer);
    for (std::uint32_t index = 0; index < file->count(); ++index) {
        const auto newest = file->look(index).newest;
        if (newest && file->record(index).key_id_in(*newest) == place) {
            return file->record(index).epoch_in(*newest).number;
        }
    }
    return 0U;
}

Checked<std::vector<KeyEpoch>> ReplayStore::read_epochs(const std::string& folder, const StateKey& key) {
    const std::string path = folder + "/replay";
    std::vector<KeyEpoch> out;
    if (missing(path)) {
        return out;
    }
    const auto keys = salvaged(path, key);
    if (!keys) {
        return keys.error();
    }
    for (const auto& [id, known] : *keys) {
        if (known.trust == Trust::restored && known.epoch.number != 0) {
            out.push_back({id, known.epoch.number});
        }
    }
    return out;
}

}  // namespace reseal::state
