// Runs the steps of connect, publish and deliver in order. Knows no broker, opens no file, reads no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <reseal/connect.h>
#include <reseal/psk.h>

#include "base/file_watch.h"
#include "base/key_id.h"
#include "base/name_hash.h"
#include "base/refusal.h"
#include "base/unix_time.h"
#include "budget/limits.h"
#include "gateway/accept_once.h"
#include "gateway/departed.h"
#include "gateway/opener.h"
#include "gateway/recipients.h"
#include "gateway/seal_queue.h"
#include "gateway/sender.h"
#include "gateway/session.h"
#include "gateway/spending.h"
#include "gateway/topic_under_way.h"
#include "keyring/keyring.h"
#include "keyring/registry.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "policy/policy.h"
#include "state/epoch_store.h"
#include "state/replay_store.h"
#include "token/token.h"

namespace reseal::gateway {

using Payload = std::span<const std::uint8_t>;

// What a PUBLISH carries besides topic and payload.
struct Flags {
    std::uint8_t qos = 0;
    bool retain = false;
};

// Whether the certificate with this PeerCertificate::serial is revoked by now. Refusal::none if it is not.
using CertificateStatus = std::function<Refusal(std::string_view serial, std::time_t now)>;

// Judges the token shown by the holder of this certificate. Empty: tokens are ignored.
using TokenCheck = std::function<token::Verdict(std::string_view token, const token::Bearer& bearer, std::time_t now)>;

// Where a client without a certificate connected.
enum class Listener : std::uint8_t {
    other,            // one that the configuration does not name: no sealed CONNECT
    loopback,         // named under loopback_listeners
    loopback_unsure,  // the same, but the client's origin is uncertain: no payload in clear
    sealed,           // named under sealed_listeners: no payload in clear
    psk,     // named under psk_listeners: TLS, under some principal's key. It is uncertain whose: no payload in clear
    unsure,  // named or other: the broker does not tell
};

// One connection attempt.
struct Peer {
    std::string_view client_id;
    std::string_view username;
    std::string_view password;
    std::string_view address;  // for log and audit trail
    std::optional<PeerCertificate> certificate;
    std::optional<std::string_view> token;  // what it shows beside its certificate; `password` is then its proof
    // Both are meaningless with a certificate. Nothing: look_for_listener() tells, which is costly. It is called only
    // when the proof is right.
    std::optional<Listener> listener = Listener::other;
    std::function<Listener()> look_for_listener;
    budget::Time moment = 0;  // time of the attempt; see budgets
    // Set for a client that is already connected and about which the broker asks again, for example when its
    // configuration is reloaded. The password is then an old one. The proof or token now in force stays in force.
    const Session* session = nullptr;
};

struct Settings {
    std::uint32_t max_payload = 65535;  // bytes of plaintext
    std::vector<std::string> unsealed_topics;
    std::string alerts_topic;                 // no client publishes there, whatever its rights; empty: none
    std::vector<std::string> bridged_realms;  // realms whose messages publish_bridged() brings
    budget::Limits budgets;
};

// What the plugin itself sends to one client, sealed for it: a new key, or an acknowledgement.
struct OwnMessage {
    std::string client_id;
    std::string topic;
    std::uint8_t qos = 0;
    reseal_buffer payload{};  // made with Memory::allocate; owned by the caller
};

struct Published {
    Refusal refusal = Refusal::none;
    // Store this instead of the payload: a message that came in clear, sealed under the storage key. Made with
    // Memory::allocate and owned by the caller. Null if the payload is stored as it came.
    reseal_buffer replacement{};
    const policy::Rule* rule = nullptr;  // the rule that refused it; null if none did. Borrowed from the policy
    bool empty_plaintext = false;  // a sealed message with an empty plaintext: with the retain flag it clears the topic
    // Store it without the retain flag. Either a newer message is retained under its topic, or, for QoS 2, a live
    // connection has brought it too, and each copy would be retained when it is released.
    bool copy = false;
    // Nothing protected its flags and properties in transit. Store it without the properties, and without the retain
    // flag unless acl.yaml grants that (see Gateway::trusted).
    bool bare = false;
};

// Why a delivery is asked for.
enum class Occasion : std::uint8_t {
    fan_out,   // first delivery of a message: it must have been accepted
    retained,  // the broker kept it as retained
    stored,    // the broker queued it at an earlier fan-out
};

struct Delivered {
    enum class Form : std::uint8_t { refused, as_it_is, sealed, clear };
    Form form = Form::refused;
    Refusal refusal = Refusal::none;
    reseal_buffer payload{};  // sealed and clear: made with Memory::allocate; owned by the caller
};

// When a delivery is sealed.
enum class Sealing : std::uint8_t {
    at_once,
    together,  // with others, by complete_seals(). Until then it has its size, but nobody may read it
    foreseen,  // at once, together with the deliveries that will most likely follow
};

// The broker's allocator, for payloads that it takes over.
struct Memory {
    void* (*allocate)(std::size_t size);
    void (*release)(void* memory);
};

struct Parts {
    const reseal_crypto* crypto;
    reseal_random random;
    Memory memory;
    keyring::Registry registry;
    keyring::Keyring keyring;
    state::ReplayStore replay;
    state::EpochStore epochs;
    std::string realm;  // this broker's own
    policy::Policy policy;
    Settings settings;
    CertificateStatus certificate_status;  // checked again for live sessions; may be empty
    TokenCheck token_check;
    bool token_required = false;  // from every client with a certificate
    bool key_required = false;    // likewise: a proof of its key
    observe::Log log;
    observe::Metrics* metrics;  // must outlive the gateway
};

class Gateway {
  public:
    explicit Gateway(Parts parts);
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;
    ~Gateway() { drop_foreseen(); }

