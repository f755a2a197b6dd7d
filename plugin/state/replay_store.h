// Replay windows on disk, one record for each uplink key, in one memory-mapped file. A mark is in the file (the page
// cache) when mark() returns, so it survives the death of the process at any instruction; a loss of power may take back
// the last seconds.
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
    ~ReplayStore();

    // The highest epoch of every key in FOLDER/replay, which another process may be using; none if there is no file.
    static Checked<std::vector<keyring::KeyEpoch>> read_epochs(const std::string& folder);

    // After a restored backup: of all keys here and of `known`, no message is accepted that was sealed in an epoch up
    // to the highest known one, nor in the one that its sender shows first; from its next epoch on all is as before. A
    // key without any known epoch has 0. Fault: the file cannot grow.
    Checked<Done> distrust(std::span<const keyring::KeyEpoch> known);

    // Steps 2 and 3 of "Receiving" for the key of `envelope`; changes nothing. RESEAL_WINDOW_NOT_STORED if its window
    // is damaged, or may be.
    [[nodiscard]] reseal_status check(const reseal_envelope& envelope) const;

    // Step 5. Only after check() said RESEAL_OK and the tag was right. RESEAL_OK, or RESEAL_WINDOW_NOT_STORED if the
    // file cannot grow or the window is damaged (then nothing has changed), or RESEAL_STALE_EPOCH if the message only
    // showed, after distrust(), which epoch its sender is in: refuse it.
    [[nodiscard]] reseal_status mark(const reseal_envelope& envelope);

    // Nothing if the key has accepted nothing yet.
    [[nodiscard]] std::optional<Accepted> highest(const keyring::KeyId& id) const;

  private:
    struct Impl;
    explicit ReplayStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace reseal::state
