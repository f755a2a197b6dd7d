// SPDX-License-Identifier: Apache-2.0
#include "state/replay_store.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <unordered_map>

#include "base/flat_index.h"
#include "base/private_file.h"
#include "state/own_epoch.h"
#include "state/replay_file.h"

namespace reseal::state {
namespace {

// A file with at most this many records is checked and written as a whole at each start. A larger one is put in order
// when more than an eighth of it is not.
constexpr std::uint32_t few = 4096;

bool worth_writing_anew(const ReplayFile& file, std::uint32_t window) {
    const std::uint32_t unsorted = file.count() - file.sorted();
    return file.window() != window || file.count() <= few || unsorted > std::max(few, file.count() / 8);
}

// The same records in a new file, with the next generation. Nothing if it cannot be written.
Checked<std::optional<ReplayFile>> written_anew(const ReplayFile& file, const std::string& path, std::uint32_t window,
                                                const StateKey& key) {
    const auto bytes = file.in_order(key, window);
    if (!bytes) {
        return bytes.error();
    }
    if (const auto replaced = replace_file(path, *bytes); !replaced) {
        using Nothing = Checked<std::optional<ReplayFile>>;
        return file.window() != window ? Nothing(replaced.error()) : Nothing(std::nullopt);
    }
    auto fresh = ReplayFile::open(path, key);
    return fresh ? Checked<std::optional<ReplayFile>>(std::move(*fresh)) : fresh.error();
}

Checked<ReplayFile> open_file(const std::string& path, std::uint32_t window, const StateKey& key) {
    auto file = ReplayFile::open(path, key);
    if (!file) {
        return file;
    }
    const bool anew = worth_writing_anew(*file, window);
    const auto remains = file->examine(anew || !file->ended() ? 0 : file->sorted());
    if (!remains) {
        return remains.error();
    }
    file->repair(*remains);
    if (anew) {
        auto fresh = written_anew(*file, path, window, key);
        if (!fresh) {
            return fresh.error();
        }
        if (*fresh) {
            return std::move(**fresh);
        }  // a full disk must not stop the start
    }
    auto started = file->start();
    return started ? std::move(file) : started.error();
}

// Refers to a key id in place: a copy could not be read for some nanoseconds.
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

bool marked_in(const reseal_replay& replay, const reseal_epoch& epoch, std::uint32_t counter) {
    const std::uint32_t bit = counter % replay.window;
    return reseal_epoch_equal(&replay.epoch, &epoch) && counter <= replay.top && replay.top - counter < replay.window &&
           (replay.words[bit / 32] >> (bit % 32) & 1U) != 0;
}

// The index of the records that are not in order.
Checked<FlatIndex> index_of(const ReplayFile& file, const std::string& path) {
    FlatIndex out;
    out.reserve(file.count() - file.sorted());
    for (std::uint32_t number = file.sorted(); number < file.count(); ++number) {
        const KeyId id = file.record(number).key_id();
        if (find_in(out, file, id) != FlatIndex::none) {
            return damaged(path, std::string("record ") + std::to_string(number) + " repeats a key id");
        }
        out.insert(hash_of(id), number);
    }
    return out;
}

Fault lost_fault(const std::string& path) {
    return file_fault(
        path, "was cut short or overwritten while the broker was running: every message is refused",
        "stop the broker, then put the newest file back, or run 'provision distrust', see docs/backup.md");
}

}  // namespace

struct ReplayStore::Impl {
    FolderLock folder;
    ReplayFile file;
    FlatIndex index;  // of the records that are not in order, and of those found so far
    std::array<std::uint32_t, RESEAL_WINDOW_WORDS(RESEAL_WINDOW_MAX)> no_words{};
    std::optional<Fault> damage;
    bool damage_told = false;
    std::optional<KeyId> not_own;  // the place that is_own() last looked for in vain
    ReplayFile::Standing standing = ReplayFile::Standing::in_place;

    [[nodiscard]] bool lost() const { return standing == ReplayFile::Standing::lost; }

    ReplayFile::Found find(Id id) {
        if (lost()) {
            return {.index = std::nullopt, .damaged = true};
        }
        const std::uint32_t known = find_in(index, file, id);
        if (known != FlatIndex::none) {
            return {.index = known};
        }
        KeyId sought{};
        std::ranges::copy(id, sought.begin());
        const ReplayFile::Found found = file.find_sorted(sought);
        if (found.index) {
            index.insert(hash_of(id), *found.index);
        } else if (found.damaged && !damage_told) {
            damage_told = true;
            damage = file_fault(folder.replay(), "is damaged: there are windows that are not as they were written",
                                "give the devices that are refused another key with 'provision rotate', or run "
                                "'provision distrust', see docs/backup.md");
        }
        return found;
    }

    // Nothing if the file cannot grow.
    std::optional<std::uint32_t> append(const KeyId& id, const reseal_replay& window, Trust trust) {
        const auto number = file.append(id, window, trust);
        if (number) {
            index.insert(hash_of(id), *number);
        }
        return number;
    }

