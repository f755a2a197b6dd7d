// SPDX-License-Identifier: Apache-2.0
// What the engine sends by itself: acknowledgements (protocol.md, "Sealed acknowledgement") and new keys ("Rekeying").
#include <array>
#include <utility>
#include <vector>

#include <reseal/ack.h>
#include <reseal/rekey.h>

#include "engine/downlink.h"
#include "engine/rotation.h"
#include "policy/reserved.h"

namespace reseal::engine {

namespace {

// A few milliseconds of work; messages wait meanwhile.
constexpr std::size_t acks_at_once = 500;
constexpr std::size_t rekeys_at_once = 200;

reseal_ack ack_of(const reseal_replay& window) {
    reseal_ack out{.epoch = window.epoch, .counter = window.top, .window = {}};
    for (std::uint32_t n = 0; n < 8 * RESEAL_ACK_WINDOW_SIZE && n + 1 < window.window && n < window.top; ++n) {
        const std::uint32_t bit = (window.top - 1 - n) % window.window;
        if ((window.words[bit / 32] >> (bit % 32) & 1U) != 0) {
            out.window[n / 8] |= static_cast<std::uint8_t>(1U << (n % 8));
        }
    }
    return out;
}

// The record that is sealed. Wiped at the end.
class RekeyRecord {
  public:
    RekeyRecord() = default;
    ~RekeyRecord() { reseal_wipe(bytes_.data(), bytes_.size()); }
    RekeyRecord(const RekeyRecord&) = delete;
    RekeyRecord& operator=(const RekeyRecord&) = delete;

    [[nodiscard]] bool write(const keyring::Keyring& keyring, const keyring::Principal& principal,
                             const keyring::Key& key) {
        reseal_credentials credentials{};
        const bool opened = keyring.credentials(principal, key, {}, credentials);
        size_ = opened ? reseal_rekey_record_write(bytes_.data(), &credentials) : 0;
        reseal_wipe(&credentials, sizeof credentials);
        return opened;
    }
    [[nodiscard]] Payload get() const { return {bytes_.data(), size_}; }

  private:
    std::array<std::uint8_t, RESEAL_REKEY_RECORD_MAX> bytes_{};
    std::size_t size_ = 0;
};

// The next of those that something is due for; nothing if there is none.
std::optional<SessionId> next_of(std::unordered_set<Standing*>& due) {
    return due.empty() ? std::nullopt : std::optional(due.extract(due.begin()).value()->id);
}

}  // namespace

std::vector<OwnMessage> Downlink::acknowledgements() {
    std::vector<OwnMessage> out;
    if (LedgerAccess ledger = shared_->ledger.access(); !ledger->sessions.acks_due.empty()) {
        ledger->replay.settle();  // what is named is certain
    }
    while (out.size() < acks_at_once) {
        const auto id = next_of(shared_->ledger.access()->sessions.acks_due);
        if (!id) {
            break;
        }
        add_acks(*id, out);
    }
    return out;
}

// One for each key: after a new key over the air, what was sealed before it and what was sealed since come mixed.
void Downlink::add_acks(SessionId id, std::vector<OwnMessage>& out) {
    const SessionTable::Use session = desk_->use(id);
    if (!session) {
        return;
    }
    std::vector<reseal_ack> acks;
    std::uint8_t qos = 0;
    {
        const LedgerAccess ledger = shared_->ledger.access();
        Standing& standing = *session->standing;
        for (const KeyId& key : std::exchange(standing.acks_of, {})) {
            if (const auto window = ledger->replay.window(key)) {
                acks.push_back(ack_of(*window));
            }
        }
        if (!standing.ack_qos) {
            return;
        }
        qos = *standing.ack_qos;
    }
    for (const reseal_ack& ack : acks) {
        std::array<std::uint8_t, RESEAL_ACK_SIZE> record{};
        reseal_ack_write(record.data(), &ack);
        if (auto message = own_message(*session, policy::ack_topic(session->principal), qos, record)) {
            out.push_back(std::move(*message));
        }
    }
}

std::vector<OwnMessage> Downlink::rekeys() {
    std::vector<OwnMessage> out;
    while (out.size() < rekeys_at_once) {
        const auto id = next_of(shared_->ledger.access()->sessions.rekeys_due);
        if (!id) {
            break;
        }
        if (auto rekey = rekey_for(*id)) {
            out.push_back(std::move(*rekey));
        }
    }
    return out;
}

// Nothing if there is no new key for it, or it was sent since the session has subscribed.
std::optional<OwnMessage> Downlink::rekey_for(SessionId id) {
    const SessionTable::Use session = desk_->use(id);
    const keyring::Principal* principal = session ? site_->keyring.find(session->principal) : nullptr;
    if (principal == nullptr) {
        return std::nullopt;
    }
    const keyring::Key* fresh = nullptr;
    std::uint8_t qos = 0;
    {
        const LedgerAccess ledger = shared_->ledger.access();
        Standing& standing = *session->standing;
        fresh = standing.key_qos ? key_over_the_air(*ledger, *principal) : nullptr;
        if (fresh == nullptr || fresh->generation == std::exchange(standing.key_sent, fresh->generation)) {
            return std::nullopt;
        }
        qos = *standing.key_qos;
    }
    RekeyRecord record;
    if (!record.write(site_->keyring, *principal, *fresh)) {
        site_->report(*session, "deliver", policy::key_topic(session->principal), Refusal::state_unavailable);
        return std::nullopt;
    }
    auto out = own_message(*session, policy::key_topic(session->principal), qos, record.get());
    if (out) {
        const std::string detail = "key generation " + std::to_string(fresh->generation) + ", sent over the air";
        site_->log.happened({.event = audit::Event::rotated,
                             .principal = session->principal,
                             .client_id = session->client_id,
                             .certificate = fingerprint_of(session->certificate),
                             .detail = detail});
        site_->log.note(observe::Level::notice, session->principal + ": " + detail);
    }
    return out;
}

}  // namespace reseal::engine
