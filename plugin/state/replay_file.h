// SPDX-License-Identifier: Apache-2.0
// The file of replay windows, mapped into memory: two pages of header, then one record for each key. The first records,
// as many as the header says, are in the order of their key ids, and the header holds some of these ids. So a key's
// record is found without an index of all, and the file is opened without reading it all. Later records are unordered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/descriptor.h"
#include "base/fault.h"
#include "base/key_id.h"
#include "state/replay_header.h"
#include "state/replay_record.h"

namespace reseal::state {

class ReplayFile {
  public:
    // Maps the file and checks the header. Changes nothing. Faults: missing, not writable, of another version, damaged,
    // disk full.
    static Checked<ReplayFile> open(const std::string& path, const StateKey& key);
    // A copy in memory of a file that another process may be using. Faults as for open.
    static Checked<ReplayFile> read(const std::string& path, const StateKey& key);

    ReplayFile(ReplayFile&& other) noexcept;
    ReplayFile& operator=(ReplayFile&&) = delete;
    ReplayFile(const ReplayFile&) = delete;
    ReplayFile& operator=(const ReplayFile&) = delete;
    ~ReplayFile();

    [[nodiscard]] const ReplayFileId& id() const { return header().id; }
    [[nodiscard]] std::uint64_t generation() const { return progress_.generation; }
    [[nodiscard]] std::uint32_t window() const { return window_; }
    [[nodiscard]] std::uint32_t count() const { return progress_.count; }
    // How many records, from the first, are in order.
    [[nodiscard]] std::uint32_t sorted() const { return header().sorted; }
    // Did the process that used the file last end in order?
    [[nodiscard]] bool ended() const { return progress_.state == Progress::State::ended; }

    // `index` below count(). Valid until the next append.
    [[nodiscard]] ReplayRecord record(std::uint32_t index) const;
    [[nodiscard]] ReplayRecord::Look look(std::uint32_t index) const { return record(index).look(mac_, index); }

    // What a process that died left behind.
    struct Remains {
        std::vector<std::uint32_t> unsettled;  // records with a half that may be in the middle of a mark
        std::vector<std::uint32_t> lost;       // records that a loss of power undid
    };
    // Checks the records from `first` on, and calls take() on those with a right MAC. Fault: one is damaged.
    [[nodiscard]] Checked<Remains> examine(std::uint32_t first) const;
    // Repairs these as far as possible: marks that were not settled did not happen.
    void repair(const Remains& remains);

    // The bytes of a file with the same records, all in order, for this window, and with the next generation. The
    // records must be examined and repaired. Fault: a key has two.
    [[nodiscard]] Checked<std::vector<std::uint8_t>> in_order(const StateKey& key, std::uint32_t window) const;

    // Begins the next generation in place. Fault: it did not reach the disk.
    Checked<Done> start();
    // An orderly end: the next generation, with everything on the disk. Fault: it may not be there.
    Checked<Done> end();
    // True: everything written so far is on the disk.
    bool flush();

    // The state of the mapped file. Touches no page of the mapping, because a cut file no longer has it.
    enum class Standing : std::uint8_t {
        in_place,
        displaced,  // its path names another file now, or none
        lost,       // it was cut, or something else was written into it
    };
    [[nodiscard]] Standing standing() const;
    // Writes a file with these contents to its path again. Durable.
    [[nodiscard]] Checked<Done> put_back() const;

    struct Found {
        std::optional<std::uint32_t> index;
        bool damaged = false;  // its record, or one that may be its record, is damaged
    };
    // The record of `id` among those in order, after take(). Damage elsewhere does not make the answer wrong.
    [[nodiscard]] Found find_sorted(const KeyId& id) const;

    // Adds a record and answers its index. Nothing if the file cannot grow; then nothing has changed.
    std::optional<std::uint32_t> append(const KeyId& key_id, const reseal_replay& window, Trust trust);

    // Call it before the first mark in a record since the last settle().
    void note_ahead(std::uint32_t index);
    void settle(std::uint32_t index) { record(index).settle(mac_); }
    // Call it after all records that are ahead were settled.
    void none_ahead();

  private:
    ReplayFile(std::string path, Descriptor file, std::vector<std::uint8_t> copy, const StateKey& key);
    static Checked<ReplayFile> checked(ReplayFile file, const StateKey& key);
    Checked<Done> map();
    Checked<Done> check_header(const StateKey& key);
    void count_appended();
    [[nodiscard]] const Header& header() const;
    [[nodiscard]] AheadList& ahead_list() const;
    [[nodiscard]] bool tolerated(std::uint32_t index) const;
    [[nodiscard]] bool power_was_lost() const;
    void write(Progress next);
    [[nodiscard]] Found found(std::uint32_t index) const;
    [[nodiscard]] std::optional<KeyId> holder(std::uint32_t index) const { return record(index).holder(mac_, index); }
    [[nodiscard]] std::uint32_t search(const KeyId& id, std::uint32_t first, std::uint32_t end) const;
    void read_ahead(std::uint32_t from) const;
    bool grow();
    [[nodiscard]] std::uint64_t capacity() const;

    std::string path_;
    Descriptor file_;                 // of a mapped file
    std::vector<std::uint8_t> copy_;  // of a file that was read
    std::uint8_t* base_ = nullptr;
    std::size_t size_ = 0;
    std::uint32_t window_ = 0;
    ReplayMac mac_;
    Progress progress_;
};

}  // namespace reseal::state
