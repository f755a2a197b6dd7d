// SPDX-License-Identifier: Apache-2.0
#include "keyring/seal.h"

#include <sodium.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/private_file.h"
#include "keyring/registry.h"

namespace reseal::keyring {
namespace {

constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t master_key_size = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
static_assert(std::tuple_size_v<SealedSecret> == nonce_size + RESEAL_MASTER_SIZE + tag_size);
static_assert(sizeof(MasterKey) == master_key_size);

// Without a working random source this process can do nothing safely.
void require_sodium() {
    static const bool ready = sodium_init() >= 0;
    if (!ready) {
        std::abort();
    }
}

// What a sealed secret is bound to. Parts of fixed size come first, so no two owners give the same bytes.
std::string owner(std::string_view principal, const KeyId& key_id, std::uint8_t algorithm) {
    std::string out("reseal-registry/1");
    out.append(key_id.begin(), key_id.end());
    out.push_back(static_cast<char>(algorithm));
    out.append(principal);
    return out;
}

// The number of bytes read, up to out.size(); -1 with errno set on an error.
ssize_t read_up_to(int fd, std::span<std::uint8_t> out) {
    std::size_t have = 0;
    while (have < out.size()) {
        const ssize_t got = ::read(fd, out.data() + have, out.size() - have);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -1;
        }
        if (got == 0) {
            break;
        }
        have += static_cast<std::size_t>(got);
    }
    return static_cast<ssize_t>(have);
}

}  // namespace

Checked<MasterKey> read_master_key(const std::string& path) {
    auto file = open_private(path);
    if (!file) {
        return file.error();
    }
    Secret<master_key_size + 1> bytes;  // one more, to detect a file that is too long
    const ssize_t size = read_up_to(file->get(), bytes.expose());
    if (size < 0) {
        return system_fault(path, "reading it", "it must be readable by this user");
    }
    if (static_cast<std::size_t>(size) != master_key_size) {
        const std::string found = static_cast<std::size_t>(size) > master_key_size ? "more" : std::to_string(size);
        return file_fault(path, "a master key is 32 bytes, this file has " + found,
                          "restore the file that was made together with the registry");
    }
    MasterKey key;
    std::copy_n(bytes.expose().begin(), master_key_size, key.expose().begin());
    return key;
}

Checked<Done> create_master_key(const std::string& path) {
    require_sodium();
    MasterKey key;
    randombytes_buf(key.expose().data(), master_key_size);
    return create_file(path, key.expose());
}

SealedSecret seal(const MasterKey& master_key, std::string_view principal, const KeyId& key_id, std::uint8_t algorithm,
                  const MasterSecret& secret) {
    require_sodium();
    const std::string bound = owner(principal, key_id, algorithm);
    const auto aad = as_bytes(bound);
    SealedSecret out{};
    randombytes_buf(out.data(), nonce_size);
    crypto_aead_xchacha20poly1305_ietf_encrypt(out.data() + nonce_size, nullptr, secret.expose().data(),
                                               secret.expose().size(), aad.data(), aad.size(), nullptr, out.data(),
                                               master_key.expose().data());
    return out;
}

bool unseal(const MasterKey& master_key, std::string_view principal, const KeyId& key_id, std::uint8_t algorithm,
            const SealedSecret& sealed, MasterSecret& out) {
    require_sodium();
    const std::string bound = owner(principal, key_id, algorithm);
    const auto aad = as_bytes(bound);
    const bool genuine =
        crypto_aead_xchacha20poly1305_ietf_decrypt(out.expose().data(), nullptr, nullptr, sealed.data() + nonce_size,
                                                   sealed.size() - nonce_size, aad.data(), aad.size(), sealed.data(),
                                                   master_key.expose().data()) == 0;
    if (!genuine) {
        sodium_memzero(out.expose().data(), out.expose().size());
    }
    return genuine;
}

Secret<32> derive_key(const MasterKey& master_key, std::string_view purpose) {
    require_sodium();
    Secret<crypto_auth_hmacsha256_BYTES> out;
    const auto bytes = as_bytes(purpose);
    crypto_auth_hmacsha256(out.expose().data(), bytes.data(), bytes.size(), master_key.expose().data());
    return out;
}

// A registry without any key has nothing to lose.
Checked<Done> prove_master_key(const MasterKey& master_key, const std::string& path, Registry& registry) {
    const auto holder = registry.key_holder();
    if (!holder) {
        return holder.error();
    }
    MasterSecret secret;
    const PrincipalRecord* const principal = *holder ? &**holder : nullptr;
    if (principal == nullptr || principal->keys.empty() ||
        unseal(master_key, principal->id, principal->keys.front().id, principal->keys.front().algorithm,
               principal->keys.front().secret, secret)) {
        return Done{};
    }
    return file_fault(path, "does not open the key of " + principal->id + " in " + registry.path(),
                      "restore both from the same backup: it is damaged, or belongs to another registry");
}

Key make_key(const MasterKey& master_key, std::string_view principal, std::uint8_t algorithm,
             std::uint32_t generation) {
    require_sodium();
    MasterSecret secret;
    randombytes_buf(secret.expose().data(), secret.expose().size());
    Key key;
    randombytes_buf(key.id.data(), key.id.size());
    key.generation = generation;
    key.algorithm = algorithm;
    key.secret = seal(master_key, principal, key.id, algorithm, secret);
    return key;
}

}  // namespace reseal::keyring