    // Reads the principals from the registry for the first time.
    [[nodiscard]] Checked<Done> load();

    // The key for a TLS connection that a client wants to make as `identity` (protocol.md, "TLS-PSK"). A refused client
    // (the refusal is logged) gets a random key, so that the answer does not reveal which identities exist. `hex`
    // receives the key: 65 bytes or more, with the NUL. False, and no key, if `hex` is smaller or random numbers are
    // unavailable. This proves nothing: see connect().
    [[nodiscard]] bool psk(std::string_view identity, std::span<char> hex) const;

    // Proves who connects. The gateway owns the session until end(). Null if refused (and logged).
    [[nodiscard]] Session* connect(const Peer& peer, std::time_t now);
    // A new token replaces the session's own: its roles and expiry apply from now on. False if it is refused (and
    // logged). Nothing has changed then, and the client should be disconnected.
    [[nodiscard]] bool reauthenticate(Session& session, std::string_view token, std::time_t now);
    // The session of a client that is not connected: it left, or the broker restored it. Null if the principal is
    // unknown or revoked, or the client id is not tied to it. Its channel and token count as those of its last
    // connection. Nothing is delivered before the client connects, and then the broker asks again.
    [[nodiscard]] Session* resume(std::string_view principal, std::string_view client_id);
    void end(Session* session);
    // The connection is gone; the session may resume.
    static void disconnected(Session& session) {
        session.in_flight.reset();
        session.connected = false;
    }

    // Budgets: whether the client may go on. If not, that is logged. `now` is from a clock that nobody sets.
    //
    // A new token: call it before reauthenticate().
    [[nodiscard]] bool admit_reauthentication(const Session& session, budget::Time now);
    // A PUBLISH with a payload of `bytes` bytes: call it once for each.
    [[nodiscard]] bool admit_publish(const Session& session, std::string_view topic, std::size_t bytes,
                                     budget::Time now);
    // A filter, from a client that already holds this many others: call it before subscribe().
    [[nodiscard]] bool admit_subscription(const Session& session, std::string_view filter, std::size_t held) const;

    // A message arrives: checks rights, then protocol.md, "Receiving". Refusals are logged. A QoS 2 message counts as
    // accepted when its fan-out begins: until then the broker may forget it, and it may come again.
    [[nodiscard]] Published publish(Session& session, std::string_view topic, Payload payload, Flags flags);
    // Whether a QoS 2 message that the broker kept for a session, unreleased, may still be delivered.
    [[nodiscard]] bool may_stay_in_flight(const Session& session, std::string_view topic, Payload payload);
    // Whether this broker has sealed it, under its storage key.
    [[nodiscard]] bool sealed_here(Payload payload) const;
    // The will of a client that left. Works as publish(), but the will may be older than the replay window (see
    // WillSlot).
    [[nodiscard]] Published publish_will(Session& session, std::string_view topic, Payload payload, Flags flags);
    // Whether a retained message may still be delivered: whoever sealed it, or else whoever brought it, still has the
    // right. `source`: the principal that published it; empty if a bridge of this broker did.
    [[nodiscard]] bool may_stay_retained(std::string_view source, std::string_view topic, Payload payload) const;

