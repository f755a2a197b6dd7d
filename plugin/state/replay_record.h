// One key's replay window in the mapped file, in two halves that each stand for themselves:
//
//   hint (1 byte, of the first half), key id (7), place (4), epoch (4), salt (4), highest counter (3), trust (1),
//   sequence (8), the window's words, MAC (16)
//
// For a window of 128 a half is 64 bytes, a cache line. The MAC covers everything from the key id on; the place is the
// record's index and the half. Of two halves whose MAC is right, the one with the higher sequence holds the window.
// Marks go into the other half, which has no right MAC until settle() writes it. So a process that dies at any
// instruction leaves the settled window. Only within a process the hint says which half is the newest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <reseal/replay.h>

#include "base/key_id.h"
#include "state/replay_mac.h"

namespace reseal::state {

// Whether the window in force is the newest there was. After a restored backup it may not be: then it is unknown which
// epoch the sender is in, until a message shows one, and only a later one is its own proof of being new.
enum class Trust : std::uint8_t {
    full = 0,
    epoch_shown = 1,  // the window's epoch is the one that was shown: no message of it was accepted
    restored = 2,
    // No key's window:
    own = 3,       // an epoch that this broker seals under itself
    retained = 4,  // the message that is retained under a topic: its epoch and counter; its key is in the first word
    open = 5,      // a key's QoS 2 messages that were let in and not delivered yet
    list = 6,      // an authority's revocation list: the epoch is when the newest was issued
};

class ReplayRecord {
  public:
    // Bytes from one record to the next: for a window of 128 exactly 128. A power of two, so that no record lies in two
    // pages, and no half in two sectors, unless it is larger than one.
    static std::size_t stride(std::uint32_t window);

    // `base` is borrowed: stride(window) bytes, aligned to 8.
    ReplayRecord(std::uint8_t* base, std::uint32_t window) : base_(base), window_(window) {}

    // What the MACs say, whatever the hint says.
    struct Look {
        std::optional<unsigned> newest;  // the half that holds the settled window; none if neither MAC is right
        bool whole = false;              // both are right, and one follows the other
    };
    [[nodiscard]] Look look(const ReplayMac& mac, std::uint32_t index) const;
    // Whose record it is, by a half whose MAC is right; nothing if there is none.
    [[nodiscard]] std::optional<KeyId> holder(const ReplayMac& mac, std::uint32_t index) const;
    // All zero: it was counted, but a loss of power took it back before it reached the disk.
    [[nodiscard]] bool blank() const;
    // Of a half whose MAC is right.
    [[nodiscard]] KeyId key_id_in(unsigned which) const;
    [[nodiscard]] reseal_epoch epoch_in(unsigned which) const;
    [[nodiscard]] Trust trust_in(unsigned which) const;

    // From here on this process works with that half. Before any of the functions below.
    void take(unsigned which);

    [[nodiscard]] KeyId key_id() const { return key_id_in(0); }
    [[nodiscard]] bool is_of(std::span<const std::uint8_t, RESEAL_KEY_ID_SIZE> key_id) const;

    // The newest window and what it is worth: with every mark, settled or not. The words lie in the record: read them
    // only.
    [[nodiscard]] reseal_replay window() const;
    [[nodiscard]] Trust trust() const { return trust_in(newest()); }
    // Are there marks that are not settled?
    [[nodiscard]] bool ahead() const;

    // Fills a record, whatever is there. It is settled, both halves the same.
    void begin(const ReplayMac& mac, std::uint32_t index, const KeyId& key_id, const reseal_replay& window,
               Trust trust);

    // Marks this counter in the newest window, which is worth `trust` from now on. Not settled.
    void mark(const reseal_epoch& epoch, std::uint32_t counter, Trust trust);
    // Of a record for what is retained: this message is from now on. Not settled.
    void put(const KeyId& key, const reseal_epoch& epoch, std::uint32_t counter);
    // Whether it is of that key.
    [[nodiscard]] bool put_by(const KeyId& key) const;
    // Takes the mark of a counter in the window back. Not settled.
    void unmark(std::uint32_t counter);
    // The newest window is the settled one from now on.
    void settle(const ReplayMac& mac);
    // Makes the other half right again: a process that died has left it in the middle of a mark.
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
