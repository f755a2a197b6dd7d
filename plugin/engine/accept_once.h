// SPDX-License-Identifier: Apache-2.0
// Accepts each sealed message once, however it arrives: as a PUBLISH, a will, from a bridge, as the proof in a CONNECT
// (protocol.md, "Receiving"). Nothing else reads or marks the replay windows.
//
// A message counts as accepted once its delivery is certain. That is at once, except for QoS 2: the broker delivers
// such a message when the sender releases it, and may forget it before, so that it comes again. Fan-out therefore
// requires acceptance too. The broker may hold a second copy (under another packet id, of another session, restored
// after a restart); no such copy is ever fanned out (see FanOut).
//
// Order of calls: check(), open the message, accept(). Of several threads that get so far with one message, accept()
// lets one pass. Of one thread at a time: part of the ledger.
#pragma once

#include <cstdint>
#include <optional>

#include <reseal/envelope.h>

#include "base/key_id.h"
#include "base/refusal.h"
#include "engine/undelivered.h"
#include "state/replay_store.h"

namespace reseal::engine {

class AcceptOnce {
  public:
    // `replay` must outlive this.
    explicit AcceptOnce(state::ReplayStore& replay) : replay_(&replay) {}

    enum class When : std::uint8_t {
        now,         // it is delivered before anything else arrives, or is a proof
        at_release,  // QoS 2: let in now, accepted when the broker fans it out
    };

    // Steps 2 and 3 of "Receiving", for a message that arrives, or that the broker fans out.
    [[nodiscard]] Refusal check(const reseal_envelope& envelope);

    // Step 5: its tag was right. On any other Refusal than none, it is not accepted.
    [[nodiscard]] Refusal accept(const reseal_envelope& envelope, When when);

    // Whether it was let in but not yet delivered.
    [[nodiscard]] bool waits(const reseal_envelope& envelope);

    void forget_key(const KeyId& key) { undelivered_.forget(key); }

  private:
    [[nodiscard]] Refusal mark(const reseal_envelope& envelope);

    state::ReplayStore* replay_;
    Undelivered undelivered_;
};

}  // namespace reseal::engine
