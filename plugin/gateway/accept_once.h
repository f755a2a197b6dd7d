// Accepts each sealed message once, however it arrives: as a PUBLISH, a will, from a bridge, as the proof in a CONNECT
// (protocol.md, "Receiving"). Nothing else reads or marks the replay windows.
//
// A message counts as accepted once its delivery is certain. That is at once, except for QoS 2: the broker delivers
// such a message when the sender releases it, and may forget it before, so that it comes again. Fan-out therefore
// requires acceptance too. The broker may hold a second copy (under another packet id, of another session, restored
// after a restart); no such copy is ever fanned out.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <reseal/envelope.h>

#include "base/key_id.h"
#include "base/refusal.h"
#include "gateway/opener.h"
#include "gateway/undelivered.h"
#include "state/replay_store.h"

namespace reseal::gateway {

class AcceptOnce {
  public:
    // The arguments must outlive this.
    AcceptOnce(Opener& opener, state::ReplayStore& replay) : opener_(&opener), replay_(&replay) {}

    enum class When : std::uint8_t {
        now,         // it is delivered before anything else arrives, or is a proof
        at_release,  // QoS 2: let in now, accepted by fan_out()
    };
    // Steps 2 to 5 of "Receiving". On Refusal::none the opener holds the message. On any other, nothing has changed.
    [[nodiscard]] Refusal accept(const Uplink& uplink, When when);

    // What accept() would answer. Changes only what the opener holds.
    [[nodiscard]] Refusal look(const Uplink& uplink);

    // Accepts a will older than the window. The caller has checked that its session's slot admits it (see WillSlot).
    [[nodiscard]] Refusal accept_old_will(const Uplink& uplink);

    // Another message arrives: the fan-out of the previous one is over.
    void next() { current_ = {}; }

    // Whether the message at `payload` is the one being fanned out. `held`: the opener holds it.
    [[nodiscard]] bool goes_on(const std::uint8_t* payload, bool held);

    // The broker fans out a message that is not the current one: a QoS 2 message that was let in, or one that the
    // broker kept over a restart. Works as accept(), and makes the message the current one.
    [[nodiscard]] Refusal fan_out(const Uplink& uplink);

    // The broker fans out a message that this broker sealed itself. Only the broker delivers such a message.
    [[nodiscard]] Refusal fan_out_own(const Uplink& uplink);

    // Whether fan_out() would still deliver it: it was let in, or never seen. For a broker that asks before an
    // interrupted session resumes. A message never seen is let in.
    [[nodiscard]] bool may_wait(const Uplink& uplink);

    // Whether it was let in but not yet delivered.
    [[nodiscard]] bool waits(const reseal_envelope& envelope);

    // All messages accepted so far are delivered: a crash no longer undoes that. Cheap if there are none.
    void settle() { replay_->settle(); }

    void forget_key(const KeyId& key) { undelivered_.forget(key); }

  private:
    [[nodiscard]] Refusal check(const reseal_envelope& envelope);
    void let_in(const reseal_envelope& envelope);
    [[nodiscard]] Refusal mark(const reseal_envelope& envelope);

    // The message being fanned out, known by its address.
    struct Current {
        bool accepted = false;
        const std::uint8_t* payload = nullptr;  // null until the broker asks for the first delivery
    };

    Opener* opener_;
    state::ReplayStore* replay_;
    Undelivered undelivered_;
    Current current_;
};

}  // namespace reseal::gateway
