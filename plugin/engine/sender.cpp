// SPDX-License-Identifier: Apache-2.0
#include "engine/sender.h"

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

namespace reseal::engine {

namespace {

std::string kid(const keyring::Key& key, reseal_direction direction) {
    std::string out(key.id.begin(), key.id.end());
    out += static_cast<char>(direction);
    return out;
}

}  // namespace

Sender::~Sender() {
    if (home_ != nullptr) {
        home_->put_away(*entry_, *this);
    }
    reseal_sender_close(&sender_);
}

std::shared_ptr<Sender> Senders::get(const keyring::Keyring& keyring, const keyring::Principal& principal,
                                     const keyring::Key& key, reseal_direction direction) {
    const std::string id = kid(key, direction);
    for (;; std::this_thread::yield()) {  // another thread is about to close the last one
        const std::lock_guard lock(mutex_);
        SenderEntry& entry = entries_[id];  // it stays where it is
        if (std::shared_ptr<Sender> sender = entry.sender.lock()) {
            return sender;
        }
        if (entry.closed) {
            return make(keyring, principal, key, direction, entry);
        }
    }
}

// A position is used once: it is taken out before the sender can go on there.
std::shared_ptr<Sender> Senders::make(const keyring::Keyring& keyring, const keyring::Principal& principal,
                                      const keyring::Key& key, reseal_direction direction, SenderEntry& entry) {
    reseal_credentials credentials{};
    auto sender = std::make_shared<Sender>();
    if (!keyring.credentials(principal, key, realm_, credentials)) {
        return nullptr;
    }
    const reseal_epoch_store port = epochs_.port();
    const reseal_status status = reseal_sender_open(&sender->get(), &credentials, direction, crypto_, &port, &random_);
    reseal_wipe(&credentials, sizeof credentials);
    if (status != RESEAL_OK) {
        return nullptr;
    }
    if (const reseal_sender_position position = std::exchange(entry.position, {}); position.epoch.number != 0) {
        // If it cannot go on, it raises the epoch.
        (void)reseal_sender_go_on(&sender->get(), &position);
    }
    sender->home_ = this;
    sender->entry_ = &entry;
    entry.sender = sender;
    entry.closed = false;
    return sender;
}

// Neither allocates nor throws: the last one to let go of a sender may do so anywhere.
void Senders::put_away(SenderEntry& entry, const Sender& sender) {
    const std::lock_guard lock(mutex_);
    entry.position = reseal_sender_position_of(&sender.get());
    entry.sender.reset();  // or it would keep the memory
    entry.closed = true;
}

const keyring::Key* sealing_key(const keyring::Principal& principal) {
    const auto found = std::ranges::find_if(principal.keys, [](const keyring::Key& key) { return !key.retired; });
    return found == principal.keys.end() ? nullptr : &*found;
}

}  // namespace reseal::engine
