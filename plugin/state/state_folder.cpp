// SPDX-License-Identifier: Apache-2.0
#include "state/state_folder.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "base/fault.h"
#include "state/replay_file.h"
#include "state/replay_header.h"

namespace reseal::state {
namespace {

using keyring::StateRecord;

bool exists(const std::string& path) {
    return ::access(path.c_str(), F_OK) == 0 || errno != ENOENT;
}

// A folder beside a registry.
struct Place {
    std::string folder;
    std::string registry;
    std::vector<StateRecord> rows;

    [[nodiscard]] std::string replay() const { return folder + "/replay"; }
    [[nodiscard]] std::string epoch() const { return folder + "/epoch"; }
    [[nodiscard]] const StateRecord* row(const ReplayFileId& id) const {
        const auto found = std::ranges::find(rows, id, &StateRecord::file);
        return found == rows.end() ? nullptr : &*found;
    }
};

Checked<Place> place_of(const std::string& folder, keyring::Registry& registry) {
    auto rows = registry.states();
    return rows ? Checked<Place>(Place{folder, registry.path(), std::move(*rows)}) : rows.error();
}

constexpr const char* distrust_remedy = "put the newest one back, or run 'provision distrust', see docs/backup.md";

Fault missing_fault(const Place& place) {
    if (place.rows.empty()) {
        return file_fault(place.replay(), "is missing, but there is " + place.epoch() + ": a broker has run here",
                          distrust_remedy);
    }
    return file_fault(place.replay(), "is missing, but " + place.registry + " knows of one",
                      std::string(distrust_remedy) +
                          "; for another broker of this registry run 'provision distrust --another-broker'");
}

Fault unknown_fault(const Place& place) {
    return file_fault(place.replay(), "is not the one that " + place.registry + " knows",
                      "put the right one back; if the registry was copied from another broker run 'provision adopt', "
                      "else 'provision distrust', see docs/backup.md");
}

std::string generations(std::uint64_t here, std::uint64_t known) {
    return " (generation " + std::to_string(here) + " here, " + std::to_string(known) + " there)";
}

// What a start must do about the replay file.
enum class Step : std::uint8_t { make, convert, go_on };

Checked<Step> step_for(const Place& place, const ReplayLabel& label) {
    if (label.version == 1) {
        return place.rows.empty() ? Checked<Step>(Step::convert) : unknown_fault(place);
    }
    const StateRecord* const row = place.row(label.id);
    if (row == nullptr) {  // it is another's, or a crash came before the first row
        return place.rows.empty() && label.generation == 1 ? Checked<Step>(Step::go_on) : unknown_fault(place);
    }
    if (label.generation < row->generation) {
        return file_fault(place.replay(),
                          "is older than " + place.registry + " knows" + generations(label.generation, row->generation),
                          distrust_remedy);
    }
    if (label.generation > row->generation + 1) {
        return file_fault(
            place.registry,
            "is older than " + place.replay() + " says" + generations(label.generation, row->generation),
            "put it back with 'provision restore'; if it was copied from another broker run 'provision adopt'");
    }
    return Step::go_on;
}

Checked<Step> step_for(const Place& place, const StateKey& key) {
    if (!exists(place.replay())) {
        const bool is_new = place.rows.empty() && !exists(place.epoch());
        return is_new ? Checked<Step>(Step::make) : missing_fault(place);
    }
    const auto label = read_label(place.replay(), key);
    return label ? step_for(place, *label) : label.error();
}

Checked<Done> check_epoch(const Place& place, EpochNumber known) {
    const auto here = EpochStore::reserved(place.folder);
    if (!here) {
        return here.error();
    }
    if (*here >= known) {
        return Done{};
    }
    return file_fault(
        place.epoch(),
        *here == 0 ? "is missing, but " + place.registry + " knows of it"
                   : "is older than " + place.registry + " knows: it should be " + std::to_string(known) + " or more",
        "put the newest one back, or run 'provision distrust --own-epochs', see docs/backup.md");
}

Checked<Done> check_epoch(const Place& place, const StateKey& key) {
    const auto label = read_label(place.replay(), key);
    const StateRecord* const row = label ? place.row(label->id) : nullptr;
    return check_epoch(place, row != nullptr ? row->epoch : 0);
}

Checked<Done> prepare(Step step, const FolderLock& lock, std::uint32_t window, const StateKey& key) {
    switch (step) {
        case Step::make:
            return ReplayStore::make(lock, window, key);
        case Step::convert:
            return ReplayStore::convert_version_1(lock, window, key);
        case Step::go_on:
            break;
    }
    return Done{};
}

// Brings the row up to the file before the file goes one generation further. So the file is never two ahead.
Checked<Done> catch_up(const Place& place, const StateKey& key, keyring::Registry& registry) {
    const auto label = read_label(place.replay(), key);
    if (!label) {
        return label.error();
    }
    const StateRecord* const row = place.row(label->id);
    const EpochNumber epoch = row != nullptr ? row->epoch : 0;
    return row != nullptr && row->generation == label->generation
               ? Checked<Done>(Done{})
               : registry.put_state({label->id, label->generation, epoch});
}

StateRecord row_of(const ReplayStore& replay, const EpochStore& epochs) {
    return {.file = replay.identity().id, .generation = replay.identity().generation, .epoch = epochs.reserved_now()};
}

// Damaged records in a file that may be in use. It is read twice, because one reading may come in the middle of a mark.
std::optional<Fault> damaged_records(const std::string& path, const StateKey& key) {
    std::vector<std::uint32_t> damaged_before;
    std::vector<std::uint32_t> damaged_now;
    for (int look = 0; look < 2; ++look) {
        const auto file = ReplayFile::read(path, key);
        if (!file) {
            return file.error();
        }
        damaged_before = std::exchange(damaged_now, {});
        for (std::uint32_t index = 0; index < file->count(); ++index) {
            const auto seen = file->look(index);
            if (!seen.newest || (!seen.whole && file->ended())) {
                damaged_now.push_back(index);
            }
        }
    }
    std::vector<std::uint32_t> both;
    std::ranges::set_intersection(damaged_before, damaged_now, std::back_inserter(both));
    if (both.empty()) {
        return std::nullopt;
    }
    return damaged(path, std::to_string(both.size()) + " windows are not as they were written, the first is record " +
                             std::to_string(both.front()));
}

}  // namespace

Checked<StateFolder> StateFolder::open(const std::string& folder, std::uint32_t window, const StateKey& key,
                                       keyring::Registry& registry) {
    auto lock = FolderLock::take(folder);
    auto place = lock ? place_of(folder, registry) : lock.error();
    const auto step = place ? step_for(*place, key) : place.error();
    if (!step) {
        return step.error();
    }
    if (auto sound = check_epoch(*place, key); !sound) {
        return sound.error();
    }
    if (auto prepared = prepare(*step, *lock, window, key); !prepared) {
        return prepared.error();
    }
    if (auto caught_up = catch_up(*place, key, registry); !caught_up) {
        return caught_up.error();
    }
    auto replay = ReplayStore::open(std::move(*lock), window, key);
    if (!replay) {
        return replay.error();
    }
    auto epochs = EpochStore::open(folder);
    if (!epochs) {
        return epochs.error();
    }
    if (auto written = registry.put_state(row_of(*replay, *epochs)); !written) {
        return written.error();
    }
    return StateFolder{std::move(*replay), std::move(*epochs)};
}

Checked<Done> end(ReplayStore& replay, const EpochStore& epochs, keyring::Registry& registry) {
    auto ended = replay.end();
    return ended ? registry.put_state(row_of(replay, epochs)) : ended;
}

std::vector<Fault> inspect(const std::string& folder, const StateKey& key, keyring::Registry& registry) {
    std::vector<Fault> out;
    const auto place = place_of(folder, registry);
    if (!place) {
        return {place.error()};
    }
    const auto step = step_for(*place, key);
    if (!step) {
        out.push_back(step.error());
    } else if (const auto found = *step == Step::go_on ? damaged_records(place->replay(), key) : std::nullopt) {
        out.push_back(*found);
    }
    if (const auto sound = check_epoch(*place, key); !sound) {
        out.push_back(sound.error());
    }
    return out;
}

Checked<Done> adopt(const std::string& folder, std::uint32_t window, const StateKey& key, keyring::Registry& registry) {
    const auto lock = FolderLock::take(folder);
    const auto place = lock ? place_of(folder, registry) : lock.error();
    auto label = place ? read_label(place->replay(), key) : place.error();
    if (!label) {
        return label.error();
    }
    if (label->version == 1) {
        if (auto converted = ReplayStore::convert_version_1(*lock, window, key); !converted) {
            return converted;
        }
        label = read_label(lock->replay(), key);
    }
    const StateRecord* const row = label ? place->row(label->id) : nullptr;
    if (row != nullptr && label->generation < row->generation) {
        return step_for(*place, *label).error();
    }
    if (auto sound = check_epoch(*place, row != nullptr ? row->epoch : 1); !sound) {
        return sound;
    }
    const auto file = ReplayFile::open(lock->replay(), key);
    if (!file) {
        return file.error();
    }
    if (const auto whole = file->examine(0); !whole) {
        return whole.error();
    }
    return registry.put_state({label->id, label->generation, *EpochStore::reserved(folder)});
}

Checked<BegunAnew> begin_anew(const std::string& folder, std::uint32_t window, const StateKey& key,
                              std::span<const KeyEpoch> known, EpochNumber used_epoch) {
    auto lock = FolderLock::take(folder);
    if (!lock) {
        return lock.error();
    }
    if (auto begun = ReplayStore::begin_anew(*lock, window, key, known); !begun) {
        return begun.error();
    }
    const auto reserved = EpochStore::raise(folder, used_epoch);
    const auto label = reserved ? read_label(lock->replay(), key) : reserved.error();
    return label ? Checked<BegunAnew>(BegunAnew{std::move(*lock), {label->id, label->generation, *reserved}})
                 : label.error();
}

Checked<BegunAnew> raise_epochs(const std::string& folder, const StateKey& key, keyring::Registry& registry) {
    auto lock = FolderLock::take(folder);
    const auto place = lock ? place_of(folder, registry) : lock.error();
    const auto label = place ? read_label(place->replay(), key) : place.error();
    const auto step = label ? step_for(*place, *label) : label.error();
    if (!step || *step != Step::go_on) {
        return step ? unknown_fault(*place) : step.error();
    }
    const auto reserved = EpochStore::raise(folder, highest_epoch(place->rows));
    return reserved ? Checked<BegunAnew>(BegunAnew{std::move(*lock), {label->id, label->generation, *reserved}})
                    : reserved.error();
}

EpochNumber highest_epoch(std::span<const StateRecord> rows) {
    std::uint32_t out = 0;
    for (const StateRecord& row : rows) {
        out = std::max(out, row.epoch);
    }
    return out;
}

}  // namespace reseal::state
