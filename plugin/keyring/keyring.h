// SPDX-License-Identifier: Apache-2.0
// The principals in memory, for the plugin. Found by certificate, key id or name in constant time. Secrets stay sealed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <queue>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/fault.h"
#include "base/flat_index.h"
#include "base/key_id.h"
#include "base/stable_list.h"
#include "keyring/block_store.h"
#include "keyring/types.h"

namespace reseal::keyring {

using Roles = std::vector<std::string>;

// One principal as the keyring holds it, in a few hundred bytes. Its arrays and its name lie in the keyring's memory.
// Principals with the same roles share them. The principal keeps its address as long as the keyring lives. Its arrays,
// and pointers into them, are valid until the next call that changes the keyring.
struct Principal {
    std::string_view id;
    std::reference_wrapper<const Roles> roles;
    std::span<const Certificate> certificates;
    std::span<const Key> keys;  // newest first
    bool revoked = false;
    bool decommissioned = false;
    bool storage = false;
};

// A certificate or a key together with the principal that holds it. Valid as Principal says.
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

    // An empty keyring under the same master key.
    [[nodiscard]] Keyring sibling() const;

    // Adds `principal`, or replaces the one of the same name.
    void put(const PrincipalRecord& principal);

    // The same for many, table by table: first the principals, without certificates and keys, then these, in any order.
    // Principals are numbered from 0 in the order of begin().
    void expect(std::size_t principals);
    void begin(const PrincipalRecord& principal);
    void add(std::size_t principal, const Certificate& certificate);
    void add(std::size_t principal, const Key& key);

    // The generations of `id` that are older than `generation` and still accepted end at `ends` (seconds since 1970),
    // unless they end earlier. Nothing happens if there is no such principal.
    void end_older(std::string_view id, std::uint32_t generation, std::int64_t ends);

    struct EndedKey {
        KeyId id{};
        const Principal* principal = nullptr;
    };
    // Wipes the generations that end at `now` (seconds since 1970) or before, the earliest first. Others cost nothing.
    [[nodiscard]] std::vector<EndedKey> end_keys(std::int64_t now);

    [[nodiscard]] const Principal* find(std::string_view id) const;
    [[nodiscard]] CertificateHolder find_certificate(const Fingerprint& fingerprint) const;
    [[nodiscard]] KeyHolder find_key(const KeyId& id) const;
    // The principal that holds the broker's storage key; null if the registry has none.
    [[nodiscard]] const Principal* storage() const { return storage_; }
    [[nodiscard]] std::size_t size() const { return principals_.size(); }
    // All principals, each once.
    [[nodiscard]] const StableList<Principal>& principals() const { return principals_; }

    // Key generations of all principals.
    struct Keys {
        std::size_t active = 0;
        std::size_t retired = 0;
    };
    [[nodiscard]] Keys count_keys() const { return {.active = keys_.size() - retired_, .retired = retired_}; }

    // Unseals one key generation into `out`, for `realm`. The caller wipes it (reseal_wipe). False if the stored secret
    // does not open under the master key for this very principal, key id and algorithm.
    [[nodiscard]] bool credentials(std::string_view principal, const Key& key, std::string_view realm,
                                   reseal_credentials& out) const;
    [[nodiscard]] bool credentials(const Principal& principal, const Key& key, std::string_view realm,
                                   reseal_credentials& out) const {
        return credentials(principal.id, key, realm, out);
    }
    [[nodiscard]] bool credentials(const PrincipalRecord& principal, const Key& key, std::string_view realm,
                                   reseal_credentials& out) const {
        return credentials(principal.id, key, realm, out);
    }
    // Whether the stored secret opens.
    [[nodiscard]] bool opens(std::string_view principal, const Key& key) const;

  private:
    using Number = std::uint32_t;  // of principals_

    [[nodiscard]] Number find_number(std::string_view id) const;
    [[nodiscard]] Number find_certificate_number(const Fingerprint& fingerprint) const;
    [[nodiscard]] Number find_key_number(const KeyId& id) const;
    Number name(std::string_view id);
    void set_row(Number number, const PrincipalRecord& principal);
    void hold(Number number, std::span<const Certificate> certificates, std::span<const Key> keys);
    void let_go(Number number);
    void set_keys(Principal& principal, std::span<const Key> keys);
    void note_end(Number number, const Key& key);
    const Roles& shared(const Roles& roles);

    MasterKey master_key_;
    BlockStore blocks_;
    StableList<Principal> principals_;
    FlatIndex by_name_;
    FlatIndex certificates_;
    FlatIndex keys_;
    std::size_t retired_ = 0;  // of keys_
    const Principal* storage_ = nullptr;
    std::set<Roles> roles_;  // every set that any principal ever had, once
    // When generations of a principal end, the earliest on top. Entries may be out of date.
    using End = std::pair<std::int64_t, Number>;
    std::priority_queue<End, std::vector<End>, std::greater<>> ends_;
};

}  // namespace reseal::keyring
