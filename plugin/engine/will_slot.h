// SPDX-License-Identifier: Apache-2.0
// A will is sealed before CONNECT and sent after the client is gone, when the replay window has long moved on. A
// session's slot knows which counters were skipped: those between the last one accepted before the session's first
// message and that message, not counting a sealed CONNECT. A counter in the slot was never accepted, so one will may
// still use it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include <reseal/envelope.h>

#include "state/replay_store.h"

namespace reseal::engine {

class WillSlot {
  public:
    // The session began with this sealed CONNECT. The will may have been sealed before or after it.
    void proven(const reseal_envelope& proof, const std::optional<state::Accepted>& before);

    // A message of the session's principal was accepted. `before`: the highest accepted under its key until then.
    void accepted(const reseal_envelope& envelope, const std::optional<state::Accepted>& before);

    // May this message, which the window refused, still be the session's will?
    [[nodiscard]] bool admits(const reseal_envelope& envelope) const;

    // May a will still come?
    [[nodiscard]] bool open() const { return open_; }

    // The will was used.
    void close() { open_ = false; }

    // Another session of the principal has used this message as its will.
    void spent(const reseal_envelope& envelope);

  private:
    void begin(const reseal_envelope& first, const std::optional<state::Accepted>& before);

    bool open_ = false;
    std::array<std::uint8_t, RESEAL_KEY_ID_SIZE> key_id_{};
    reseal_epoch epoch_{};
    std::uint32_t from_ = 0;   // the lowest counter in the slot
    std::uint32_t until_ = 0;  // the lowest counter above the slot
    bool begun_ = false;
    std::optional<std::uint32_t> proof_;  // the counter of the sealed CONNECT
    std::vector<std::uint32_t> spent_;    // counters in the slot used by other sessions
};

}  // namespace reseal::engine
