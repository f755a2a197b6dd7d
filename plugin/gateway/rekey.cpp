// A new key over the air (protocol.md, "Rekeying"): handed to its device sealed under the one that the device has, and
// the overlap that its first use begins.
#include <algorithm>
#include <array>

#include <reseal/rekey.h>

#include "gateway/gateway.h"
#include "policy/reserved.h"

namespace reseal::gateway {

namespace {

// As much as is done within a few milliseconds: messages wait meanwhile.
constexpr std::size_t rekeys_at_once = 200;
constexpr std::size_t overlaps_at_once = 1000;
constexpr int failures_to_report = 4;

// The record that is sealed. Wiped at the end.
class Record {
  public:
    Record() = default;
    ~Record() { reseal_wipe(bytes_.data(), bytes_.size()); }
    Record(const Record&) = delete;
    Record& operator=(const Record&) = delete;

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

}  // namespace

void Gateway::unsubscribe(Session& session, std::string_view filter) {
    if (policy::is_key_topic(filter, session.principal)) {
        session.key_qos.reset();
    } else if (policy::is_ack_topic(filter, session.principal)) {
        session.ack_qos.reset();
    }
}

std::vector<OwnMessage> Gateway::rekeys() {
    std::vector<OwnMessage> out;
    while (!rekeys_due_.empty() && out.size() < rekeys_at_once) {
        Session& session = *rekeys_due_.extract(rekeys_due_.begin()).value();
        if (!session.key_qos) {
            continue;
        }
        if (auto rekey = rekey_for(session)) {
            out.push_back(std::move(*rekey));
        }
    }
    return out;
}

// Nothing if there is no new key for it, or it was sent since the session has subscribed.
std::optional<OwnMessage> Gateway::rekey_for(Session& session) {
    const keyring::Principal* principal = parts_.keyring.find(session.principal);
    const keyring::Key* fresh = principal != nullptr ? key_over_the_air(*principal) : nullptr;
    if (fresh == nullptr || fresh->generation == session.key_sent) {
        return std::nullopt;
    }
    session.key_sent = fresh->generation;
    const std::string topic = policy::key_topic(session.principal);
    Record record;
    const Delivered sealed = record.write(parts_.keyring, *principal, *fresh)
                                 ? seal_for(session, topic, record.get(), Sealing::at_once)
                                 : Delivered{};
    if (sealed.form != Delivered::Form::sealed) {
        report(session, "deliver", topic, Refusal::state_unavailable);
        return std::nullopt;
    }
    const std::string detail = "key generation " + std::to_string(fresh->generation) + ", sent over the air";
    parts_.log.happened({.event = audit::Event::rotated,
                         .principal = session.principal,
                         .client_id = session.client_id,
                         .certificate = fingerprint_of(session.certificate),
                         .detail = detail});
    parts_.log.note(observe::Level::notice, session.principal + ": " + detail);
    return OwnMessage{
        .client_id = session.client_id, .topic = topic, .qos = *session.key_qos, .payload = sealed.payload};
}

// The newest generation, if its holder has not used it, and every one between it and the one that the holder is sealed
// for under may travel over the air: what was brought by hand, after a key was lost, must not be sent under that key.
const keyring::Key* Gateway::key_over_the_air(const keyring::Principal& principal) const {
    const keyring::Key* present = downlink_key(principal);
    for (const keyring::Key& key : principal.keys) {
        if (&key == present) {
            return &key == &principal.keys.front() ? nullptr : &principal.keys.front();
        }
        if (key.retired || key.overlap == 0) {
            break;
        }
    }
    return nullptr;
}

// The newest generation in use came over the air, and an older one does not end yet.
void Gateway::look_for_overlap(const keyring::Principal& principal) {
    const bool over_the_air =
        std::ranges::any_of(principal.keys, [](const keyring::Key& key) { return key.overlap != 0; });
    if (!over_the_air && overlaps_due_.empty()) {
        return;  // almost always: so that the replay windows of a million keys are not read when the broker starts
    }
    const std::string id(principal.id);
    const auto used = std::ranges::find_if(principal.keys,
                                           [this](const keyring::Key& key) { return !key.retired && has_shown(key); });
    const auto endless = [&](const keyring::Key& key) {
        return key.generation < used->generation && !key.retired && key.ends == 0;
    };
    if (used != principal.keys.end() && used->overlap != 0 && std::any_of(used, principal.keys.end(), endless)) {
        overlaps_due_.insert_or_assign(id, FirstUse{used->generation, used->overlap});
    } else {
        overlaps_due_.erase(id);
    }
}

void Gateway::begin_overlaps(std::time_t now) {
    std::vector<keyring::Registry::Overlap> begun;
    for (auto due = overlaps_due_.begin(); due != overlaps_due_.end() && begun.size() < overlaps_at_once; ++due) {
        const FirstUse& use = due->second;
        begun.push_back({.id = due->first, .generation = use.generation, .ends = now + use.overlap});
    }
    const auto written = parts_.registry.begin_overlaps(begun);
    if (!written) {
        if (++overlap_failures_ == failures_to_report) {
            parts_.log.note(
                observe::Level::error,
                "a new key is in use, but the end of the old one is not in the registry: " + written.error().text());
        }
        return;
    }
    overlap_failures_ = 0;
    for (const keyring::Registry::Overlap& each : begun) {
        parts_.keyring.end_older(each.id, each.generation, each.ends);
        overlaps_due_.erase(each.id);
        parts_.log.note(observe::Level::notice, each.id + ": the older keys end, as generation " +
                                                    std::to_string(each.generation) + " is in use");
    }
}

}  // namespace reseal::gateway
