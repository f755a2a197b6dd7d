// SPDX-License-Identifier: Apache-2.0
#include "keyring/keyring.h"

#include <algorithm>

#include "base/hash.h"
#include "keyring/seal.h"

namespace reseal::keyring {

namespace {

const Certificate* certificate_of(const Principal& principal, const Fingerprint& fingerprint) {
    const auto found = std::ranges::find(principal.certificates, fingerprint, &Certificate::fingerprint);
    return found == principal.certificates.end() ? nullptr : &*found;
}

const Key* key_of(const Principal& principal, const KeyId& id) {
    const auto found = std::ranges::find(principal.keys, id, &Key::id);
    return found == principal.keys.end() ? nullptr : &*found;
}

// A certificate or key that was registered for another principal becomes this one's.
void claim(FlatIndex& index, std::uint64_t hash, std::uint32_t holder, std::uint32_t number) {
    if (holder != FlatIndex::none) {
        index.erase(hash, holder);
    }
    index.insert(hash, number);
}

}  // namespace

Keyring::Keyring(MasterKey master_key) : master_key_(std::move(master_key)) {}

Keyring Keyring::sibling() const {
    MasterKey copy;
    std::ranges::copy(master_key_.expose(), copy.expose().begin());
    return Keyring(std::move(copy));
}

Keyring::Number Keyring::find_number(std::string_view id) const {
    return by_name_.find(hash_of(id), [&](Number number) { return principals_[number].id == id; });
}

Keyring::Number Keyring::find_certificate_number(const Fingerprint& fingerprint) const {
    return certificates_.find(hash_of(fingerprint), [&](Number number) {
        return certificate_of(principals_[number], fingerprint) != nullptr;
    });
}

Keyring::Number Keyring::find_key_number(const KeyId& id) const {
    return keys_.find(hash_of(id), [&](Number number) { return key_of(principals_[number], id) != nullptr; });
}

const Principal* Keyring::find(std::string_view id) const {
    const Number number = find_number(id);
    return number == FlatIndex::none ? nullptr : &principals_[number];
}

CertificateHolder Keyring::find_certificate(const Fingerprint& fingerprint) const {
    const Number number = find_certificate_number(fingerprint);
    if (number == FlatIndex::none) {
        return {};
    }
    return {&principals_[number], certificate_of(principals_[number], fingerprint)};
}

KeyHolder Keyring::find_key(const KeyId& id) const {
    const Number number = find_key_number(id);
    if (number == FlatIndex::none) {
        return {};
    }
    return {&principals_[number], key_of(principals_[number], id)};
}

void Keyring::put(const PrincipalRecord& principal) {
    Number number = find_number(principal.id);
    if (number == FlatIndex::none) {
        number = name(principal.id);
    } else {
        let_go(number);
    }
    set_row(number, principal);
    hold(number, principal.certificates, principal.keys);
}

void Keyring::expect(std::size_t principals) {
    by_name_.reserve(principals);
    certificates_.reserve(principals);
    keys_.reserve(principals);
}

void Keyring::begin(const PrincipalRecord& principal) {
    set_row(name(principal.id), principal);
}

void Keyring::add(std::size_t principal, const Certificate& certificate) {
    Principal& holder = principals_[principal];
    std::vector<Certificate> all(holder.certificates.begin(), holder.certificates.end());
    all.push_back(certificate);
    blocks_.give_back(holder.certificates);
    holder.certificates = blocks_.copy(std::span<const Certificate>(all));
    certificates_.insert(hash_of(certificate.fingerprint), static_cast<Number>(principal));
}

void Keyring::add(std::size_t principal, const Key& key) {
    Principal& holder = principals_[principal];
    std::vector<Key> all(holder.keys.begin(), holder.keys.end());
    all.insert(std::ranges::lower_bound(all, key.generation, std::greater<>(), &Key::generation), key);
    set_keys(holder, all);
    const auto number = static_cast<Number>(principal);
    keys_.insert(hash_of(key.id), number);
    note_end(number, key);
}

// Makes a new principal with that name and nothing else yet.
Keyring::Number Keyring::name(std::string_view id) {
    static const Roles none;
    const auto number = static_cast<Number>(principals_.size());
    const std::span<const char> own = blocks_.copy(std::span<const char>(id));
    principals_.push_back({.id = {own.data(), own.size()}, .roles = none, .certificates = {}, .keys = {}});
    by_name_.insert(hash_of(id), number);
    return number;
}

void Keyring::set_row(Number number, const PrincipalRecord& principal) {
    Principal& held = principals_[number];
    held.roles = shared(principal.roles);
    held.revoked = principal.revoked;
    held.decommissioned = principal.decommissioned;
    held.storage = principal.storage;
    if (held.storage) {
        storage_ = &held;
    } else if (storage_ == &held) {
        storage_ = nullptr;
    }
}

void Keyring::hold(Number number, std::span<const Certificate> certificates, std::span<const Key> keys) {
    for (const Certificate& certificate : certificates) {
        claim(certificates_, hash_of(certificate.fingerprint), find_certificate_number(certificate.fingerprint),
              number);
    }
    for (const Key& key : keys) {
        claim(keys_, hash_of(key.id), find_key_number(key.id), number);
        note_end(number, key);
    }
    principals_[number].certificates = blocks_.copy(certificates);
    set_keys(principals_[number], keys);
}

void Keyring::let_go(Number number) {
    Principal& held = principals_[number];
    for (const Certificate& certificate : held.certificates) {
        certificates_.erase(hash_of(certificate.fingerprint), number);
    }
    for (const Key& key : held.keys) {
        keys_.erase(hash_of(key.id), number);
    }
    blocks_.give_back(std::exchange(held.certificates, {}));
    set_keys(held, {});
}

// The caller updates the index.
void Keyring::set_keys(Principal& principal, std::span<const Key> keys) {
    const auto retired = [](std::span<const Key> of) {
        return static_cast<std::size_t>(std::ranges::count(of, true, &Key::retired));
    };
    retired_ = retired_ + retired(keys) - retired(principal.keys);
    const std::span<const Key> old = std::exchange(principal.keys, blocks_.copy(keys));
    blocks_.give_back(old);
}

void Keyring::note_end(Number number, const Key& key) {
    if (key.ends != 0) {
        ends_.emplace(key.ends, number);
    }
}

const Roles& Keyring::shared(const Roles& roles) {
    return *roles_.insert(roles).first;
}

void Keyring::end_older(std::string_view id, std::uint32_t generation, std::int64_t ends) {
    const Number number = find_number(id);
    if (number == FlatIndex::none) {
        return;
    }
    Principal& principal = principals_[number];
    std::vector<Key> all(principal.keys.begin(), principal.keys.end());
    for (Key& key : all) {
        const bool older = key.generation < generation && !key.retired;
        if (older && (key.ends == 0 || key.ends > ends)) {
            key.ends = ends;
            note_end(number, key);
        }
    }
    set_keys(principal, all);
}

std::vector<Keyring::EndedKey> Keyring::end_keys(std::int64_t now) {
    std::vector<EndedKey> out;
    while (!ends_.empty() && ends_.top().first <= now) {
        const Number number = ends_.top().second;
        ends_.pop();
        Principal& principal = principals_[number];
        std::vector<Key> left;
        for (const Key& key : principal.keys) {
            if (key.ends == 0 || key.ends > now) {
                left.push_back(key);
            } else {
                keys_.erase(hash_of(key.id), number);
                out.push_back({key.id, &principal});
            }
        }
        if (left.size() != principal.keys.size()) {
            set_keys(principal, left);
        }
    }
    return out;
}

bool Keyring::opens(std::string_view principal, const Key& key) const {
    MasterSecret secret;
    return unseal(master_key_, principal, key.id, key.algorithm, key.secret, secret);
}

bool Keyring::credentials(std::string_view principal, const Key& key, std::string_view realm,
                          reseal_credentials& out) const {
    out = {};
    MasterSecret secret;
    if (principal.size() > RESEAL_PRINCIPAL_MAX || realm.size() > RESEAL_REALM_MAX ||
        !unseal(master_key_, principal, key.id, key.algorithm, key.secret, secret)) {
        return false;
    }
    std::copy(principal.begin(), principal.end(), std::begin(out.principal));
    std::copy(realm.begin(), realm.end(), std::begin(out.realm));
    out.algorithm = key.algorithm;
    std::copy(key.id.begin(), key.id.end(), std::begin(out.key_id));
    std::copy(secret.expose().begin(), secret.expose().end(), std::begin(out.master));
    return true;
}

}  // namespace reseal::keyring
