// SPDX-License-Identifier: Apache-2.0
// The sessions of each principal, and what they change of each other: wills, messages under way, budgets, and what is
// to be sent to them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/key_id.h"
#include "base/name_hash.h"
#include "engine/departed.h"
#include "engine/session.h"
#include "engine/spending.h"
#include "engine/undelivered.h"
#include "engine/will_slot.h"

namespace reseal::engine {

// One session as the others of its principal see it.
struct Standing {
    Session* session = nullptr;  // outlives this. Touch its `new_key` only: a thread may be using it
    SessionId id;
    std::string client_id;
    bool connected = false;  // neither gone nor resumed while its client is away
    WillSlot will;
    std::unique_ptr<Undelivered> in_flight;  // QoS 2 messages from its current connection; null if none
    std::shared_ptr<Spending> spending;      // the principal's; never null
    std::optional<std::uint8_t> key_qos;     // granted for its key topic; nothing: not subscribed
    std::uint32_t key_sent = 0;              // the generation sent there since
    std::optional<std::uint8_t> ack_qos;     // granted for its acknowledgement topic
    std::vector<KeyId> acks_of;              // the keys under which messages were accepted since the last one
};

// Of one thread at a time: part of the ledger.
class Sessions {
  public:
    // `session` has its principal and client id; its `standing` is set.
    Standing& begin(Session& session);
    // Remembers its will, and what `client` says else, for when the session resumes. True: it was the principal's last.
    bool end(const Session& session, Departed::Client client);

    template <class Visit>
    void each_of(std::string_view principal, Visit&& visit) {
        const auto [first, last] = by_principal_.equal_range(principal);
        for (auto each = first; each != last; ++each) {
            visit(*each->second);
        }
    }
    // Sessions of clients that are connected, under other client ids: one that is being taken over is about to end.
    [[nodiscard]] std::size_t others_connected(std::string_view principal, std::string_view client_id) const;
    // Whether a live connection of the principal has brought this QoS 2 message, and not released it yet.
    [[nodiscard]] bool in_flight(std::string_view principal, const reseal_envelope& message) const;
    // Another key may seal for the principal from now on.
    void new_key(std::string_view principal);
    // A message of the session's principal was accepted under `key`.
    void note_accepted(Standing& standing, const KeyId& key);

    // This message, which the window refused, is the session's will. No other session of the principal may use it, and
    // this one no other. False: its slot does not admit it.
    [[nodiscard]] bool take_will(const Session& session, const reseal_envelope& will);

    // The principal's budgets, at `moment`.
    [[nodiscard]] Spending& spend(Standing& standing, budget::Time moment);
    // The latest of spend().
    [[nodiscard]] budget::Time moment() const { return moment_; }

    [[nodiscard]] std::size_t size() const { return by_principal_.size(); }

    Departed departed;
    Spendings spendings;
    Strangers strangers;
    std::unordered_set<Standing*> rekeys_due;  // may need a new key
    std::unordered_set<Standing*> acks_due;    // have accepted messages not yet acknowledged

  private:
    budget::Time moment_ = 0;
    std::unordered_multimap<std::string, std::unique_ptr<Standing>, NameHash, std::equal_to<>> by_principal_;
};

}  // namespace reseal::engine
