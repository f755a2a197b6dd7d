// SPDX-License-Identifier: Apache-2.0
#include "broker/events.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <utility>

#include "base/quote.h"
#include "broker/client_certificate.h"

namespace reseal::broker {

namespace {

constexpr std::chrono::milliseconds refresh_interval{500};
constexpr std::chrono::milliseconds acks_interval{200};
constexpr std::chrono::seconds first_tick_limit{2};
constexpr std::size_t reported_most = 10000;
// Disconnects the client. Its message is not acknowledged, so it sends it again, and nothing is lost.
constexpr int not_now = MOSQ_ERR_CONN_LOST;

template <class Event>
engine::Message message_of(const Event& event) {
    return {.topic = text(event.topic),
            .payload = {static_cast<const std::uint8_t*>(event.payload), event.payloadlen},
            .qos = event.qos,
            .retain = event.retain};
}

// The password, or the data of MQTT 5's authentication. Beside a certificate it is a proof of the key (which has no
// dot), a token (which has dots), or both with a blank between them.
void show(std::string_view shown, engine::Peer& peer) {
    if (!peer.certificate) {
        peer.password = shown;
        return;
    }
    const std::size_t blank = std::min(shown.find(' '), shown.size());
    for (const std::string_view part : {shown.substr(0, blank), shown.substr(std::min(blank + 1, shown.size()))}) {
        if (part.find('.') != std::string_view::npos) {
            peer.token = part;
        } else if (!part.empty()) {
            peer.password = part;
        }
    }
}

// With check_retain_source the broker asks WRITE again for a retained message. The client is made up: it has an id and
// a user name, but no protocol version.
bool is_retained_source(const mosquitto* client) {
    return mosquitto_client_protocol_version(client) == 0;
}

// Goes on while the machine sleeps, and cannot be set.
ClockWatch::Milliseconds since_boot() {
    timespec now{};
    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return std::chrono::duration_cast<ClockWatch::Milliseconds>(std::chrono::seconds(now.tv_sec) +
                                                                std::chrono::nanoseconds(now.tv_nsec));
}

budget::Time moment() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count();
}

std::string sentence_of(std::chrono::seconds clock_set_by) {
    const bool forward = clock_set_by.count() > 0;
    return std::string("the machine's clock was set ") + (forward ? "forward" : "back") + " by " +
           std::to_string(std::abs(clock_set_by.count())) + " s: " +
           (forward ? "what has expired by now is refused; keys whose overlap is running are kept for another hour"
                    : "what had expired in between counts again");
}

}  // namespace

// Called in the middle of a handshake. Nobody has proven the identity yet.
int Events::psk_key(const mosquitto_evt_psk_key& event) {
    if (!listeners_.any_psk()) {
        return MOSQ_ERR_PLUGIN_DEFER;
    }
    const auto room = static_cast<std::size_t>(std::max(event.max_key_len, 0)) + 1;  // with the NUL
    return worker_->psk(text(event.identity), {event.key, room}) ? MOSQ_ERR_SUCCESS : MOSQ_ERR_AUTH;
}

// On a reload the broker asks again about all sessions, even if the client is away. It gives the password that it
// remembers: a proof that was already used. Before the next tick clients connect only over WebSockets, on Mosquitto
// 2.0. The handle of a client that is away no longer counts as WebSockets, and a new client has no subscriptions yet.
// To refuse the session of a client that is away would put it into 2.0's list of expiring sessions twice, and its
// memory would be used after it is freed.
int Events::basic_auth(const mosquitto_evt_basic_auth& event) {
    // Without ticks nothing would tell that the reload is over.
    const bool away = reloading_ && ticked_ && clients_.connected(event.client) == nullptr;
    if (away && (mosquitto_client_protocol(event.client) == mp_mqtt || mosquitto_client_sub_count(event.client) > 0)) {
        return MOSQ_ERR_SUCCESS;
    }
    engine::Peer peer = peer_of(event.client);
    peer.username = text(event.username);
    show(text(event.password), peer);
    return let_in(event.client, peer);
}

// With CONNECT it replaces BASIC_AUTH, which the broker then does not ask. It may also come later, without saying so.
int Events::authenticate(const mosquitto_evt_extended_auth& event) {
    const std::string_view method = text(event.auth_method);
    if (method != proof_method && (method != token_method || !engine_->takes_tokens())) {
        return MOSQ_ERR_NOT_SUPPORTED;
    }
    engine::Peer peer = peer_of(event.client);
    show(event.data_in == nullptr ? std::string_view()
                                  : std::string_view(static_cast<const char*>(event.data_in), event.data_in_len),
         peer);
    if (method == token_method && !peer.token) {
        peer.token = std::string_view();  // it promised one
    }
    const Client* client = clients_.connected(event.client);
    if (client == nullptr || !worker_->same_client(client->session, peer)) {
        return let_in(event.client, peer);
    }
    delivery_->fanout_over();
    const std::string_view token = peer.token.value_or(std::string_view());
    return worker_->reauthenticate(client->session, token, std::time(nullptr), moment()) ? MOSQ_ERR_SUCCESS
                                                                                         : MOSQ_ERR_AUTH;
}

