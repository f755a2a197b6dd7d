// Replay windows on disk, one record for each uplink key, in one memory-mapped file.
//
// A mark has two steps. mark() makes check() and highest() know a message at once, but only in this process: if it
// dies, the message counts as never accepted. settle() makes all marks until then certain: they are in the file (the
// page cache) when it returns, and survive the death of the process at any instruction. A process that dies within
// settle() leaves some of its marks certain, each whole or not at all. A loss of power may take back the last seconds.
//
// Every record has a MAC that binds it to its place in this very file. What was changed, moved, copied or taken out is
// refused, or the file is not opened. Not seen is a whole record put back as it was earlier, since the file was last
// put in order (at each start up to 4,096 keys; then when an eighth is new), nor the whole file as it was earlier in
// the same run, if that ended by a crash.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <reseal/envelope.h>
#include <reseal/replay.h>

#include "base/epoch.h"
#include "base/fault.h"
#include "base/key_id.h"
#include "state/folder_lock.h"
#include "state/replay_mac.h"

namespace reseal::state {

enum class Trust : std::uint8_t;

// The highest accepted message of a key.
struct Accepted {
    reseal_epoch epoch{};
    std::uint32_t counter = 0;
};

// Which file of replay windows it is, and how new.
struct ReplayIdentity {
    ReplayFileId id{};
    std::uint64_t generation = 0;
};

class ReplayStore {
  public:
    // Opens the replay file in that folder, and begins its next generation. `window` as in reseal_replay. Faults: a
    // file that is missing, of another version, damaged or cannot be written. If the window in the file differs from
    // `window`, the file is converted: whole and durably, and never so that an accepted counter is accepted again.
    // After an orderly end it reads of a large file only what has come since it was sorted last: damage in what it does
    // not read is found when a key of that place is used.
    static Checked<ReplayStore> open(FolderLock folder, std::uint32_t window, const StateKey& key);

    // Makes a file in which nothing is known: only where there is none, and there was none. Durable.
    static Checked<Done> make(const FolderLock& folder, std::uint32_t window, const StateKey& key);
    // Takes over a file of version 1. Durable.
    static Checked<Done> convert_version_1(const FolderLock& folder, std::uint32_t window, const StateKey& key);

    // Begins the file anew under distrust: of all keys in `known` no message is accepted that was sealed in an epoch up
    // to the known one, nor in the one that its sender shows first; from its next epoch on all is as before. A key
    // without any known epoch has 0. What can be verified of the file that is there counts as known, too. Durable; the
    // file has another id afterwards.
    static Checked<Done> begin_anew(const FolderLock& folder, std::uint32_t window, const StateKey& key,
                                    std::span<const KeyEpoch> known);

    ReplayStore(ReplayStore&&) noexcept;
    ReplayStore& operator=(ReplayStore&&) noexcept;
    // What is not settled is forgotten: an orderly end calls end() first.
    ~ReplayStore();

    // The highest epoch of every key in FOLDER/replay, which another process may be using; none if there is no file.
    // Damaged records are passed over.
    static Checked<std::vector<KeyEpoch>> read_epochs(const std::string& folder, const StateKey& key);

    // newest_list() of FOLDER/replay, which another process may be using; 0 if there is no file.
    static Checked<std::uint32_t> read_newest_list(const std::string& folder, const StateKey& key,
                                                   std::string_view issuer);

    // An orderly end: settles, and begins the next generation. Everything is on the disk when it returns. Only the
    // destructor may be called afterwards.
    Checked<Done> end();

    [[nodiscard]] ReplayIdentity identity() const;

    // Steps 2 and 3 of "Receiving" for the key of `envelope`; changes nothing. RESEAL_WINDOW_NOT_STORED if its window
    // is damaged, or may be.
    [[nodiscard]] reseal_status check(const reseal_envelope& envelope) const;

    // Whether it is in the window of its key, and marked.
    [[nodiscard]] bool marked(const reseal_envelope& envelope) const;

    // Step 5. Only after check() said RESEAL_OK and the tag was right. RESEAL_OK: marked until this process dies, and
    // for ever with the next settle(). RESEAL_WINDOW_NOT_STORED: the file cannot grow or the window is damaged; nothing
    // has changed. RESEAL_STALE_EPOCH: the message only showed, under distrust, which epoch its sender is in: refuse
    // it; this is certain at once, as nothing depends on what becomes of the message.
    [[nodiscard]] reseal_status mark(const reseal_envelope& envelope);

