// SPDX-License-Identifier: Apache-2.0
// The engine: who may connect, what may arrive, and what each subscriber is handed. It knows no broker.
//
// Threads: any thread may call an Engine. Each thread that handles messages makes a Worker of its own; a Worker, and
// what it answers, belong to that thread. Several Workers may use one session: they take turns.
//
// Values: arguments are read during the call only. What is answered belongs to the caller and frees itself.
//
// Refusals: the engine logs each (a repeated one of a delivery once), and the caller only acts on it. A session that
// has ended is refused as Refusal::no_session.
//
// Costs: 0.7 us to publish() 256 bytes, 0.6 us to deliver() them, 0.3 us where ten copies are sealed together. A call
// that may wait for a disk, or for long, says so; sealing waits for one once in 4,096 epochs.
#pragma once

#include <ctime>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/parts.h"
#include "engine/values.h"

namespace reseal::engine {

struct Inside;  // what the threads share

// What all threads share. Its calls may come from any of them.
class Engine {
  public:
    // Reads all principals from the registry. Fault: it is not readable.
    static Checked<std::unique_ptr<Engine>> start(Parts parts);
    // All workers are gone by then. Without finish(), the next start finds what a crash leaves.
    ~Engine();

    // What refresh() has found.
    struct Refreshed {
        std::vector<std::string> dropped;  // client ids of sessions to end: revoked, expired
        bool revoked = false;              // a principal was revoked
        bool more = false;                 // changes are left: call it again soon
    };
    // Takes over what has changed in the registry, ends keys, sessions and grants whose time is over: call it twice a
    // second. It reads the registry, and may wait for whoever writes there. `now` is the wall clock, `doubt` the
    // seconds by which it may be ahead: keys end so much later, as a wiped key is lost. Before the first call, grants
    // with an expiry count as expired. Workers wait while changes are written into the keyring: a few milliseconds for
    // a thousand.
    [[nodiscard]] Refreshed refresh(std::time_t now, std::time_t doubt = 0);
    // Another ACL, other settings: from now on, for live sessions too.
    void reconfigure(policy::Policy policy, Settings settings);
    // Every message accepted so far, by any worker, is delivered: a crash no longer undoes that. 35 ns for each key
    // that has sent one; nothing is waited for.
    void settle();
    // An orderly shutdown: settles, and records how far the state has come. Only the destructor may follow.
    [[nodiscard]] Checked<Done> finish();

    [[nodiscard]] bool revoked(std::string_view principal) const;  // known, and revoked
    [[nodiscard]] std::size_t principals() const;                  // that the registry knows
    [[nodiscard]] bool takes_tokens() const;                       // the settings name a token server
    // For identity::ListDates, which the state folder keeps. Fault: damaged.
    [[nodiscard]] Checked<std::time_t> newest_list(std::string_view issuer) const;
    // Keeps the date of the newest revocation list of an issuer: an older one counts no more.
    void note_list(std::string_view issuer, std::time_t issued);

  private:
    friend class Worker;
    explicit Engine(Parts parts);
    std::unique_ptr<Inside> inside_;
};

// What one thread handles messages with. Its calls come from that thread alone.
class Worker {
  public:
    explicit Worker(Engine& engine);  // which must outlive it
    ~Worker();                        // call complete() before, if copies wait whose memory is still there

    // Proves who connects. Refused: no session. `now` as in refresh().
    [[nodiscard]] Connected connect(const Peer& peer, std::time_t now);
    // The TLS pre-shared key (protocol.md, "TLS-PSK") of whoever connects as `identity`, in hex: 65 bytes with the NUL.
    // An unknown identity gets a random one. It proves nothing: see connect(). False: `hex` is smaller, or no random
    // numbers.
    [[nodiscard]] bool psk(std::string_view identity, std::span<char> hex);
    // A new token replaces the session's own. False: refused, and the client should be disconnected.
    [[nodiscard]] bool reauthenticate(SessionId session, std::string_view token, std::time_t now, budget::Time moment);
    // A session whose client is away. None: the principal is unknown, revoked, or does not own the client id.
    [[nodiscard]] SessionId resume(std::string_view principal, std::string_view client_id);
    [[nodiscard]] bool same_client(SessionId session, const Peer& peer);  // same id, and certificate or principal?
    void disconnected(SessionId session);                                 // the connection is gone; it may resume
    void end(SessionId session);                                          // it never resumes

    // `held`: the filters that the client holds besides this one. False: refused.
    [[nodiscard]] bool subscribe(SessionId session, std::string_view filter, std::uint8_t qos, std::size_t held);
    void unsubscribe(SessionId session, std::string_view filter);  // a filter it does not hold is allowed

    // Counts a PUBLISH against its principal's budget, where publish() does not: see Message::moment. False: refused.
    [[nodiscard]] bool admit(SessionId session, const Message& message, budget::Time moment);
    // A message arrives: rights, then protocol.md, "Receiving". QoS 2 is let in now, and accepted when its fan-out
    // begins: until then the broker may forget it, and it may come again.
    [[nodiscard]] Published publish(SessionId session, const Message& message);
    [[nodiscard]] Published publish_will(SessionId session, const Message& message);  // may be older than the window
    // From another broker, which vouches for nothing: whoever sealed it does.
    [[nodiscard]] Published publish_bridged(std::string_view bridge, const Message& message);
    [[nodiscard]] Published publish_own(std::string_view topic, Payload payload);  // the broker's own, for the store

    // A copy of a message for one subscriber. The first call for a fan-out accepts a QoS 2 message.
    [[nodiscard]] Delivered deliver(SessionId session, const Stored& stored, Sealing when = Sealing::at_once);
    // What deliver() would answer. Seals nothing.
    [[nodiscard]] Refusal may_deliver(SessionId session, const Stored& stored);
    void complete();  // seals what waits since Sealing::together. Cheap if nothing does
    // Prefetches what deliveries to these sessions read, `soon` before `sooner`; either may be none.
    void expect(SessionId soon, SessionId sooner) const;
    // To send now, sealed: to clients that subscribed to their own topics. Acknowledged is what settle() covers.
    [[nodiscard]] std::vector<OwnMessage> acknowledgements();  // call it about every 200 ms
    [[nodiscard]] std::vector<OwnMessage> rekeys();            // new keys, until they are used; call it after refresh()

    // Whether what the broker has kept is still right. A QoS 2 message of a client that returns:
    [[nodiscard]] bool may_stay_in_flight(SessionId session, const Message& message);
    // A retained message: may whoever sealed it, or else brought it (`source`; empty: a bridge), still do so?
    [[nodiscard]] bool may_stay_retained(std::string_view source, const Message& message);
    [[nodiscard]] bool sealed_here(Payload payload);  // by this broker, under its storage key
    // What an earlier process accepted and did not deliver: accepted now, if it was not certain. Deliver it as stored.
    // `whole`: it reached every recipient; if not, it was not acknowledged and may come once more. False: refused.
    [[nodiscard]] bool recover(const Message& message, bool whole);
    void idle();  // wipes the plaintext of the last message. Call it when the thread has nothing to do

  private:
    struct Rooms;
    std::unique_ptr<Rooms> rooms_;
};

}  // namespace reseal::engine
