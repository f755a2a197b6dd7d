// Accepts each sealed message once, whatever brings it: a PUBLISH, a will, a bridge, a proof of CONNECT (protocol.md,
// "Receiving"). Nothing else looks at the replay windows or marks them.
//
// A message counts as accepted when its delivery is certain. That is at once for all but QoS 2, which the broker
// delivers when the sender releases it, and may forget before: then it may come again. So a fan-out, too, must have
// been accepted, and no second copy that the broker holds (under another packet id, of another session, restored after
// a restart) is ever fanned out.
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
        at_release,  // QoS 2: let in, and accepted by fan_out()
    };
    // Steps 2 to 5 of "Receiving". Refusal::none: the opener holds it. Any other: nothing has changed.
    [[nodiscard]] Refusal accept(const Uplink& uplink, When when);

    // What accept() would answer; changes nothing but what the opener holds.
    [[nodiscard]] Refusal look(const Uplink& uplink);

    // A will that the window has left behind; that its session's slot admits it was asked before (see WillSlot).
    [[nodiscard]] Refusal accept_old_will(const Uplink& uplink);

    // Another message arrives: the fan-out of the last one is over.
    void next() { current_ = {}; }

    // Whether the message at `payload` is the one whose fan-out goes on. `held`: the opener holds it.
    [[nodiscard]] bool goes_on(const std::uint8_t* payload, bool held);

    // The broker fans a message out that is not the current one: a QoS 2 message that was let in, or one that the
    // broker has kept over a restart. As accept(), and then it is the current one.
    [[nodiscard]] Refusal fan_out(const Uplink& uplink);

    // The broker fans out what this broker has sealed itself: it comes to nobody but from the broker.
    [[nodiscard]] Refusal fan_out_own(const Uplink& uplink);

    // Whether fan_out() would still deliver it: let in, or never seen. For a broker that asks before a session that was
    // away goes on; one that was never seen is let in.
    [[nodiscard]] bool may_wait(const Uplink& uplink);

    // Whether it was let in and is not delivered yet.
    [[nodiscard]] bool waits(const reseal_envelope& envelope);

    // All that was accepted until now is delivered: a crash no longer takes it back. Cheap if there is nothing.
    void settle() { replay_->settle(); }

    void forget_key(const KeyId& key) { undelivered_.forget(key); }

  private:
    [[nodiscard]] Refusal check(const reseal_envelope& envelope);
    void let_in(const reseal_envelope& envelope);
    [[nodiscard]] Refusal mark(const reseal_envelope& envelope);

    // The message whose fan-out is under way: what lies at its address.
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
