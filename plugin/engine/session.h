// SPDX-License-Identifier: Apache-2.0
// One client, from CONNECT or resume() until end().
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "engine/departed.h"
#include "engine/sender.h"
#include "engine/values.h"
#include "policy/policy.h"
#include "token/token.h"

namespace reseal::engine {

struct Standing;

// Of one thread at a time: see SessionTable. What others of its principal change is its Standing, in the ledger.
struct Session {
    // The fields that every delivery reads come first: see SessionTable::fetch().
    policy::Rights rights;
    std::atomic<const Sender*> ahead{nullptr};  // the sender below, for prefetching by any thread
    std::shared_ptr<Sender> sender;             // downlink; made at the first delivery
    std::uint64_t delivered = 0;                // the number of the last message delivered to it
    std::uint64_t foreseen = 0;   // the number of the last message that was sealed for it before it was asked for
    std::size_t foreseen_at = 0;  // where that copy lies; see Foresight
    Channel channel = Channel::bare;
    std::atomic<bool> new_key{false};  // set by any thread: another key may seal for its principal from now on

    std::string principal;
    std::string client_id;
    SessionId id;
    Standing* standing = nullptr;  // read and write what it points to with the ledger only
    std::optional<PeerCertificate> certificate;
    std::optional<token::Grant> token;         // its roles are added to the principal's
    std::unordered_set<std::string> reported;  // topics whose refused delivery was logged

    void set_sender(std::shared_ptr<Sender> fresh) {
        ahead.store(fresh.get(), std::memory_order_relaxed);
        sender = std::move(fresh);
    }
};

}  // namespace reseal::engine