// On 2.0 and 2.1 an empty AUTH gets here, even from a connected client. The broker then takes the client for one that
// has not connected yet. Success would connect it twice. A refusal would free its client id, under which it is still
// registered. So the client is kept waiting until it is dropped.
int Events::continue_authentication(const mosquitto_evt_extended_auth& event) {
    unwanted_.emplace_back(text(mosquitto_client_id(event.client)));
    return MOSQ_ERR_AUTH_CONTINUE;
}

engine::Peer Events::peer_of(const mosquitto* client) {
    engine::Peer out{.client_id = text(mosquitto_client_id(client)),
                     .address = text(mosquitto_client_address(client)),
                     .certificate = certificate_of(client, *verifier_, std::time(nullptr)),
                     .moment = moment()};
    if (const Client* known = reloading_ ? clients_.connected(client) : nullptr) {
        out.session = known->session;
    }
    if (!out.certificate) {
        out.listener = listeners_.of(client);
        out.look_for_listener = [this, client] { return listeners_.by_connections(client); };
    }
    return out;
}

int Events::let_in(mosquitto* client, const engine::Peer& peer) {
    delivery_->fanout_over();
    if (lacks_ticks()) {
        log_->note(observe::Level::error,
                   "every client is refused: the broker sends no regular tick, so revocations would go unnoticed; "
                   "write per_listener_settings false in mosquitto.conf");
        return MOSQ_ERR_AUTH;
    }
    const engine::Connected connected = worker_->connect(peer, std::time(nullptr));
    if (!connected) {
        if (!peer.certificate) {
            report_exposed_listeners();
        }
        return MOSQ_ERR_AUTH;
    }
    if (mosquitto_set_username(client, connected.principal.c_str()) != MOSQ_ERR_SUCCESS) {
        worker_->end(connected.session);
        return MOSQ_ERR_AUTH;
    }
    Client& added = clients_.add(client, connected.session);
    reported_.erase("deliver " + added.id);
    const bool again = static_cast<bool>(peer.session);  // nothing of it has ended
    if (!again && delivery_->queues_uplink()) {
        stored_.comes_in(client);
    }
    delivery_->began(added, !again && mosquitto_client_clean_session(client));
    return MOSQ_ERR_SUCCESS;
}

int Events::acl_check(const mosquitto_evt_acl_check& event) {
    if (event.access == MOSQ_ACL_READ) {
        return read(event);
    }
    if (event.access == MOSQ_ACL_WRITE && is_retained_source(event.client)) {
        return retained_source(event);
    }
    delivery_->fanout_over();
    stored_.something_else();
    switch (event.access) {
        case MOSQ_ACL_WRITE:
            return write(event);
        case MOSQ_ACL_SUBSCRIBE:
            return subscribe(event);
        case MOSQ_ACL_UNSUBSCRIBE:
            return unsubscribe(event);
        default:
            return MOSQ_ERR_ACL_DENIED;
    }
}

int Events::retained_source(const mosquitto_evt_acl_check& event) const {
    return worker_->may_stay_retained(text(mosquitto_client_username(event.client)), message_of(event))
               ? MOSQ_ERR_SUCCESS
               : MOSQ_ERR_ACL_DENIED;
}

int Events::write(const mosquitto_evt_acl_check& event) {
    pending_ = {};
    const Client* client = clients_.find(event.client);
    if (client == nullptr) {
        report_no_session("publish", event.client, event.topic);
        return MOSQ_ERR_ACL_DENIED;
    }
    engine::Message message = message_of(event);
    if (!client->connected) {
        return write_will(event, worker_->publish_will(client->session, message));
    }
    if (stored_.coming(event.client)) {
        return kept_in_flight(*client, event);
    }
    if (delivery_->closing()) {
        return not_now;
    }
    // When a client comes back, Mosquitto 2.0.21 asks about messages that it has not released, and does not say so. A
    // message that came in clear was sealed here. If it is the client that sends it, MESSAGE follows.
    if (event.qos == 2 && worker_->sealed_here(message.payload)) {
        pending_ = {.client = event.client, .payload = event.payload, .published = {}, .asked = false};
        return MOSQ_ERR_SUCCESS;
    }
    if (event.qos < 2) {
        message.moment = moment();
    }
    engine::Published published = worker_->publish(client->session, message);
    if (is_over_budget(published.refusal)) {
        return event.qos == 0 ? MOSQ_ERR_ACL_DENIED : not_now;
    }
    const bool copy = published.refusal == Refusal::replay && event.qos > 0;
    if (published.refusal != Refusal::none && !copy) {
        return MOSQ_ERR_ACL_DENIED;
    }
    pending_ = {.client = event.client, .payload = event.payload, .published = std::move(published)};
    return MOSQ_ERR_SUCCESS;
}

