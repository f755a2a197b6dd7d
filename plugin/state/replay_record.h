// SPDX-License-Identifier: Apache-2.0
// One key's replay window in the mapped file, in two independent halves:
//
//   hint (1 byte, of the first half), key id (7), place (4), epoch (4), salt (4), highest counter (3), trust (1),
//   sequence (8), the window's words, MAC (16)
//
// For a window of 128 a half is 64 bytes, a cache line. The MAC covers everything from the key id on. The place is the
// record's index and the half. Of two halves whose MAC is right, the one with the higher sequence holds the window.
// Marks go into the other half, which has no right MAC until settle() writes it. So a process that dies at any
// instruction leaves the settled window. The hint says which half is the newest, but only within a process.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <reseal/replay.h>

#include "base/key_id.h"
#include "state/replay_mac.h"

namespace reseal::state {

// Whether the window is the newest there was. After a backup is restored it may not be. Then the sender's epoch is not
// known until a message shows one, and only a message of a later epoch proves itself to be new.
enum class Trust : std::uint8_t {
    full = 0,
    epoch_shown = 1,  // the window's epoch is the one that was shown: no message of it was accepted
    restored = 2,
    // Not the window of a key:
    own = 3,       // an epoch that this broker itself seals under
    retained = 4,  // the message retained under a topic: its epoch and counter; the first word holds part of its key id
    open = 5,      // a key's QoS 2 messages that were let in but not yet delivered
    list = 6,      // an authority's revocation list: the epoch is when the newest was issued
};

// If the process dies, a write after this is in the file only if all writes before it are.
inline void in_this_order() {
    std::atomic_signal_fence(std::memory_order_seq_cst);
}

class ReplayRecord {
  public:
    // Bytes from one record to the next: exactly 128 for a window of 128. It is a power of two. So no record lies in
    // two pages, and no half in two sectors, unless it is larger than one.
    static std::size_t stride(std::uint32_t window);

    // `base` is borrowed: stride(window) bytes, aligned to 8.
    ReplayRecord(std::uint8_t* base, std::uint32_t window) : base_(base), window_(window) {}

    // Decides by the MACs alone, not by the hint.
    struct Look {
        std::optional<unsigned> newest;  // the half that holds the settled window; none if neither MAC is right
        bool whole = false;              // both MACs are right, and the sequences follow each other
    };
    [[nodiscard]] Look look(const ReplayMac& mac, std::uint32_t index) const;
    // The record's key id, from a half whose MAC is right. Nothing if there is none.
    [[nodiscard]] std::optional<KeyId> holder(const ReplayMac& mac, std::uint32_t index) const;
    // All zero: the record was counted, but a loss of power came before it reached the disk.
    [[nodiscard]] bool blank() const;
    // Of a half whose MAC is right.
    [[nodiscard]] KeyId key_id_in(unsigned which) const;
    [[nodiscard]] reseal_epoch epoch_in(unsigned which) const;
    [[nodiscard]] Trust trust_in(unsigned which) const;

    // From here on this process works with that half. Call it before any of the functions below.
    void take(unsigned which);

    [[nodiscard]] KeyId key_id() const { return key_id_in(0); }
    [[nodiscard]] bool is_of(std::span<const std::uint8_t, RESEAL_KEY_ID_SIZE> key_id) const;

    // The newest window, with every mark, settled or not, and its trust. The words lie in the record: only read them.
    [[nodiscard]] reseal_replay window() const;
    [[nodiscard]] Trust trust() const { return trust_in(newest()); }
    // Are there marks that are not settled?
    [[nodiscard]] bool ahead() const;

    // Fills a record, whatever is there. It is then settled, with the same window in both halves.
    void begin(const ReplayMac& mac, std::uint32_t index, const KeyId& key_id, const reseal_replay& window,
               Trust trust);

    // Marks this counter in the newest window, whose trust is `trust` from now on. Not settled.
    void mark(const reseal_epoch& epoch, std::uint32_t counter, Trust trust);
    // In a record of a retained message: this message is retained from now on. Not settled.
    void put(const KeyId& key, const reseal_epoch& epoch, std::uint32_t counter);
    // Whether the retained message is of that key.
    [[nodiscard]] bool put_by(const KeyId& key) const;
    // Removes the mark of a counter in the window. Not settled.
    void unmark(std::uint32_t counter);
    // The newest window becomes the settled one.
    void settle(const ReplayMac& mac);
    // Makes the other half right again, after a process died in the middle of a mark.
    void repair(const ReplayMac& mac);

  private:
    [[nodiscard]] unsigned newest() const;
    [[nodiscard]] std::uint8_t* half(unsigned which) const;
    [[nodiscard]] bool right(const ReplayMac& mac, std::uint32_t index, unsigned which) const;
    [[nodiscard]] std::uint32_t place(unsigned which) const;
    [[nodiscard]] std::uint64_t sequence(unsigned which) const;
    [[nodiscard]] std::span<const std::uint8_t> covered(unsigned which) const;
    [[nodiscard]] std::uint8_t* mac_of(unsigned which) const;
    [[nodiscard]] reseal_replay read(unsigned which) const;
    void write(unsigned which, const reseal_replay& replay, Trust trust);
    void go_to_other_half();

    std::uint8_t* base_;
    std::uint32_t window_;
};

}  // namespace reseal::state
