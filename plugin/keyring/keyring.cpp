#include "keyring/keyring.h"

#include <algorithm>
#include <cstring>

#include "keyring/seal.h"

namespace reseal::keyring {

// Fingerprints are hashes or serial numbers, which are random too, and key ids are random numbers of our own: their
// last bytes are a hash already.
template <std::size_t N>
std::size_t Keyring::ArrayHash::operator()(const std::array<std::uint8_t, N>& bytes) const {
    std::size_t hash = 0;
    constexpr std::size_t size = std::min(N, sizeof hash);
    std::memcpy(&hash, bytes.data() + (N - size), size);
    return hash;
}
template std::size_t Keyring::ArrayHash::operator()(const Fingerprint& bytes) const;
template std::size_t Keyring::ArrayHash::operator()(const KeyId& bytes) const;

Keyring::Keyring(MasterKey master_key) : master_key_(std::move(master_key)) {}

void Keyring::put(Principal principal) {
    const auto old = principals_.find(principal.id);
    if (old != principals_.end()) {
        forget(*old->second);
        principals_.erase(old);
    }
    auto owned = std::make_unique<Principal>(std::move(principal));
    const Principal* added = owned.get();
    principals_.emplace(added->id, std::move(owned));
    for (const Certificate& certificate : added->certificates) {
        certificates_.insert_or_assign(certificate.fingerprint, added);
    }
    for (const Key& key : added->keys) {
        keys_.insert_or_assign(key.id, added);
        retired_ += key.retired ? 1 : 0;
        next_end_ = std::min(next_end_, key.ends == 0 ? never : key.ends);
    }
    if (added->storage) {
        storage_ = added;
    }
}

void Keyring::forget(Principal& principal) {
    for (const Certificate& certificate : principal.certificates) {
        certificates_.erase(certificate.fingerprint);
    }
    for (Key& key : principal.keys) {
        keys_.erase(key.id);
        retired_ -= key.retired ? 1 : 0;
        reseal_wipe(key.secret.data(), key.secret.size());
    }
    if (storage_ == &principal) {
        storage_ = nullptr;
    }
}

std::vector<KeyId> Keyring::end_keys(std::int64_t now) {
    std::vector<KeyId> out;
    if (now < next_end_) {
        return out;
    }
    next_end_ = never;
    for (auto& [name, principal] : principals_) {
        const auto ended = [&](Key& key) {
            if (key.ends == 0 || key.ends > now) {
                next_end_ = std::min(next_end_, key.ends == 0 ? never : key.ends);
                return false;
            }
            out.push_back(key.id);
            keys_.erase(key.id);
            retired_ -= key.retired ? 1 : 0;
            reseal_wipe(key.secret.data(), key.secret.size());
            return true;
        };
        std::erase_if(principal->keys, ended);
    }
    return out;
}

const Principal* Keyring::find(std::string_view id) const {
    const auto found = principals_.find(id);
    return found == principals_.end() ? nullptr : found->second.get();
}

CertificateHolder Keyring::find_certificate(const Fingerprint& fingerprint) const {
    const auto found = certificates_.find(fingerprint);
    if (found == certificates_.end()) {
        return {};
    }
    const auto& all = found->second->certificates;
    const auto certificate = std::find_if(
        all.begin(), all.end(), [&](const Certificate& candidate) { return candidate.fingerprint == fingerprint; });
    return {found->second, &*certificate};
}

KeyHolder Keyring::find_key(const KeyId& id) const {
    const auto found = keys_.find(id);
    if (found == keys_.end()) {
        return {};
    }
    const auto& all = found->second->keys;
    const auto key = std::find_if(all.begin(), all.end(), [&](const Key& candidate) { return candidate.id == id; });
    return {found->second, &*key};
}

const Principal* Keyring::storage() const {
    return storage_;
}

std::size_t Keyring::size() const {
    return principals_.size();
}

bool Keyring::credentials(const Principal& principal, const Key& key, reseal_credentials& out) const {
    out = {};
    MasterSecret secret;
    if (principal.id.size() > RESEAL_PRINCIPAL_MAX ||
        !unseal(master_key_, principal.id, key.id, key.algorithm, key.secret, secret)) {
        return false;
    }
    std::copy(principal.id.begin(), principal.id.end(), std::begin(out.principal));
    out.algorithm = key.algorithm;
    std::copy(key.id.begin(), key.id.end(), std::begin(out.key_id));
    std::copy(secret.expose().begin(), secret.expose().end(), std::begin(out.master));
    return true;
}

}  // namespace reseal::keyring
