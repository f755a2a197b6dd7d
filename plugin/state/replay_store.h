// SPDX-License-Identifier: Apache-2.0
// Replay windows on disk, one record for each uplink key, in one memory-mapped file.
//
// A mark has two steps. mark() makes check() and highest() know a message at once, but only in this process: if it
// dies, the message counts as never accepted. settle() makes all marks so far certain: when it returns they are in the
// file (the page cache), and survive the death of the process at any instruction. A process that dies within settle()
// leaves some of its marks certain, each whole or not at all. A loss of power may undo the last seconds.
//
// Every record has a MAC that binds it to its place in this very file. A record that was changed, moved, copied or
// removed is refused, or the file is not opened. Two changes are not detected: a whole record put back as it was
// earlier since the file was last put in order (up to 4,096 keys: at each start; beyond: when an eighth is new), and
// the whole file put back as it was earlier in the same run, if that run ended by a crash.
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

// Which file of replay windows it is, and how new it is.
struct ReplayIdentity {
    ReplayFileId id{};
    std::uint64_t generation = 0;
};

class ReplayStore {
  public:
    // Opens the replay file in that folder, and begins its next generation. `window` as in reseal_replay. Faults: a
    // file that is missing, of another version, damaged or not writable. If the window in the file differs from
    // `window`, the file is converted, whole and durably. No accepted counter is accepted again. After an orderly end
    // only those records of a large file are read that came since it was last sorted. Damage in the others is found
    // when a key of that place is used.
    static Checked<ReplayStore> open(FolderLock folder, std::uint32_t window, const StateKey& key);

    // Makes a file in which nothing is known. Only for a folder that has no such file and never had one. Durable.
    static Checked<Done> make(const FolderLock& folder, std::uint32_t window, const StateKey& key);
    // Takes over a file of version 1. Durable.
    static Checked<Done> convert_version_1(const FolderLock& folder, std::uint32_t window, const StateKey& key);

    // Makes the file again, under distrust. For a key in `known`, no message is accepted from an epoch up to the known
    // one, nor from the first epoch that its sender then shows. From the epoch after that all is as before. A key
    // without a known epoch has 0. What can be verified of the existing file counts as known, too. Durable. The file
    // has another id afterwards.
    static Checked<Done> begin_anew(const FolderLock& folder, std::uint32_t window, const StateKey& key,
                                    std::span<const KeyEpoch> known);

    ReplayStore(ReplayStore&&) noexcept;
    ReplayStore& operator=(ReplayStore&&) noexcept;
    // Marks that are not settled are forgotten: for an orderly end, call end() first.
    ~ReplayStore();

    // The highest epoch of every key in FOLDER/replay, which another process may be using; none if there is no file.
    // Skips damaged records.
    static Checked<std::vector<KeyEpoch>> read_epochs(const std::string& folder, const StateKey& key);

    // newest_list() of FOLDER/replay, which another process may be using; 0 if there is no file.
    static Checked<std::uint32_t> read_newest_list(const std::string& folder, const StateKey& key,
                                                   std::string_view issuer);

    // An orderly end: settles, and begins the next generation. Everything is on the disk when it returns. Call only the
    // destructor afterwards.
    Checked<Done> end();

    [[nodiscard]] ReplayIdentity identity() const;

    // Steps 2 and 3 of "Receiving" for the key of `envelope`. Changes nothing. RESEAL_WINDOW_NOT_STORED if its window
    // is damaged, or may be.
    [[nodiscard]] reseal_status check(const reseal_envelope& envelope) const;

    // Whether the message is in the window of its key, and marked.
    [[nodiscard]] bool marked(const reseal_envelope& envelope) const;

    // Step 5. Only after check() answered RESEAL_OK and the tag was right. RESEAL_OK: marked until this process dies,
    // and for good with the next settle(). RESEAL_WINDOW_NOT_STORED: the file cannot grow or the window is damaged;
    // nothing has changed. RESEAL_STALE_EPOCH: under distrust, the message only showed its sender's epoch. Refuse it.
    // The epoch is certain at once, because nothing depends on what becomes of the message.
    [[nodiscard]] reseal_status mark(const reseal_envelope& envelope);