    // Makes every mark so far certain. Cheap if there is none; else one MAC for each key that has any: 35 ns with a
    // window of 128. What was delivered waits no more only when its mark is certain.
    void settle() {
        if (!ahead_.empty() || !delivered_.empty()) {
            settle_all();
        }
    }

    // Nothing if the key has accepted nothing yet.
    [[nodiscard]] std::optional<Accepted> highest(const KeyId& id) const;

    // The window itself, nothing before the key has accepted anything or if it is damaged. The words lie in the file:
    // read them before the next call.
    [[nodiscard]] std::optional<reseal_replay> window(const KeyId& id) const;

    // Whether, after distrust(), the key's next message only shows which epoch its sender is in.
    [[nodiscard]] bool distrusts(const KeyId& id) const;

    // A QoS 2 message of the key was let in, or is none that waits any more. let_in() is certain at once, against the
    // death of the process; delivered() with the next settle(), as the mark of the message. Of each key, what is
    // further behind the last one let in than the size of the window is forgotten.
    void let_in(const reseal_envelope& envelope);
    void delivered(const reseal_envelope& envelope);
    // Was it let in, also by an earlier process, and not delivered?
    [[nodiscard]] bool waits(const reseal_envelope& envelope) const;

    // What is retained under a topic, and how a message stands to it. Only messages of one key have an order.
    enum class Retained : std::uint8_t { unknown, same, older, newer, other_key };
    [[nodiscard]] Retained compare_retained(std::string_view topic, const reseal_envelope& envelope) const;
    // This one is from now on; certain with the next settle(). If the file cannot grow, nothing has changed.
    void set_retained(std::string_view topic, const reseal_envelope& envelope);

    // Remembers that this broker seals under this epoch of its storage key `id` itself. Certain when it returns, also
    // against a loss of power. RESEAL_WINDOW_NOT_STORED: it is not remembered, so nothing may be sealed under it.
    [[nodiscard]] reseal_status remember_own(const KeyId& id, const reseal_epoch& epoch);
    // Was remember_own() called for it? True, too, if damage in the file leaves that open.
    [[nodiscard]] bool is_own(const KeyId& id, const reseal_epoch& epoch) const;

    // When the newest revocation list of an authority was issued that note_list() was called for, in seconds since
    // 1970; 0: for none. `issuer`: its name's DER bytes. Fault: damage in the file leaves it open.
    [[nodiscard]] Checked<std::uint32_t> newest_list(std::string_view issuer) const;
    // Certain when it returns, also against a loss of power, if the file can grow.
    void note_list(std::string_view issuer, std::uint32_t issued);

    // Damage that was found in use since the last call, the first of it. Every key concerned is refused.
    [[nodiscard]] std::optional<Fault> take_damage();

    // Whether the file was removed, replaced, cut or overwritten under this process, once for each change. After the
    // first two all goes on, and end() puts the file back. After the others every key is refused. Costs three system
    // calls: call it about twice a second.
    [[nodiscard]] std::optional<Fault> look();

  private:
    struct Impl;
    explicit ReplayStore(std::unique_ptr<Impl> impl);
    void settle_all();
    void settle_marks();
    // A QoS 2 message in the record of its key's messages that wait.
    struct Waiting {
        std::uint32_t record;
        reseal_epoch epoch;
        std::uint32_t counter;
    };
    [[nodiscard]] std::optional<Waiting> find_waiting(const reseal_envelope& envelope) const;
    [[nodiscard]] bool waits_in_record(const Waiting& message) const;
    // The record at `place`, made if it is not there; nothing if it is damaged or the file cannot grow.
    std::optional<std::uint32_t> note_at(const KeyId& place, Trust trust);
    void note_ahead(std::uint32_t number);

    std::unique_ptr<Impl> impl_;
    std::vector<std::uint32_t> ahead_;  // the records with marks that are not settled
    std::vector<Waiting> delivered_;    // wait no more with the next settle()
};

}  // namespace reseal::state
