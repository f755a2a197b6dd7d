// One key's replay window in the mapped file: key id (7 bytes), state (1 byte), two slots of epoch (4), salt (4),
// highest counter (4) and the window's words. One slot is settled: a process that dies at any instruction leaves it in
// force. Marks go into the other one, which is then the newest window of this process, and which settle() brings into
// force with the store of one byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <reseal/replay.h>

#include "keyring/types.h"

namespace reseal::state {

// Whether the window in force is the newest there was. After a restored backup it may not be: then it is unknown which
// epoch the sender is in, until a message shows one, and only a later one is its own proof of being new.
enum class Trust : std::uint8_t {
    full = 0,
    epoch_shown = 0x40,  // the window's epoch is the one that was shown: no message of it was accepted
    restored = 0x80,
    own = 0xc0,  // no key's window, but the record of an epoch that this broker seals under itself
};

class ReplayRecord {
  public:
    // Bytes from one record to the next: for a window of 128 exactly 64. A power of two, so that no record lies in two
    // pages and a loss of power cannot tear one.
    static std::size_t stride(std::uint32_t window);

    // `base` is borrowed: stride(window) bytes, aligned to 4.
    ReplayRecord(std::uint8_t* base, std::uint32_t window) : base_(base), window_(window) {}

    [[nodiscard]] keyring::KeyId key_id() const;
    [[nodiscard]] bool is_of(std::span<const std::uint8_t, RESEAL_KEY_ID_SIZE> key_id) const;
    // All of it, as it lies in the file.
    [[nodiscard]] std::span<const std::uint8_t> bytes() const { return {base_, stride(window_)}; }

    // The newest window and what it is worth: with every mark, settled or not. The words lie in the record: read them
    // only.
    [[nodiscard]] reseal_replay window() const;
    [[nodiscard]] Trust trust() const;

    // Are there marks that are not settled?
    [[nodiscard]] bool ahead() const;

    // The higher epoch of the two slots.
    [[nodiscard]] std::uint32_t newest_epoch() const;

    // All zero: it was counted, but a loss of power took it back before it reached the disk.
    [[nodiscard]] bool blank() const;
    // Could this program have written it?
    [[nodiscard]] bool well_formed() const;

    // Fills a record that is not counted yet. It is settled.
    void begin(const keyring::KeyId& key_id, const reseal_replay& window, Trust trust);

    // Marks this counter in the newest window, which is worth `trust` from now on. Not settled.
    void mark(const reseal_epoch& epoch, std::uint32_t counter, Trust trust);
    // The newest window is the settled one from now on.
    void settle();
    // Goes back to the settled window: what a process that died has left behind did not happen.
    void forget_unsettled();

    // Whatever is in the newest window, it is not trusted. Settled at once.
    void distrust();

  private:
    [[nodiscard]] std::uint8_t state() const { return base_[state_at]; }
    void set_state(unsigned state);
    [[nodiscard]] unsigned newest() const;
    [[nodiscard]] std::uint8_t* slot(unsigned which) const;
    [[nodiscard]] reseal_replay read(unsigned which) const;
    void write(unsigned which, const reseal_replay& replay);
    void copy_to(unsigned which);

    static constexpr std::size_t state_at = RESEAL_KEY_ID_SIZE;

    std::uint8_t* base_;
    std::uint32_t window_;
};

}  // namespace reseal::state
