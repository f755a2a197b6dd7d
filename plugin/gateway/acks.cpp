// Sealed acknowledgements: tell senders what was accepted (protocol.md, "Sealed acknowledgement").
#include <array>

#include <reseal/ack.h>

#include "gateway/gateway.h"
#include "policy/reserved.h"

namespace reseal::gateway {

namespace {

constexpr std::size_t acks_at_once = 500;  // a few milliseconds of work; messages wait meanwhile

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

}  // namespace

void Gateway::note_accepted(Session& session, const KeyId& key) {
    if (session.ack_qos) {
        session.ack_key = key;
        acks_due_.insert(&session);
    }
}

// A returning client is told what is already accepted: an acknowledgement may have been lost with its connection.
void Gateway::begin_acks(Session& session, std::uint8_t qos) {
    session.ack_qos = qos;
    const keyring::Principal* principal = parts_.keyring.find(session.principal);
    const keyring::Key* key = principal != nullptr ? downlink_key(*principal) : nullptr;
    if (key != nullptr) {
        note_accepted(session, key->id);
    }
}

std::vector<OwnMessage> Gateway::acknowledgements() {
    std::vector<OwnMessage> out;
    if (!acks_due_.empty()) {
        settle();  // what is named is certain
    }
    while (!acks_due_.empty() && out.size() < acks_at_once) {
        Session& session = *acks_due_.extract(acks_due_.begin()).value();
        if (auto ack = ack_for(session)) {
            out.push_back(std::move(*ack));
        }
    }
    return out;
}

// Nothing if no message was accepted yet, or if it is not certain what was.
std::optional<OwnMessage> Gateway::ack_for(Session& session) {
    const auto window = session.ack_qos ? parts_.replay.window(session.ack_key) : std::nullopt;
    if (!window) {
        return std::nullopt;
    }
    std::array<std::uint8_t, RESEAL_ACK_SIZE> record{};
    const reseal_ack ack = ack_of(*window);
    reseal_ack_write(record.data(), &ack);
    const std::string topic = policy::ack_topic(session.principal);
    const Delivered sealed = seal_for(session, topic, record, Sealing::at_once);
    if (sealed.form != Delivered::Form::sealed) {
        report(session, "deliver", topic, Refusal::state_unavailable);
        return std::nullopt;
    }
    return OwnMessage{
        .client_id = session.client_id, .topic = topic, .qos = *session.ack_qos, .payload = sealed.payload};
}

}  // namespace reseal::gateway