    // A message that another broker forwards over one of this broker's own bridges. mosquitto.conf vouches for the
    // bridge, the seal for the message.
    [[nodiscard]] Published publish_bridged(std::string_view bridge, std::string_view topic, Payload payload,
                                            Flags flags);

    // A message from the broker itself under `topic`: sealed under the storage key, for deliver() to seal for each
    // subscriber.
    [[nodiscard]] Published publish_own(std::string_view topic, Payload payload) {
        return seal_for_storage(topic, payload);
    }

    // `qos`: the highest that the subscription requests, 0 to 2.
    [[nodiscard]] bool subscribe(Session& session, std::string_view filter, std::uint8_t qos);
    static void unsubscribe(Session& session, std::string_view filter);

    // The new keys to send now, to clients that subscribed to their key topic: once for each subscription, until the
    // key is used. Cheap if there are none. Call it after refresh().
    [[nodiscard]] std::vector<OwnMessage> rekeys();
    // What was accepted since the last call, for each client that subscribed to its acknowledgement topic. It is
    // certain, as after settle(). Cheap if there is nothing. Call it about every 200 ms.
    [[nodiscard]] std::vector<OwnMessage> acknowledgements();

    // A message for one subscriber. `payload` must stay at its address for all deliveries of one fan-out. Refusals are
    // logged once for each session and topic, except Refusal::replay, which was logged when the copy came.
    [[nodiscard]] Delivered deliver(Session& session, std::string_view topic, Payload payload, Occasion occasion,
                                    Sealing when = Sealing::at_once);
    // A message that an earlier process had accepted but not delivered when it died. It is accepted now, if it was not
    // certain then. Deliver it as Occasion::stored. Its sender's right was checked on arrival. `whole`: it reached
    // every recipient. If not, it was not acknowledged and may come once more.
    [[nodiscard]] bool recover(std::string_view topic, Payload payload, bool whole, bool retain);
    // All messages accepted so far are delivered: a crash of the broker no longer undoes that. Cheap if there are none.
    void settle() { accept_once_.settle(); }
    // An orderly shutdown: accepted messages become certain, and the registry records how far the state folder has
    // come. Call only the destructor afterwards. Fault: the next start has more to check.
    [[nodiscard]] Checked<Done> finish();
    // Seals what is waiting to be sealed together. Cheap if there is nothing.
    void complete_seals();
    // Whether deliver() would deliver it now, for a broker that asks before it queues. The message is opened and kept
    // open for a deliver() that follows. Nothing is sealed.
    [[nodiscard]] Refusal may_deliver(Session& session, std::string_view topic, Payload payload, Occasion occasion);

    // Takes over the changes in the registry. Answers the client ids of sessions to drop: principal or certificate
    // revoked, certificate or token expired. Cheap if nothing changed. Call it at least once a second: `now` is also
    // the time by which grants expire. Before the first call, and before connect(), grants with an expiry count as
    // expired. Keys end `doubt` seconds later: `now` may be wrong by that much, and a wiped key is lost for good.
    [[nodiscard]] std::vector<std::string> refresh(std::time_t now, std::time_t doubt = 0);
    // Whether the last refresh() left changes for the next one, which should follow soon.
    [[nodiscard]] bool more_changes() const { return more_changes_; }

    // Whether `principal` is known and revoked.
    [[nodiscard]] bool revoked(std::string_view principal) const;
    // Whether a change since the last call revoked a principal.
    [[nodiscard]] bool revoked_since_asked() { return std::exchange(revoked_seen_, false); }

    // For identity::ListDates, which the state folder keeps. Fault: it is damaged.
    [[nodiscard]] Checked<std::time_t> newest_list(std::string_view issuer) const;
    void note_list(std::string_view issuer, std::time_t issued);

    // Applies another ACL, or other settings, from now on, to live sessions too.
    void reconfigure(policy::Policy policy, Settings settings);

    [[nodiscard]] bool takes_tokens() const { return static_cast<bool>(parts_.token_check); }

    [[nodiscard]] std::size_t principals() const { return parts_.keyring.size(); }