    // Makes every mark so far certain. Cheap if there is none. Otherwise one MAC for each key that has any: 35 ns with
    // a window of 128. A delivered message stops waiting only once its mark is certain.
    void settle() {
        if (!ahead_.empty() || !delivered_.empty()) {
            settle_all();
        }
    }

    // Nothing if no message of the key was accepted yet.
    [[nodiscard]] std::optional<Accepted> highest(const KeyId& id) const;

    // The window itself. Nothing if no message of the key was accepted yet, or if the window is damaged. The words lie
    // in the file: read them before the next call.
    [[nodiscard]] std::optional<reseal_replay> window(const KeyId& id) const;

    // Whether, after begin_anew(), the key's next message will only show its sender's epoch.
    [[nodiscard]] bool distrusts(const KeyId& id) const;

    // A QoS 2 message was let in, or no longer waits. let_in() survives the death of the process at once, delivered()
    // from the next settle() on, like the mark of the message. For each key, a message that is further behind the last
    // one let in than the size of the window is forgotten.
    void let_in(const reseal_envelope& envelope);
    void delivered(const reseal_envelope& envelope);
    // Was it let in, even by an earlier process, and not delivered?
    [[nodiscard]] bool waits(const reseal_envelope& envelope) const;

    // How a message compares with the one retained under a topic. Only messages of one key have an order.
    enum class Retained : std::uint8_t { unknown, same, older, newer, other_key };
    [[nodiscard]] Retained compare_retained(std::string_view topic, const reseal_envelope& envelope) const;
    // This message is retained from now on. Certain with the next settle(). If the file cannot grow, nothing changes.
    void set_retained(std::string_view topic, const reseal_envelope& envelope);

    // Remembers that this broker itself seals under this epoch of its storage key `id`. Certain when it returns, even
    // after a loss of power. RESEAL_WINDOW_NOT_STORED: it is not remembered, so nothing may be sealed under it.
    [[nodiscard]] reseal_status remember_own(const KeyId& id, const reseal_epoch& epoch);
    // Was remember_own() called for it? Also true if damage in the file leaves that open.
    [[nodiscard]] bool is_own(const KeyId& id, const reseal_epoch& epoch) const;

    // When the newest revocation list was issued that note_list() was called for, in seconds since 1970; 0: for none.
    // `issuer`: the DER bytes of the authority's name. Fault: damage in the file leaves it open.
    [[nodiscard]] Checked<std::uint32_t> newest_list(std::string_view issuer) const;
    // Certain when it returns, even after a loss of power, if the file can grow.
    void note_list(std::string_view issuer, std::uint32_t issued);

    // The first damage found in use, told once. Every key concerned is refused.
    [[nodiscard]] std::optional<Fault> take_damage();

    // Reports that the file was removed, replaced, cut or overwritten under this process, once for each change. After
    // the first two the store works on, and end() puts the file back. After the others every key is refused. Costs
    // three system calls: call it about twice a second.
    [[nodiscard]] std::optional<Fault> look();

  private:
    struct Impl;
    explicit ReplayStore(std::unique_ptr<Impl> impl);
    void settle_all();
    void settle_marks();
    // A QoS 2 message in the record of its key's waiting messages.
    struct Waiting {
        std::uint32_t record;
        reseal_epoch epoch;
        std::uint32_t counter;
    };
    [[nodiscard]] std::optional<Waiting> find_waiting(const reseal_envelope& envelope) const;
    [[nodiscard]] bool waits_in_record(const Waiting& message) const;
    // The record at `place`, made if it is missing. Nothing if it is damaged or the file cannot grow.
    std::optional<std::uint32_t> note_at(const KeyId& place, Trust trust);
    void note_ahead(std::uint32_t number);

    std::unique_ptr<Impl> impl_;
    std::vector<std::uint32_t> ahead_;  // the records with marks that are not settled
    std::vector<Waiting> delivered_;    // stop waiting with the next settle()
};

}  // namespace reseal::state