// Mosquitto 2.1 asks, when a client comes back, for the QoS 2 messages that it has not released.
int Events::kept_in_flight(const Client& client, const mosquitto_evt_acl_check& event) {
    return worker_->may_stay_in_flight(client.session, message_of(event)) ? MOSQ_ERR_SUCCESS : MOSQ_ERR_ACL_DENIED;
}

// MESSAGE is never raised for a will, so its payload cannot be replaced. Instead, the message to store is published.
int Events::write_will(const mosquitto_evt_acl_check& event, engine::Published published) {
    if (published.refusal != Refusal::none) {
        return MOSQ_ERR_ACL_DENIED;
    }
    engine::Bytes& sealed = published.replacement;
    const bool retain = event.retain && !published.copy;
    if (!sealed && !published.bare && retain == event.retain) {
        return MOSQ_ERR_SUCCESS;
    }
    const int taken = sealed ? mosquitto_broker_publish(nullptr, event.topic, static_cast<int>(sealed.size()),
                                                        sealed.data(), event.qos, retain, nullptr)
                             : mosquitto_broker_publish_copy(nullptr, event.topic, static_cast<int>(event.payloadlen),
                                                             event.payload, event.qos, retain, nullptr);
    if (taken == MOSQ_ERR_SUCCESS) {
        (void)sealed.release();
    } else {
        log_->note(observe::Level::error, "a will was lost: the broker did not take it (out of memory?)");
    }
    return MOSQ_ERR_ACL_DENIED;
}

int Events::message(mosquitto_evt_message& event) {
    // WRITE ended the fan-out of the previous message. This message is accepted by now, but not certain before its own
    // fan-out is over.
    if (!is_pending(event)) {
        delivery_->fanout_over();
    }
    stored_.something_else();
    // Not with WRITE, because Mosquitto 2.0.21 also uses that to ask whether a message it holds may stay.
    const Client* client = event.qos == 2 && is_pending(event) ? clients_.connected(event.client) : nullptr;
    if (client != nullptr && !worker_->admit(client->session, message_of(event), moment())) {
        pending_ = {};
        return not_now;
    }
    engine::Published published = this->published(event);
    if (published.refusal == Refusal::replay && event.qos > 0) {
        return copy_of_accepted(event);
    }
    if (published.refusal != Refusal::none) {
        return MOSQ_ERR_ACL_DENIED;
    }
    event.retain = event.retain && !published.copy;
    if (published.replacement) {
        event.payloadlen = static_cast<std::uint32_t>(published.replacement.size());
        event.payload = published.replacement.release();  // the broker frees the old one
    } else if (published.empty_plaintext && event.retain) {
        if (event.qos == 2) {
            return clear_retained(event);
        }
        event.payload = nullptr;  // to the broker, only a message without payload clears a retained one
        event.payloadlen = 0;
    }
    delivery_->arrived(event, !published.bare);
    return MOSQ_ERR_SUCCESS;
}

bool Events::is_pending(const mosquitto_evt_message& event) const {
    return pending_.client == event.client && pending_.payload == event.payload;
}

engine::Published Events::published(const mosquitto_evt_message& event) {
    if (!is_pending(event)) {
        return from_bridge(event);
    }
    Pending pending = std::exchange(pending_, {});
    if (pending.asked) {
        return std::move(pending.published);
    }
    const Client* client = clients_.connected(event.client);
    return worker_->publish(client != nullptr ? client->session : engine::SessionId(), message_of(event));
}

// The broker asks WRITE right before MESSAGE for each of its own clients, but not for a message from one of its
// bridges.
engine::Published Events::from_bridge(const mosquitto_evt_message& event) {
    return worker_->publish_bridged(text(mosquitto_client_id(event.client)), message_of(event));
}

