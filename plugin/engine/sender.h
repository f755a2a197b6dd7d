// SPDX-License-Identifier: Apache-2.0
// The broker's senders: one for each key it seals under, shared by all sessions of that key's principal.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include <reseal/sender_position.h>

#include "keyring/keyring.h"
#include "state/epoch_store.h"

namespace reseal::engine {

class Senders;

// What Senders remembers of one key in one direction.
struct SenderEntry;

// Owns a reseal_sender. The destructor leaves its position to its home, and closes it, which wipes it. One thread at a
// time seals with it: see Sealer.
class Sender {
  public:
    Sender() = default;
    ~Sender();
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;

    [[nodiscard]] reseal_sender& get() { return sender_; }
    [[nodiscard]] const reseal_sender& get() const { return sender_; }

    // Whoever seals with it meanwhile; null: nobody.
    std::atomic<const void*> user{nullptr};
    std::mutex mutex;

  private:
    friend Senders;
    Senders* home_ = nullptr;  // null until it may seal
    SenderEntry* entry_ = nullptr;
    reseal_sender sender_{};
};

struct SenderEntry {
    std::weak_ptr<Sender> sender;
    reseal_sender_position position{};  // of the last one, when it is closed
    bool closed = true;                 // false, and no sender: it is about to be closed
};

// Any thread may use it.
class Senders {
  public:
    // `crypto` must outlive this, and this must outlive every sender.
    Senders(const reseal_crypto* crypto, reseal_random random, state::EpochStore epochs, std::string realm)
        : crypto_(crypto), random_(random), epochs_(std::move(epochs)), realm_(std::move(realm)) {}
    Senders(const Senders&) = delete;
    Senders& operator=(const Senders&) = delete;

    // The sender for `key` in `direction`. Null if the key's secret does not unseal. A newly made sender continues from
    // the last position for this key: a new epoch would make what the broker has queued stale to receivers.
    [[nodiscard]] std::shared_ptr<Sender> get(const keyring::Keyring& keyring, const keyring::Principal& principal,
                                              const keyring::Key& key, reseal_direction direction);

    // The epochs that all senders share. Hold it while a sender raises its epoch, and for what epochs() is asked.
    [[nodiscard]] std::unique_lock<std::mutex> raising() { return std::unique_lock(raising_); }
    [[nodiscard]] state::EpochStore& epochs() { return epochs_; }

  private:
    friend Sender;
    [[nodiscard]] std::shared_ptr<Sender> make(const keyring::Keyring& keyring, const keyring::Principal& principal,
                                               const keyring::Key& key, reseal_direction direction, SenderEntry& entry);
    void put_away(SenderEntry& entry, const Sender& sender);

    const reseal_crypto* crypto_;
    reseal_random random_;
    std::mutex raising_;
    state::EpochStore epochs_;
    std::string realm_;
    std::mutex mutex_;
    std::unordered_map<std::string, SenderEntry> entries_;  // by kid: key id, direction
};

// The key generation that seals for `principal`: the newest that is not retired. Null if there is none.
[[nodiscard]] const keyring::Key* sealing_key(const keyring::Principal& principal);

}  // namespace reseal::engine
