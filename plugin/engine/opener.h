// SPDX-License-Identifier: Apache-2.0
// Opens uplink messages: on arrival, and again for each delivery. AcceptOnce decides whether a message may come at all.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include <reseal/envelope.h>

#include "base/key_id.h"
#include "base/refusal.h"
#include "engine/plaintext.h"
#include "keyring/keyring.h"
#include "state/own_epoch.h"

namespace reseal::engine {

// A message that should be sealed, its parsed envelope, the topic it travels under and, once looked up, the key it
// names. Everything is borrowed.
struct ParsedMessage {
    ParsedMessage(std::string_view its_topic, std::span<const std::uint8_t> its_message)
        : topic(its_topic),
          message(its_message),
          parsed(reseal_envelope_parse({message.data(), message.size()}, &envelope)) {}

    [[nodiscard]] bool sealed() const { return parsed == RESEAL_OK; }
    // The size in bytes of its plaintext; of an unsealed message, of the message itself.
    [[nodiscard]] std::uint32_t plaintext_size() const {
        return static_cast<std::uint32_t>(sealed() ? envelope.sealed.size - RESEAL_TAG_SIZE : message.size());
    }

    // It was sealed for a realm other than this broker's own. `its_realm` is borrowed; empty: for its own after all.
    void belong_to(std::string_view its_realm) {
        realm = its_realm;
        if (!realm.empty()) {
            elsewhere = envelope;
            std::ranges::copy(state::peer_place(key_id_of(envelope), realm), std::begin(elsewhere.key_id));
        }
    }
    // As the replay windows count it: messages of another realm have their own place.
    [[nodiscard]] const reseal_envelope& counted() const { return realm.empty() ? envelope : elsewhere; }

    std::string_view topic;
    std::span<const std::uint8_t> message;
    reseal_envelope envelope{};  // nothing unless sealed()
    reseal_status parsed;
    std::string_view realm;  // empty: this broker's own
    reseal_envelope elsewhere;
    keyring::KeyHolder holder{};
};

class Opener {
  public:
    // The arguments must outlive this.
    Opener(const reseal_crypto* crypto, const keyring::Keyring& keyring, std::string realm)
        : crypto_(crypto), keyring_(&keyring), realm_(std::move(realm)) {}

    // Opens a message that arrives; more of its epoch are expected. On Refusal::none, plaintext() is the message's. On
    // any other there is no plaintext.
    [[nodiscard]] Refusal open(const ParsedMessage& uplink) { return open(uplink, true); }

    // Opens a message again. Several calls for one message open it only once.
    [[nodiscard]] Refusal reopen(const ParsedMessage& uplink);

    // Whether plaintext() belongs to this very message. If so, nothing needs to be parsed or looked up again.
    [[nodiscard]] bool holds(std::string_view topic, std::span<const std::uint8_t> message) const;

    // The plaintext of the last call that answered Refusal::none.
    [[nodiscard]] std::span<const std::uint8_t> plaintext() const { return plaintext_.bytes(); }

    // Wipes the plaintext.
    void forget_plaintext();
    // Wipes the derived keys of one key generation, as counted() names it. Its principal is gone.
    void forget_keys(const KeyId& id);
    void forget_all_keys() { current_.clear(); }

  private:
    class Held {  // derived keys of one epoch, wiped by the destructor
      public:
        Held() = default;
        ~Held() { reseal_epoch_keys_wipe(&keys); }
        Held(Held&& other) noexcept : epoch(other.epoch), keys(other.keys) { other.keys = {}; }
        Held& operator=(Held&& other) noexcept;
        Held(const Held&) = delete;
        Held& operator=(const Held&) = delete;

        reseal_epoch epoch{};
        reseal_epoch_keys keys{};
    };
    // The message that plaintext_ belongs to: its header (with kid, epoch, salt and counter), its size and its tag. A
    // forgery under the same numbers has another tag, so it counts as another message.
    struct Opened {
        std::array<std::uint8_t, RESEAL_OVERHEAD_MAX> header_and_tag{};
        std::size_t header_size = 0;
        std::size_t size = 0;
        std::string topic;
        bool valid = false;
    };

    void remember(const ParsedMessage& uplink);
    [[nodiscard]] Refusal open(const ParsedMessage& uplink, bool keep_keys);
    [[nodiscard]] bool worth_keeping(const ParsedMessage& uplink, const Held& held) const;
    [[nodiscard]] Refusal open_with(reseal_epoch_keys& keys, const ParsedMessage& uplink);
    [[nodiscard]] reseal_status derive(const ParsedMessage& uplink, Held& out) const;

    const reseal_crypto* crypto_;
    const keyring::Keyring* keyring_;
    std::string realm_;
    std::unordered_map<KeyId, Held, KeyIdHash> current_;  // keys of each sender's accepted epoch
    Plaintext plaintext_;
    Opened opened_;
};

}  // namespace reseal::engine
