// The principals in memory, for the plugin: found by certificate, key id or name in constant time. Secrets stay sealed.
#pragma once

#include <limits>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/fault.h"
#include "keyring/types.h"

namespace reseal::keyring {

// A certificate or a key together with the principal that holds it. Borrowed: valid until the next refresh or put.
struct CertificateHolder {
    const Principal* principal = nullptr;
    const Certificate* certificate = nullptr;
};
struct KeyHolder {
    const Principal* principal = nullptr;
    const Key* key = nullptr;
};

class Keyring {
  public:
    explicit Keyring(MasterKey master_key);

    // Adds `principal`, or replaces the one of the same name.
    void put(Principal principal);

    // Wipes the generations that end at `now` (seconds since 1970) or before, and answers their ids. Cheap if none
    // does.
    [[nodiscard]] std::vector<KeyId> end_keys(std::int64_t now);

    [[nodiscard]] const Principal* find(std::string_view id) const;
    [[nodiscard]] CertificateHolder find_certificate(const Fingerprint& fingerprint) const;
    [[nodiscard]] KeyHolder find_key(const KeyId& id) const;
    // The principal that holds the broker's storage key; null if the registry has none.
    [[nodiscard]] const Principal* storage() const;
    [[nodiscard]] std::size_t size() const;

    // Key generations of all principals.
    struct Keys {
        std::size_t active = 0;
        std::size_t retired = 0;
    };
    [[nodiscard]] Keys count_keys() const { return {.active = keys_.size() - retired_, .retired = retired_}; }

    // Unseals one key generation into `out`; the caller wipes it (reseal_wipe). False if the stored secret does not
    // open under the master key for this very principal, key id and algorithm.
    [[nodiscard]] bool credentials(const Principal& principal, const Key& key, reseal_credentials& out) const;

  private:
    static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
    void forget(Principal& principal);

    MasterKey master_key_;
    std::unordered_map<std::string_view, std::unique_ptr<Principal>> principals_;  // keys point into the principals
    struct ArrayHash {
        template <std::size_t N>
        std::size_t operator()(const std::array<std::uint8_t, N>& bytes) const;
    };
    std::unordered_map<Fingerprint, const Principal*, ArrayHash> certificates_;
    std::unordered_map<KeyId, const Principal*, ArrayHash> keys_;
    std::size_t retired_ = 0;  // of keys_
    const Principal* storage_ = nullptr;
    std::int64_t next_end_ = never;  // when the next key ends
};

}  // namespace reseal::keyring