  private:
    [[nodiscard]] Refusal derive_psk(std::string_view identity, reseal_psk& out) const;
    [[nodiscard]] Refusal check_certificate(const Peer& peer, std::time_t now,
                                            const keyring::Principal*& principal) const;
    // What a connecting client has proven.
    struct Proven {
        const keyring::Principal* principal = nullptr;  // also for a refused client, if it is known
        WillSlot will;
        std::optional<reseal_listener> proof;  // the kind of listener that the proof was for
        std::optional<token::Grant> token;
    };
    [[nodiscard]] Refusal check_proof(const Peer& peer, Proven& proven);
    [[nodiscard]] Refusal check_key(const Peer& peer, Proven& proven);
    [[nodiscard]] Refusal check_fresh_proof(const Peer& peer, std::string_view principal, Proven& proven);
    // Which kind of listener the proof is for. Changes nothing.
    [[nodiscard]] Refusal find_kind(const Peer& peer, std::string_view principal, Payload proof,
                                    reseal_listener& found);
    [[nodiscard]] Refusal look_at_proof(std::string_view principal, Uplink& uplink);
    [[nodiscard]] Refusal prove(const Peer& peer, std::time_t now, Proven& proven);
    [[nodiscard]] Refusal prove_within_budget(const Peer& peer, std::time_t now, Proven& proven);
    [[nodiscard]] Refusal admit_connect(const keyring::Principal& principal, std::string_view client_id);
    [[nodiscard]] std::size_t others_connected(std::string_view principal, std::string_view client_id) const;
    [[nodiscard]] bool admit_retained(const Session& session, std::string_view topic);
    void sweep_budgets();
    [[nodiscard]] Refusal check_token(const Peer& peer, std::time_t now, Proven& proven) const;
    [[nodiscard]] Session* start(const keyring::Principal& principal, std::string_view client_id);
    void take_rights(Session& session, const keyring::Principal& principal) const;

    void forget_keys(std::string_view principal);
    void name_realms();
    void find_realm(Uplink& uplink, std::span<const std::string_view> realms);
    void place(Uplink& uplink);
    [[nodiscard]] policy::Request request(const Uplink& uplink, Flags flags) const;
    [[nodiscard]] Published publish_checked(const Session& session, std::string_view topic, Payload payload,
                                            Flags flags, AcceptOnce::When when);
    [[nodiscard]] bool retain_is_trusted(Session& session, std::string_view topic);
    [[nodiscard]] bool open_old_will(Session& session, std::string_view topic, Payload payload);
    [[nodiscard]] bool brought_already(const Session& session, const reseal_envelope& envelope) const;
    // `session`: the publisher's; null for a bridge.
    void note_retained(const Session* session, std::string_view topic, Payload payload, Flags flags,
                       Published& published);
    // Whether the message is the one retained under `topic`, as far as is known here.
    [[nodiscard]] bool is_retained(const Uplink& uplink);
    void note_in_flight(Session& session, std::string_view topic, Payload payload, Published& published) const;
    void report(const Session& session, std::string_view action, std::string_view topic, Refusal reason,
                const policy::Rule* rule = nullptr) const;
    [[nodiscard]] std::string place_of(const policy::Rule* rule) const;
    // The right of a principal that is not connected, but sealed or brought the message.
    [[nodiscard]] policy::Decision publish_right(std::string_view principal, std::string_view topic,
                                                 const policy::Request& request) const;
    [[nodiscard]] Published publish_sealed(std::string_view principal, Uplink& uplink, AcceptOnce::When when);
    [[nodiscard]] Published publish_forwarded(Uplink& uplink, std::span<const std::string_view> realms, Flags flags,
                                              AcceptOnce::When when);
    [[nodiscard]] policy::Decision right_of_sealer(const Uplink& uplink, Flags flags) const;
    // Steps 1 to 5 of protocol.md, "Receiving". `principal`: whose key it must be; anybody's if empty. `proof_of`: the
    // slot of the session that a sealed CONNECT begins; null for any other message.
    [[nodiscard]] Refusal accept(std::string_view principal, Uplink& uplink, AcceptOnce::When when,
                                 WillSlot* proof_of = nullptr);
    [[nodiscard]] Refusal open_once(const Uplink& uplink, AcceptOnce::When when);
    // Whether this broker sealed it, under its storage key. Such a message never comes in again.
    [[nodiscard]] bool is_own(const Uplink& uplink) const;
    [[nodiscard]] bool remember_own(const keyring::Key& key);
    void note_use(const keyring::KeyHolder& holder, bool before, AcceptOnce::When when);
    // Whether the key's holder has used it.
    [[nodiscard]] bool has_shown(const keyring::Key& key) const {
        return shown_.contains(key.id) || parts_.replay.highest(key.id).has_value();
    }
    void note_arrival(const Uplink& uplink, const std::optional<state::Accepted>& before, AcceptOnce::When when);
    void tell_sessions(const Uplink& uplink, const std::optional<state::Accepted>& before);
    [[nodiscard]] Refusal begin_fan_out(const TopicUnderWay::Asked& asked, std::string_view topic, Payload payload);
    [[nodiscard]] Refusal release(Uplink& uplink);
    [[nodiscard]] Refusal look_at(const TopicUnderWay::Asked& asked, std::string_view topic, Payload payload,
                                  Occasion occasion);
    [[nodiscard]] Refusal sound_key(const reseal_envelope& envelope, keyring::KeyHolder& holder) const;
    [[nodiscard]] Refusal key_of(std::string_view principal, const reseal_envelope& envelope,
                                 keyring::KeyHolder& holder) const;
    [[nodiscard]] Published seal_for_storage(std::string_view topic, Payload payload);
    // Seals into new memory. `out` is null unless Refusal::none.
    [[nodiscard]] Refusal seal(Sender& sender, std::string_view topic, Payload plaintext, reseal_buffer& out,
                               Sealing when = Sealing::at_once);
    [[nodiscard]] reseal_status seal_into(reseal_buffer& out, Sender& sender, std::string_view topic, Payload plaintext,
                                          Sealing when);
    [[nodiscard]] Refusal reopen(const Uplink& uplink);

