// SPDX-License-Identifier: Apache-2.0
#include "engine/undelivered.h"

#include <algorithm>

namespace reseal::engine {

Undelivered::Epoch* Undelivered::find(Epochs& epochs, const reseal_epoch& epoch) {
    const auto found =
        std::ranges::find_if(epochs, [&epoch](const Epoch& known) { return reseal_epoch_equal(&known.epoch, &epoch); });
    return found == epochs.end() ? nullptr : &*found;
}

void Undelivered::add(const reseal_envelope& message) {
    Epochs& epochs = keys_[key_id_of(message)];
    Epoch* known = find(epochs, message.epoch);
    if (known == nullptr) {
        if (epochs.size() == epochs_most) {
            epochs.erase(epochs.begin());
        }
        known = &epochs.emplace_back(Epoch{.epoch = message.epoch, .counters = {}});
    }
    known->counters.insert(message.counter);
}

void Undelivered::remove(const reseal_envelope& message) {
    const auto key = keys_.find(key_id_of(message));
    Epoch* known = key == keys_.end() ? nullptr : find(key->second, message.epoch);
    if (known == nullptr) {
        return;
    }
    known->counters.erase(message.counter);
    std::erase_if(key->second, [](const Epoch& epoch) { return epoch.counters.empty(); });
    if (key->second.empty()) {
        keys_.erase(key);
    }
}

bool Undelivered::contains(const reseal_envelope& message) const {
    if (keys_.empty()) {
        return false;
    }
    const auto key = keys_.find(key_id_of(message));
    return key != keys_.end() && std::ranges::any_of(key->second, [&message](const Epoch& known) {
               return reseal_epoch_equal(&known.epoch, &message.epoch) && known.counters.contains(message.counter);
           });
}

}  // namespace reseal::engine