    // The window of a key before any message was accepted.
    reseal_replay nothing() { return {{}, 0, file.window(), no_words.data()}; }
};

ReplayStore::ReplayStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ReplayStore::ReplayStore(ReplayStore&&) noexcept = default;
ReplayStore& ReplayStore::operator=(ReplayStore&&) noexcept = default;
ReplayStore::~ReplayStore() = default;

Checked<ReplayStore> ReplayStore::open(FolderLock folder, std::uint32_t window, const StateKey& key) {
    if (window < RESEAL_WINDOW_MIN || window > RESEAL_WINDOW_MAX || window % 32 != 0) {
        return file_fault(folder.replay(), std::to_string(window) + " is not a size of a replay window",
                          "32 to 4096, a multiple of 32");
    }
    auto file = open_file(folder.replay(), window, key);
    if (!file) {
        return file.error();
    }
    auto index = index_of(*file, folder.replay());
    if (!index) {
        return index.error();
    }
    return ReplayStore(std::make_unique<Impl>(Impl{.folder = std::move(folder),
                                                   .file = std::move(*file),
                                                   .index = std::move(*index),
                                                   .damage = {},
                                                   .not_own = {}}));
}

Checked<Done> ReplayStore::end() {
    (void)look();
    if (impl_->lost()) {
        return lost_fault(impl_->folder.replay());
    }
    settle();
    auto ended = impl_->file.end();
    const bool away = impl_->standing == ReplayFile::Standing::displaced;
    return ended && away ? impl_->file.put_back() : ended;
}

std::optional<Fault> ReplayStore::look() {
    using Standing = ReplayFile::Standing;
    if (impl_->lost()) {
        return std::nullopt;  // told before; it stays lost
    }
    const Standing before = std::exchange(impl_->standing, impl_->file.standing());
    if (impl_->standing == before || impl_->standing == Standing::in_place) {
        return std::nullopt;
    }
    if (impl_->lost()) {
        impl_->index = {};  // the mapping must not be touched any more
        impl_->not_own.reset();
        ahead_.clear();
        delivered_.clear();
        return lost_fault(impl_->folder.replay());
    }
    return file_fault(impl_->folder.replay(),
                      "was removed or replaced while the broker was running; it goes on with the file that it had open",
                      "stop the broker cleanly, and it is put back");
}

ReplayIdentity ReplayStore::identity() const {
    return {.id = impl_->file.id(), .generation = impl_->file.generation()};
}

std::optional<Fault> ReplayStore::take_damage() {
    return std::exchange(impl_->damage, std::nullopt);
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

std::optional<reseal_replay> ReplayStore::window(const KeyId& id) const {
    const ReplayFile::Found found = impl_->find(id);
    if (!found.index || found.damaged) {
        return std::nullopt;
    }
    const reseal_replay out = impl_->file.record(*found.index).window();
    return out.epoch.number == 0 ? std::nullopt : std::optional(out);
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
    const KeyId key_id = key_id_of(envelope);
    const ReplayFile::Found found = impl_->find(key_id);
    if (found.damaged) {
        return RESEAL_WINDOW_NOT_STORED;
    }
    const auto number = found.index ? found.index : impl_->append(key_id, impl_->nothing(), Trust::full);
    if (!number) {
        return RESEAL_WINDOW_NOT_STORED;
    }
    ReplayRecord record = impl_->file.record(*number);
    note_ahead(*number);
    if (record.trust() == Trust::restored) {
        record.mark(envelope.epoch, envelope.counter, Trust::epoch_shown);
        impl_->file.settle(*number);
        return RESEAL_STALE_EPOCH;
    }
    record.mark(envelope.epoch, envelope.counter, Trust::full);
    return RESEAL_OK;
}

void ReplayStore::note_ahead(std::uint32_t number) {
    if (!impl_->file.record(number).ahead()) {
        ahead_.push_back(number);
        impl_->file.note_ahead(number);
    }
}

std::optional<std::uint32_t> ReplayStore::note_at(const KeyId& place, Trust trust) {
    const ReplayFile::Found found = impl_->find(place);
    if (found.damaged) {
        return std::nullopt;
    }
    return found.index ? found.index : impl_->append(place, impl_->nothing(), trust);
}

void ReplayStore::let_in(const reseal_envelope& envelope) {
    const auto number = note_at(open_place(key_id_of(envelope)), Trust::open);
    if (!number) {
        return;
    }
    ReplayRecord record = impl_->file.record(*number);
    const reseal_replay known = record.window();
    if (reseal_replay_check(&known, &envelope.epoch, envelope.counter) == RESEAL_OK) {
        note_ahead(*number);
        record.mark(envelope.epoch, envelope.counter, Trust::open);
        impl_->file.settle(*number);
    }
}

bool ReplayStore::waits_in_record(const Waiting& message) const {
    return marked_in(impl_->file.record(message.record).window(), message.epoch, message.counter);
}

std::optional<ReplayStore::Waiting> ReplayStore::find_waiting(const reseal_envelope& envelope) const {
    const ReplayFile::Found found = impl_->find(open_place(key_id_of(envelope)));
    if (!found.index) {
        return std::nullopt;
    }
    const Waiting message{.record = *found.index, .epoch = envelope.epoch, .counter = envelope.counter};
    return waits_in_record(message) ? std::optional(message) : std::nullopt;
}

void ReplayStore::delivered(const reseal_envelope& envelope) {
    if (const auto message = find_waiting(envelope)) {
        delivered_.push_back(*message);
    }
}

bool ReplayStore::waits(const reseal_envelope& envelope) const {
    const auto message = find_waiting(envelope);
    return message && std::ranges::none_of(delivered_, [&](const Waiting& each) {
               return each.record == message->record && each.counter == message->counter &&
                      reseal_epoch_equal(&each.epoch, &message->epoch);
           });
}

bool ReplayStore::marked(const reseal_envelope& envelope) const {
    const ReplayFile::Found found = impl_->find(Id(envelope.key_id));
    return found.index && marked_in(impl_->file.record(*found.index).window(), envelope.epoch, envelope.counter);
}

ReplayStore::Retained ReplayStore::compare_retained(std::string_view topic, const reseal_envelope& envelope) const {
    const ReplayFile::Found found = impl_->find(retained_place(topic));
    if (!found.index) {
        return Retained::unknown;
    }
    const ReplayRecord record = impl_->file.record(*found.index);
    if (!record.put_by(key_id_of(envelope))) {
        return Retained::other_key;
    }
    const reseal_replay known = record.window();
    if (reseal_epoch_equal(&known.epoch, &envelope.epoch) && known.top == envelope.counter) {
        return Retained::same;
    }
    const bool older = envelope.epoch.number == known.epoch.number ? envelope.counter < known.top
                                                                   : envelope.epoch.number < known.epoch.number;
    return older ? Retained::older : Retained::newer;
}

void ReplayStore::set_retained(std::string_view topic, const reseal_envelope& envelope) {
    const auto number = note_at(retained_place(topic), Trust::retained);
    if (number) {
        note_ahead(*number);
        impl_->file.record(*number).put(key_id_of(envelope), envelope.epoch, envelope.counter);
    }
}

Checked<std::uint32_t> ReplayStore::newest_list(std::string_view issuer) const {
    const ReplayFile::Found found = impl_->find(list_place(issuer));
    if (found.damaged) {
        return damaged(impl_->folder.replay(), "which revocation list is the newest cannot be read");
    }
    return found.index ? impl_->file.record(*found.index).window().epoch.number : 0U;
}

void ReplayStore::note_list(std::string_view issuer, std::uint32_t issued) {
    const auto number = note_at(list_place(issuer), Trust::list);
    if (!number) {
        return;
    }
    ReplayRecord record = impl_->file.record(*number);
    if (record.window().epoch.number < issued) {
        note_ahead(*number);
        record.mark({issued, {}}, 0, Trust::list);
        impl_->file.settle(*number);
        (void)impl_->file.flush();
    }
}

void ReplayStore::settle_all() {
    settle_marks();
    for (const Waiting& message : delivered_) {
        if (waits_in_record(message)) {  // no longer if one of a later epoch was let in
            note_ahead(message.record);
            impl_->file.record(message.record).unmark(message.counter);
        }
    }
    delivered_.clear();
    settle_marks();
}

void ReplayStore::settle_marks() {
    for (const std::uint32_t number : ahead_) {
        if (impl_->file.record(number).ahead()) {
            impl_->file.settle(number);
        }
    }
    ahead_.clear();
    impl_->file.none_ahead();
}

reseal_status ReplayStore::remember_own(const KeyId& id, const reseal_epoch& epoch) {
    const KeyId place = own_epoch_place(id, epoch);
    const ReplayFile::Found found = impl_->find(place);
    if (found.index) {
        return is_own(id, epoch) && impl_->file.flush() ? RESEAL_OK : RESEAL_WINDOW_NOT_STORED;
    }
    std::array<std::uint32_t, RESEAL_WINDOW_WORDS(RESEAL_WINDOW_MAX)> words{};
    reseal_replay window{{}, 0, impl_->file.window(), words.data()};
    reseal_replay_mark(&window, &epoch, 0);
    impl_->not_own.reset();
    const bool stored = !found.damaged && impl_->append(place, window, Trust::own) && impl_->file.flush();
    return stored ? RESEAL_OK : RESEAL_WINDOW_NOT_STORED;
}

// Messages of another broker come one after the other under the same epoch. So a miss is remembered; otherwise the
// neighbouring records would be checked each time.
bool ReplayStore::is_own(const KeyId& id, const reseal_epoch& epoch) const {
    const KeyId place = own_epoch_place(id, epoch);
    if (impl_->not_own == place) {
        return false;
    }
    const ReplayFile::Found found = impl_->find(place);
    if (!found.index) {
        impl_->not_own = found.damaged ? std::nullopt : std::optional(place);
        return found.damaged;
    }
    const ReplayRecord record = impl_->file.record(*found.index);
    const reseal_replay window = record.window();
    return record.trust() == Trust::own && reseal_epoch_equal(&window.epoch, &epoch);
}

}  // namespace reseal::state
