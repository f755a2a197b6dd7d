#include "engine/sender.h"

#include <algorithm>
#include <string>
#include <thread>

namespace reseal::engine {

namespace {

std::string kid(const keyring::Key& key, reseal_direction direction) {
    std::string out(key.id.begin(), key.id.end());
    out += static_cast<char>(direction);
    return out;
}

}  // namespace

std::shared_ptr<Sender> Senders::get(const keyring::Keyring& keyring, const keyring::Principal& principal,
                                     const keyring::Key& key, reseal_direction direction) {
    const std::string id = kid(key, direction);
    for (;; std::this_thread::yield()) {  // another thread is about to put the last one away
        const std::lock_guard lock(mutex_);
        const auto entry = senders_.find(id);
        if (std::shared_ptr<Sender> sender = entry != senders_.end() ? entry->second.lock() : nullptr) {
            return sender;
        }
        if (entry == senders_.end()) {
            std::unique_ptr<Sender> made = make(keyring, principal, key, direction);
            if (made == nullptr) {
                return nullptr;
            }
            std::shared_ptr<Sender> sender(made.release(), [this, id](Sender* last) {
                put_away(id, *last);
                delete last;
            });
            senders_.emplace(id, sender);
            return sender;
        }
    }
}

// A position is used once: it is taken out before the sender can go on there.
std::unique_ptr<Sender> Senders::make(const keyring::Keyring& keyring, const keyring::Principal& principal,
                                      const keyring::Key& key, reseal_direction direction) {
    reseal_credentials credentials{};
    if (!keyring.credentials(principal, key, realm_, credentials)) {
        return nullptr;
    }
    auto sender = std::make_unique<Sender>();
    const reseal_epoch_store port = epochs_.port();
    const reseal_status status = reseal_sender_open(&sender->get(), &credentials, direction, crypto_, &port, &random_);
    reseal_wipe(&credentials, sizeof credentials);
    if (status != RESEAL_OK) {
        return nullptr;
    }
    if (auto position = positions_.extract(kid(key, direction)); !position.empty()) {
        // If it cannot go on, it raises the epoch.
        (void)reseal_sender_go_on(&sender->get(), &position.mapped());
    }
    return sender;
}

void Senders::put_away(const std::string& kid, const Sender& sender) {
    const std::lock_guard lock(mutex_);
    senders_.erase(kid);
    positions_.insert_or_assign(kid, reseal_sender_position_of(&sender.get()));
}

const keyring::Key* sealing_key(const keyring::Principal& principal) {
    const auto found = std::ranges::find_if(principal.keys, [](const keyring::Key& key) { return !key.retired; });
    return found == principal.keys.end() ? nullptr : &*found;
}

}  // namespace reseal::engine