    // A stored message for one subscriber, opened but not yet sealed.
    struct Examined {
        Delivered::Form form = Delivered::Form::refused;
        Refusal refusal = Refusal::none;  // none unless `form` is refused
        Payload plaintext{};              // sealed and clear: borrowed from the opener, if `opened`
        bool opened = false;
        const policy::Rule* rule = nullptr;  // the rule that refused it; null if none did
    };
    [[nodiscard]] Examined examine(const Session& session, std::string_view topic, Payload payload, Occasion occasion);
    [[nodiscard]] Examined examine_reserved(const Session& session, std::string_view topic, Payload payload);
    [[nodiscard]] Examined examine_forwarded(std::string_view topic, Payload payload);
    [[nodiscard]] Examined examine_sealed(const Session& session, bool clear, Uplink& sealed);
    [[nodiscard]] Examined examine_opened(const Session& session, bool clear) const;
    [[nodiscard]] static Examined examine_plaintext(const Session& session, bool clear, Payload plaintext);
    [[nodiscard]] static Examined examine_queued_clear(const Session& session, bool clear);
    void report_delivery(Session& session, std::string_view topic, Refusal refusal, const policy::Rule* rule) const;
    [[nodiscard]] Delivered copy_clear(Payload plaintext) const;
    [[nodiscard]] Delivered seal_for(Session& session, std::string_view topic, Payload plaintext, Sealing when);
    [[nodiscard]] Refusal seal_foreseen(Session& session, Sender& sender, std::string_view topic, reseal_buffer& out);
    void foresee(std::string_view topic);
    void drop_foreseen();
    void leave_message();
    [[nodiscard]] Sender* downlink(Session& session);

    // The generation that seals for `principal`: the newest that its holder has used. Before it used any: the oldest
    // that is accepted. Null if there is none.
    [[nodiscard]] const keyring::Key* downlink_key(const keyring::Principal& principal) const;
    void first_used(const keyring::KeyHolder& holder);

    [[nodiscard]] std::optional<OwnMessage> rekey_for(Session& session);
    void begin_acks(Session& session, std::uint8_t qos);
    void note_accepted(Session& session, const KeyId& key);
    void tell_again(const Uplink& uplink);
    [[nodiscard]] std::optional<OwnMessage> ack_for(Session& session);
    [[nodiscard]] const keyring::Key* key_over_the_air(const keyring::Principal& principal) const;
    void look_for_overlap(const keyring::Principal& principal);
    void begin_overlaps(std::time_t now);

