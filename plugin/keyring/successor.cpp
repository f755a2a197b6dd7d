// SPDX-License-Identifier: Apache-2.0
#include "keyring/successor.h"

#include <algorithm>

#include "base/fault.h"
#include "base/quote.h"

namespace reseal::keyring {
namespace {

// The broker's own key stands for all keys: each site has one, sealed under the site's master key.
bool of_this_site(const Keyring& fresh) {
    const Principal* storage = fresh.storage();
    if (storage == nullptr || storage->keys.empty()) {
        return false;
    }
    return fresh.opens(storage->id, storage->keys.front());
}

// An older key may be missing: it is wiped when its overlap ends.
bool keeps_latest_key(const Principal& known, const Principal& found) {
    if (known.keys.empty() || found.decommissioned) {
        return true;
    }
    const Key& latest = known.keys.front();
    return !found.keys.empty() &&
           (found.keys.front().generation > latest.generation || found.keys.front().id == latest.id);
}

bool keeps_retirements(const Keyring& fresh, const Principal& known) {
    return std::ranges::all_of(known.keys, [&](const Key& key) {
        const KeyHolder holder = fresh.find_key(key.id);
        return !key.retired || holder.key == nullptr || holder.key->retired;
    });
}

bool keeps_certificates(const Keyring& fresh, const Principal& known) {
    return std::ranges::all_of(known.certificates, [&](const Certificate& certificate) {
        const CertificateHolder holder = fresh.find_certificate(certificate.fingerprint);
        return holder.certificate != nullptr && (holder.certificate->revoked || !certificate.revoked);
    });
}

// What `fresh` lacks of `known`; empty: nothing.
std::string missing(const Keyring& fresh, const Principal& known) {
    const Principal* found = fresh.find(known.id);
    if (found == nullptr) {
        return "is missing in it";
    }
    if ((known.revoked && !found->revoked) || (known.decommissioned && !found->decommissioned)) {
        return "is not revoked in it";
    }
    if (!keeps_certificates(fresh, known)) {
        return "lacks a certificate in it, or the revocation of one";
    }
    return keeps_latest_key(known, *found) && keeps_retirements(fresh, known) ? std::string()
                                                                              : "has an older key in it";
}

}  // namespace

Fault older_registry(const std::string& path, const std::string& what) {
    return file_fault(path, "is older than the one that was read before: " + what,
                      "put that one back; to go back on purpose, restart the broker (docs/backup.md)");
}

Checked<Done> check_successor(const Keyring& known, const Keyring& fresh, const std::string& path) {
    if (!of_this_site(fresh)) {
        return file_fault(path, "belongs to another site: its secrets are sealed under another master key",
                          "put the site's own registry back");
    }
    for (std::size_t number = 0; number < known.size(); ++number) {
        const Principal& principal = known.principals()[number];
        if (const std::string what = missing(fresh, principal); !what.empty()) {
            return older_registry(path, quote(principal.id).append(1, ' ').append(what));
        }
    }
    return Done{};
}

}  // namespace reseal::keyring