// At QoS 2 the broker would clear the topic when the message is released, and may forget the message before. So the
// topic is cleared now. The message released later was already accepted.
int Events::clear_retained(mosquitto_evt_message& event) {
    event.retain = false;
    if (mosquitto_broker_publish(nullptr, event.topic, 0, nullptr, event.qos, true, nullptr) != MOSQ_ERR_SUCCESS) {
        log_->note(observe::Level::error, "a topic was not cleared: the broker did not take it (out of memory?)");
        return MOSQ_ERR_CONN_LOST;
    }
    return MOSQ_ERR_SUCCESS;
}

// A retransmission, or a replay by the sender itself. It is acknowledged with success, and not fanned out again.
int Events::copy_of_accepted(mosquitto_evt_message& event) {
    if (mosquitto_client_protocol_version(event.client) < mqtt_5) {
        return MOSQ_ERR_ACL_DENIED;  // 3.1.1 cannot refuse a message: the broker acknowledges it
    }
    event.retain = false;
    return MOSQ_ERR_SUCCESS;
}

int Events::subscribe(const mosquitto_evt_acl_check& event) {
    Client* client = clients_.find(event.client);
    if (client == nullptr) {
        report_no_session("subscribe", event.client, event.topic);
        return MOSQ_ERR_ACL_DENIED;
    }
    if (!worker_->subscribe(client->session, text(event.topic), event.qos & 3U,
                            delivery_->filters_besides(*client, event))) {
        return MOSQ_ERR_ACL_DENIED;
    }
    delivery_->subscribed(*client, text(event.topic), event.qos);
    stored_.subscribes(event.client);
    return MOSQ_ERR_SUCCESS;
}

int Events::unsubscribe(const mosquitto_evt_acl_check& event) {
    if (const Client* client = clients_.find(event.client)) {
        worker_->unsubscribe(client->session, text(event.topic));
        delivery_->unsubscribed(*client, text(event.topic));
    }
    return MOSQ_ERR_SUCCESS;
}

int Events::read(const mosquitto_evt_acl_check& event) {
    Client* client = clients_.find(event.client);
    if (client == nullptr) {
        report_no_session("deliver", event.client, event.topic);
        return MOSQ_ERR_ACL_DENIED;
    }
    return delivery_->read(*client, event, stored_.occasion(event));
}

int Events::connected(const ConnectEvent& event) {
    stored_.connected();
    if (clients_.connected(event.client) == nullptr) {
        report_stranger(event.client);
    }
    return MOSQ_ERR_SUCCESS;
}

int Events::message_out(mosquitto_evt_message& event) {
    Client* client = clients_.connected(event.client);
    if (client == nullptr) {
        // A client that ends may be handed its own will. A bridge's other broker gets the stored message.
        return clients_.leaving(event.client) ? MOSQ_ERR_ACL_DENIED : MOSQ_ERR_SUCCESS;
    }
    return delivery_->out(*client, event);
}

int Events::disconnect(const mosquitto_evt_disconnect& event) {
    delivery_->fanout_over();
    stored_.something_else();
    // On 2.0, dropping a client that left by itself would put its session into the list of expiring ones twice.
    std::erase(unwanted_, text(mosquitto_client_id(event.client)));
    // If the client was taken over, its session goes on.
    if (const Client* client = clients_.connected(event.client)) {
        delivery_->left(*client, mosquitto_client_clean_session(event.client));
    }
    clients_.disconnect(event.client);
    return MOSQ_ERR_SUCCESS;
}

// Mosquitto 2.0 ticks in every round of its loop, but with per_listener_settings true it never ticks.
bool Events::lacks_ticks() const {
    return !ticked_ && Clock::now() - started_ > first_tick_limit;
}

int Events::tick(Clock::time_point now) {
    if (!std::exchange(ticked_, true)) {
        report_absent_listeners();
    }
    reloading_ = false;
    delivery_->fanout_over();
    stored_.round_over();
    for (const std::string& client_id : delivery_->tick(now)) {
        log_->happened({.event = audit::Event::disconnected,
                        .client_id = client_id,
                        .detail = "a queued message may no longer be delivered: the client must connect again"});
        drop(client_id);
    }
    for (const std::string& client_id : std::exchange(unwanted_, {})) {
        (void)mosquitto_kick_client_by_clientid(client_id.c_str(), false);
    }
    pending_ = {};
    clients_.sweep();
    if (now >= next_acks_) {
        next_acks_ = now + acks_interval;
        send(worker_->acknowledgements(), "an acknowledgement");
    }
    if (now >= next_refresh_) {
        next_refresh_ = now + refresh_interval;
        refresh();
    }
    return MOSQ_ERR_SUCCESS;
}