    using Changed = std::unordered_set<const keyring::Principal*>;
    void take_changes(Changed& changed);
    void tell_changes(const keyring::PrincipalRecord& fresh) const;
    // Whether the registry's file is still the one being read. If not, the new file is checked now and then.
    [[nodiscard]] bool registry_in_place();
    void begin_succession();
    void look_for_successor(Changed& changed);
    [[nodiscard]] Checked<Done> check_successor(const keyring::Keyring& fresh, std::int64_t newest) const;
    void take_over(keyring::Registry registry, keyring::Keyring keyring, Changed& changed);
    void renew_sessions(const keyring::Principal& principal);
    void tell_revoked(std::string_view principal, const keyring::Fingerprint& certificate) const;
    void count_keys() const;
    void look_at_state();
    void end_keys(std::time_t now, Changed& changed);
    void wipe_ended(std::time_t now);
    void registry_failed(const Fault& fault);
    void registry_read();
    [[nodiscard]] Refusal still_valid(const Session& session, std::time_t now) const;
    [[nodiscard]] Refusal still_valid(const PeerCertificate& certificate, std::time_t now) const;
    // The principal of a certificate. `principal` is null if the certificate is refused.
    [[nodiscard]] Refusal principal_of(const PeerCertificate& certificate, const keyring::Principal*& principal) const;

    Parts parts_;
    // This broker's own realm, empty, and those of other brokers whose messages may come. Nothing if there are no
    // others.
    std::vector<std::string> realm_names_;
    std::vector<std::string_view> realms_;
    TopicUnderWay asked_{parts_.settings.unsealed_topics};
    Opener opener_;
    AcceptOnce accept_once_;
    std::unordered_set<KeyId, KeyIdHash> shown_;  // keys whose first messages still wait
    Senders senders_;
    SealQueue seals_;  // of senders above, and of the opener's plaintext
    std::size_t lost_seals_ = 0;
    // What was sealed for others when a delivery of the opener's current message was asked for.
    struct Foresight {
        Recipients recipients;
        std::vector<Session*> sealed_for;
        std::uint64_t message = 0;  // its number
        bool fresh = false;         // it has just arrived; no delivery was asked for yet
    } foresight_;
    std::shared_ptr<Sender> storage_sender_;
    reseal_epoch own_epoch_{};  // of the storage sender's latest message; number 0: nothing yet
    UnixTime now_ = std::numeric_limits<UnixTime>::max();
    std::int64_t registry_seen_ = 0;
    int registry_failures_ = 0;  // in a row
    struct Succession {
        bool due = false;          // the registry's path names another file, or an older state
        bool rolled_back = false;  // the latter
        bool now = false;          // with this refresh
        FileWatch watch;           // of the path, while it is due
        int wait = 0;              // refreshes until the next try; 0: until the file changes
        int failures = 0;          // of tries
    } succession_;
    int wipe_failures_ = 0;  // in a row
    bool more_changes_ = false;
    bool revoked_seen_ = false;
    std::unordered_set<Session*> rekeys_due_;  // may need a new key
    std::unordered_set<Session*> acks_due_;    // have accepted messages not yet acknowledged
    // Generations in use that came over the air, by principal, until the registry knows when the older ones end.
    struct FirstUse {
        std::uint32_t generation = 0;
        std::int64_t overlap = 0;  // seconds
    };
    std::unordered_map<std::string, FirstUse> overlaps_due_;
    int overlap_failures_ = 0;  // in a row
    bool to_wipe_ = false;      // keys have ended that the registry may still hold
    std::unordered_map<const Session*, std::unique_ptr<Session>> sessions_;
    std::unordered_multimap<std::string, Session*, NameHash, std::equal_to<>> by_principal_;
    Departed departed_;
    Spendings spendings_;
    Strangers strangers_;
    budget::Time moment_ = 0;  // of the latest event checked against a budget
    int refreshes_ = 0;
};

// Is `client_id` the principal itself, or "principal/anything"?
[[nodiscard]] bool tied(std::string_view principal, std::string_view client_id);

// Does `peer` have the client id of `session`, and the same certificate or, if neither has one, the principal as user
// name?
[[nodiscard]] bool same_client(const Session& session, const Peer& peer);

// The SHA-256 of a certificate; empty if there is none.
[[nodiscard]] std::span<const std::uint8_t> fingerprint_of(const std::optional<PeerCertificate>& certificate);

}  // namespace reseal::gateway
