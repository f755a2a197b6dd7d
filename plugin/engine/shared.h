// SPDX-License-Identifier: Apache-2.0
// What all threads of an engine share, and what each has for itself.
//
// Locks are taken in this order: a worker's gate, a session, the ledger, a sender, the senders' table or the epochs,
// the log. No thread holds two of a kind, but for senders in a Sealer, some of them from one call to the next. So
// whoever must wait for a gate, a session or a sender first gives up the senders that it holds: it seals what waits.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/guarded.h"
#include "engine/fan_out.h"
#include "engine/ledger.h"
#include "engine/message_under_way.h"
#include "engine/sender.h"
#include "engine/session_table.h"
#include "engine/site.h"
#include "engine/topic_under_way.h"
#include "engine/workers.h"

namespace reseal::engine {

struct Shared {
    explicit Shared(Parts& parts)
        : site(parts),
          senders(parts.crypto, parts.random, std::move(parts.epochs), parts.realm),
          ledger(std::move(parts.replay)) {}

    // A principal's keys are gone or changed, or its last session has ended.
    void forget_keys(const keyring::Principal& principal);

    Site site;
    Senders senders;     // outlives the sessions
    SessionTable table;  // its sessions stand in the ledger
    Guarded<Ledger> ledger;
    std::atomic<bool> unsettled{false};  // something was accepted or retained since the last settle()
    Workers workers;
    std::atomic<std::uint64_t> workers_made{0};
};

// One worker's own: of one thread.
struct Desk {
    explicit Desk(Shared& its_shared)
        : shared(its_shared),
          metrics(shared.site.metrics->add_worker()),
          message(shared.site, shared.senders, metrics, shared.workers_made++ << number_shift),
          topic(shared.site) {
        shared.workers.add(worker);
    }
    ~Desk() { shared.workers.remove(worker); }
    Desk(const Desk&) = delete;
    Desk& operator=(const Desk&) = delete;

    // Enters a call: what all read does not change until the lock is gone.
    [[nodiscard]] std::unique_lock<std::mutex> enter();
    // See SessionTable.
    [[nodiscard]] SessionTable::Use use(SessionId id);

    static constexpr unsigned number_shift = 48;  // so many messages has a worker before it meets another's numbers

    Shared& shared;
    observe::WorkerMetrics& metrics;
    MessageUnderWay message;
    TopicUnderWay topic;
    FanOut fan_out;
    Workers::One worker;
};

}  // namespace reseal::engine