void Events::refresh() {
    if (std::exchange(sessions_to_delete_, false)) {
        delete_sessions_of_revoked();
    }
    worker_->idle();
    const engine::Engine::Refreshed refreshed = engine_->refresh(std::time(nullptr), look_at_clock());
    for (const std::string& client_id : refreshed.dropped) {
        drop(client_id);
    }
    sessions_to_delete_ = refreshed.revoked || !refreshed.dropped.empty();
    send(worker_->rekeys(), "a new key");
    if (refreshed.more) {
        next_refresh_ = {};  // with the next tick, after the messages that wait
    }
}

// Seconds by which the wall clock may be ahead of the true time.
std::time_t Events::look_at_clock() {
    using std::chrono::duration_cast;
    const auto wall = std::chrono::system_clock::now().time_since_epoch();
    const auto by = clock_.set_by(duration_cast<ClockWatch::Milliseconds>(wall), since_boot());
    if (by.count() != 0) {
        log_->alert(observe::Alert::clock_set, {}, sentence_of(duration_cast<std::chrono::seconds>(by)));
    }
    return duration_cast<std::chrono::seconds>(clock_.ahead()).count();
}

// Each message goes to one client and is already sealed for it, so it does not pass through the tree of subscriptions.
// A lost one is sent again at the client's next subscription.
void Events::send(std::vector<engine::OwnMessage> messages, std::string_view what) {
    for (engine::OwnMessage& each : messages) {
        if (mosquitto_broker_publish(each.client_id.c_str(), each.topic.c_str(), static_cast<int>(each.payload.size()),
                                     each.payload.data(), each.qos, false, nullptr) == MOSQ_ERR_SUCCESS) {
            (void)each.payload.release();
        } else {
            log_->note(observe::Level::error,
                       std::string(what) + " was not sent: the broker did not take it (out of memory?)");
        }
    }
}

// Called one refresh after the revocation: by then the clients that it dropped are away.
void Events::delete_sessions_of_revoked() {
    const auto unwanted = [this](const mosquitto* client, std::string_view principal) {
        return clients_.connected(client) == nullptr && engine_->revoked(principal);
    };
    for (const std::string& client_id : stored_sessions_.remove(unwanted)) {
        clients_.drop(client_id);
        log_->note(observe::Level::notice, "deleted the stored session of a revoked principal, client " + client_id);
    }
}

void Events::drop(const std::string& client_id) {
    if (clients_.connected(client_id)) {
        (void)mosquitto_kick_client_by_clientid(client_id.c_str(), false);
    }
    clients_.drop(client_id);
}

// Without this line an operator would see refusals for want of a certificate only.
void Events::report_exposed_listeners() {
    for (const std::uint16_t port : listeners_.exposed()) {
        if (reported_.insert("port " + std::to_string(port)).second) {
            log_->note(observe::Level::error, "loopback_listeners: other machines can reach port " +
                                                  std::to_string(port) +
                                                  ", so nobody can log in without a certificate; bind it to 127.0.0.1");
        }
    }
}

void Events::report_absent_listeners() {
    for (const std::string& text : listeners_.absent()) {
        log_->note(observe::Level::warning, text);
    }
}

void Events::report_no_session(std::string_view action, const mosquitto* client, const char* topic) {
    report_unproven(client);
    const std::string_view id = text(mosquitto_client_id(client));
    if (reported_.size() >= reported_most || !reported_.insert(std::string(action) + ' ' + std::string(id)).second) {
        return;
    }
    log_->refused({.action = action,
                   .principal = text(mosquitto_client_username(client)),
                   .client_id = id,
                   .topic = text(topic),
                   .reason = Refusal::no_session});
}

// Mosquitto 2.1 asks plugins for all listeners (global_plugin) before those of one listener (plugin_use).
void Events::report_stranger(const mosquitto* client) {
    if (has_certificate(client)) {
        report_unproven(client);
        return;
    }
    const std::string id(text(mosquitto_client_id(client)));
    unwanted_.push_back(id);
    if (reported_.size() < reported_most && reported_.insert("stranger " + id).second) {
        log_->note(observe::Level::error,
                   "another plugin let in client " + printable(id) +
                       " without asking this one, which drops it; load this plugin with global_plugin, before others");
    }
}

void Events::report_unproven(const mosquitto* client) {
    if (!has_certificate(client)) {
        return;
    }
    unwanted_.emplace_back(text(mosquitto_client_id(client)));
    if (reported_.insert("unproven").second) {
        log_->note(observe::Level::error,
                   "the broker lets clients in by the name in their certificate, without asking this plugin, which "
                   "refuses them; write use_identity_as_username false and use_subject_as_username false in "
                   "mosquitto.conf");
    }
}

}  // namespace reseal::broker
