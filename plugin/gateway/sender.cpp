#include "gateway/sender.h"

#include <algorithm>
#include <string>

namespace reseal::gateway {

namespace {

std::string kid(const keyring::Key& key, reseal_direction direction) {
    std::string out(key.id.begin(), key.id.end());
    out += static_cast<char>(direction);
    return out;
}

}  // namespace

std::shared_ptr<Sender> Senders::get(const keyring::Keyring& keyring, const keyring::Principal& principal,
                                     const keyring::Key& key, reseal_direction direction) {
    std::weak_ptr<Sender>& known = senders_[kid(key, direction)];
    if (std::shared_ptr<Sender> sender = known.lock()) {
        return sender;
    }
    std::shared_ptr<Sender> sender = make(keyring, principal, key, direction);
    known = sender;
    std::erase_if(senders_, [](const auto& entry) { return entry.second.expired(); });
    return sender;
}

std::shared_ptr<Sender> Senders::make(const keyring::Keyring& keyring, const keyring::Principal& principal,
                                      const keyring::Key& key, reseal_direction direction) const {
    reseal_credentials credentials{};
    if (!keyring.credentials(principal, key, credentials)) {
        return nullptr;
    }
    auto sender = std::make_shared<Sender>();
    const reseal_epoch_store port = epochs_->port();
    const reseal_status status = reseal_sender_open(&sender->get(), &credentials, direction, crypto_, &port, &random_);
    reseal_wipe(&credentials, sizeof credentials);
    return status == RESEAL_OK ? sender : nullptr;
}

const keyring::Key* sealing_key(const keyring::Principal& principal) {
    const auto found = std::ranges::find_if(principal.keys, [](const keyring::Key& key) { return !key.retired; });
    return found == principal.keys.end() ? nullptr : &*found;
}

}  // namespace reseal::gateway
