// SPDX-License-Identifier: Apache-2.0
#include "engine/opener.h"

#include <algorithm>
#include <cstring>

#include "engine/bytes.h"

namespace reseal::engine {

Opener::Held& Opener::Held::operator=(Held&& other) noexcept {
    if (this != &other) {
        reseal_epoch_keys_wipe(&keys);
        epoch = other.epoch;
        keys = other.keys;
        other.keys = {};
    }
    return *this;
}

Refusal Opener::reopen(const ParsedMessage& uplink) {
    return holds(uplink.topic, uplink.message) ? Refusal::none : open(uplink, false);
}

void Opener::forget_plaintext() {
    plaintext_.wipe();
    opened_.valid = false;
}

void Opener::forget_keys(const KeyId& id) {
    current_.erase(id);
}

bool Opener::holds(std::string_view topic, std::span<const std::uint8_t> message) const {
    if (!opened_.valid || message.size() != opened_.size || topic != opened_.topic) {
        return false;
    }
    const std::span<const std::uint8_t> known(opened_.header_and_tag);
    return std::ranges::equal(message.first(opened_.header_size), known.first(opened_.header_size)) &&
           std::ranges::equal(message.last(RESEAL_TAG_SIZE), known.subspan(opened_.header_size, RESEAL_TAG_SIZE));
}

void Opener::remember(const ParsedMessage& uplink) {
    opened_.header_size = uplink.message.size() - uplink.envelope.sealed.size;
    opened_.size = uplink.message.size();
    auto* const tag = std::ranges::copy(uplink.message.first(opened_.header_size), opened_.header_and_tag.begin()).out;
    std::ranges::copy(uplink.message.last(RESEAL_TAG_SIZE), tag);
    opened_.topic.assign(uplink.topic);
    opened_.valid = true;
}

Refusal Opener::open(const ParsedMessage& uplink, bool keep_keys) {
    const KeyId id = key_id_of(uplink.counted());
    if (const auto known = current_.find(id);
        known != current_.end() && reseal_epoch_equal(&known->second.epoch, &uplink.envelope.epoch)) {
        return open_with(known->second.keys, uplink);
    }
    // A forged epoch must not evict the keys of the accepted one: keep the new keys only once a tag was right.
    Held held;
    if (const reseal_status status = derive(uplink, held); status != RESEAL_OK) {
        return refusal_of(status);
    }
    const Refusal refusal = open_with(held.keys, uplink);
    if (refusal == Refusal::none && (keep_keys || worth_keeping(uplink, held))) {
        current_.insert_or_assign(id, std::move(held));
    }
    return refusal;
}

// What came in clear never arrives under the storage key, but is opened with it for every delivery.
bool Opener::worth_keeping(const ParsedMessage& uplink, const Held& held) const {
    const auto known = current_.find(key_id_of(uplink.counted()));
    return uplink.holder.principal->storage &&
           (known == current_.end() || known->second.epoch.number < held.epoch.number);
}

Refusal Opener::open_with(reseal_epoch_keys& keys, const ParsedMessage& uplink) {
    forget_plaintext();
    if (!plaintext_.reserve(uplink.envelope.sealed.size)) {
        return Refusal::internal;
    }
    reseal_buffer out{plaintext_.room(), plaintext_.capacity(), 0};
    const reseal_status status = reseal_message_open(&keys, &uplink.envelope, sdk_bytes(uplink.topic), &out);
    if (status != RESEAL_OK) {
        return refusal_of(status);
    }
    plaintext_.set_size(out.size);
    remember(uplink);
    return Refusal::none;
}

reseal_status Opener::derive(const ParsedMessage& uplink, Held& out) const {
    reseal_credentials credentials{};
    if (!keyring_->credentials(*uplink.holder.principal, *uplink.holder.key,
                               uplink.realm.empty() ? realm_ : uplink.realm, credentials)) {
        return RESEAL_BAD_CREDENTIALS;
    }
    out.epoch = uplink.envelope.epoch;
    const reseal_status status = reseal_epoch_keys_derive(crypto_, &credentials, RESEAL_UPLINK, &uplink.envelope.epoch,
                                                          RESEAL_USE_OPEN, &out.keys);
    reseal_wipe(&credentials, sizeof credentials);
    return status;
}

}  // namespace reseal::engine
