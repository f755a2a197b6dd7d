// Replay windows on disk, one record for each uplink key, in one memory-mapped file.
//
// A mark has two steps. mark() makes check() and highest() know a message at once, but only in this process: if it
// dies, the message counts as never accepted. settle() makes all marks until then certain: they are in the file (the
// page cache) when it returns, and survive the death of the process at any instruction. A process that dies within
// settle() leaves some of its marks certain, each whole or not at all. A loss of power may take back the last seconds.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <reseal/envelope.h>
#include <reseal/replay.h>

#include "base/fault.h"
#include "keyring/backup.h"
#include "keyring/types.h"

namespace reseal::state {

// The highest accepted message of a key.
struct Accepted {
    reseal_epoch epoch{};
    std::uint32_t counter = 0;
};

class ReplayStore {
  public:
    // Opens or makes FOLDER/replay. `window` as in reseal_replay. Holds a lock: a second process is a Fault. Faults
    // too: a folder that is missing or cannot be written, a file of another version or that is damaged. If the window
    // in the file differs from `window`, the file is converted: whole and durably, and never so that an accepted
    // counter is accepted again. It reads of the file what has come since it was sorted last: at most an eighth, or
    // else it sorts it anew. Damage in what it does not read is found when a key of that place is used.
    static Checked<ReplayStore> open(const std::string& folder, std::uint32_t window);

    ReplayStore(ReplayStore&&) noexcept;
    ReplayStore& operator=(ReplayStore&&) noexcept;
    // What is not settled is forgotten: an orderly end calls settle() first.
    ~ReplayStore();

    // The highest epoch of every key in FOLDER/replay, which another process may be using; none if there is no file.
    static Checked<std::vector<keyring::KeyEpoch>> read_epochs(const std::string& folder);

    // After a restored backup: of all keys here and of `known`, no message is accepted that was sealed in an epoch up
    // to the highest known one, nor in the one that its sender shows first; from its next epoch on all is as before. A
    // key without any known epoch has 0. Certain when it returns, with all marks before. Fault: the file cannot grow.
    Checked<Done> distrust(std::span<const keyring::KeyEpoch> known);

    // Steps 2 and 3 of "Receiving" for the key of `envelope`; changes nothing. RESEAL_WINDOW_NOT_STORED if its window
    // is damaged, or may be.
    [[nodiscard]] reseal_status check(const reseal_envelope& envelope) const;

    // Step 5. Only after check() said RESEAL_OK and the tag was right. RESEAL_OK: marked until this process dies, and
    // for ever with the next settle(). RESEAL_WINDOW_NOT_STORED: the file cannot grow or the window is damaged; nothing
    // has changed. RESEAL_STALE_EPOCH: the message only showed, after distrust(), which epoch its sender is in: refuse
    // it; this is certain at once, as nothing depends on what becomes of the message.
    [[nodiscard]] reseal_status mark(const reseal_envelope& envelope);

    // Makes every mark so far certain. Cheap if there is none; else one store of a byte for each key that has any.
    void settle() {
        if (!ahead_.empty()) {
            settle_all();
        }
    }

    // Nothing if the key has accepted nothing yet.
    [[nodiscard]] std::optional<Accepted> highest(const keyring::KeyId& id) const;

    // Whether, after distrust(), the key's next message only shows which epoch its sender is in.
    [[nodiscard]] bool distrusts(const keyring::KeyId& id) const;

    // Remembers that this broker seals under this epoch of its storage key `id` itself. Certain when it returns, also
    // against a loss of power. RESEAL_WINDOW_NOT_STORED: it is not remembered, so nothing may be sealed under it.
    [[nodiscard]] reseal_status remember_own(const keyring::KeyId& id, const reseal_epoch& epoch);
    // Was remember_own() called for it? True, too, if damage in the file leaves that open.
    [[nodiscard]] bool is_own(const keyring::KeyId& id, const reseal_epoch& epoch) const;

  private:
    struct Impl;
    explicit ReplayStore(std::unique_ptr<Impl> impl);
    void settle_all();

    std::unique_ptr<Impl> impl_;
    std::vector<std::uint32_t> ahead_;  // the records with marks that are not settled
};

}  // namespace reseal::state
