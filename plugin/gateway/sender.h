// Senders of the broker: one for each key it seals under, shared by all sessions of that key's principal.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include <reseal/sender.h>

#include "keyring/keyring.h"
#include "state/epoch_store.h"

namespace reseal::gateway {

// Owns a reseal_sender; closes and so wipes it at the end.
class Sender {
  public:
    Sender() = default;
    ~Sender() { reseal_sender_close(&sender_); }
    Sender(const Sender&) = delete;
    Sender& operator=(const Sender&) = delete;

    [[nodiscard]] reseal_sender& get() { return sender_; }

  private:
    reseal_sender sender_{};
};

class Senders {
  public:
    // `crypto` and `epochs` must outlive this and every sender.
    Senders(const reseal_crypto* crypto, reseal_random random, state::EpochStore& epochs)
        : crypto_(crypto), random_(random), epochs_(&epochs) {}

    // The sender for `key` in `direction`, made if there is none; null if the key's secret does not unseal.
    [[nodiscard]] std::shared_ptr<Sender> get(const keyring::Keyring& keyring, const keyring::Principal& principal,
                                              const keyring::Key& key, reseal_direction direction);

  private:
    [[nodiscard]] std::shared_ptr<Sender> make(const keyring::Keyring& keyring, const keyring::Principal& principal,
                                               const keyring::Key& key, reseal_direction direction) const;

    const reseal_crypto* crypto_;
    reseal_random random_;
    state::EpochStore* epochs_;
    std::unordered_map<std::string, std::weak_ptr<Sender>> senders_;  // by kid: key id, direction
};

// The key generation that seals for `principal`: the newest that is not retired; null if there is none.
[[nodiscard]] const keyring::Key* sealing_key(const keyring::Principal& principal);

}  // namespace reseal::gateway
