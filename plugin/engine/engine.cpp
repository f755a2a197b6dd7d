// SPDX-License-Identifier: Apache-2.0
#include "engine/engine.h"

#include <algorithm>
#include <limits>
#include <mutex>
#include <utility>

#include "engine/admission.h"
#include "engine/downlink.h"
#include "engine/registry_follower.h"
#include "engine/shared.h"
#include "engine/uplink.h"
#include "state/state_folder.h"

namespace reseal::engine {

struct Inside {
    explicit Inside(Parts& parts) : shared(parts), registry(shared, std::move(parts.registry)) {}

    Shared shared;
    // Whoever holds it may change what is in force, or reads it without being a worker.
    std::mutex control;
    RegistryFollower registry;
};

Engine::Engine(Parts parts) : inside_(std::make_unique<Inside>(parts)) {}
Engine::~Engine() = default;

Checked<std::unique_ptr<Engine>> Engine::start(Parts parts) {
    std::unique_ptr<Engine> out(new Engine(std::move(parts)));
    const auto loaded = out->inside_->registry.load();
    return loaded ? Checked<std::unique_ptr<Engine>>(std::move(out)) : loaded.error();
}

Engine::Refreshed Engine::refresh(std::time_t now, std::time_t doubt) {
    const std::lock_guard control(inside_->control);
    return inside_->registry.refresh(now, doubt);
}

void Engine::reconfigure(policy::Policy policy, Settings settings) {
    const std::lock_guard control(inside_->control);
    Shared& shared = inside_->shared;
    {
        const Workers::Closed closed(shared.workers);
        shared.site.reconfigure(std::move(policy), std::move(settings));
    }
    shared.table.each([&](Session& session) {
        if (const keyring::Principal* principal = shared.site.keyring.find(session.principal)) {
            shared.site.take_rights(session, *principal);
            session.reported.clear();
        }
    });
}

void Engine::settle() {
    if (std::atomic<bool>& unsettled = inside_->shared.unsettled; unsettled) {
        unsettled = false;
        inside_->shared.ledger.access()->replay.settle();
    }
}

Checked<Done> Engine::finish() {
    const std::lock_guard control(inside_->control);
    const LedgerAccess ledger = inside_->shared.ledger.access();
    const auto raising = inside_->shared.senders.raising();
    return state::end(ledger->replay, inside_->shared.senders.epochs(), inside_->registry.registry());
}

bool Engine::revoked(std::string_view principal) const {
    const std::lock_guard control(inside_->control);
    const keyring::Principal* known = inside_->shared.site.keyring.find(principal);
    return known != nullptr && known->revoked;
}

std::size_t Engine::principals() const {
    const std::lock_guard control(inside_->control);
    return inside_->shared.site.keyring.size();
}

bool Engine::takes_tokens() const {
    return static_cast<bool>(inside_->shared.site.token_check);
}

Checked<std::time_t> Engine::newest_list(std::string_view issuer) const {
    const auto newest = inside_->shared.ledger.access()->replay.newest_list(issuer);
    return newest ? Checked<std::time_t>(*newest) : newest.error();
}

void Engine::note_list(std::string_view issuer, std::time_t issued) {
    constexpr std::time_t last = std::numeric_limits<std::uint32_t>::max();
    inside_->shared.ledger.access()->replay.note_list(
        issuer, static_cast<std::uint32_t>(std::clamp<std::time_t>(issued, 0, last)));
}

// A worker's rooms.
struct Worker::Rooms {
    explicit Rooms(Shared& shared)
        : desk(shared),
          acceptance(desk),
          uplink(desk, acceptance),
          downlink(desk, acceptance, uplink),
          admission(desk, acceptance) {}

    Desk desk;
    Acceptance acceptance;
    Uplink uplink;
    Downlink downlink;
    Admission admission;
};

namespace {

template <class Answer>
Answer no_session() {
    Answer out;
    out.refusal = Refusal::no_session;
    return out;
}

}  // namespace

Worker::Worker(Engine& engine) : rooms_(std::make_unique<Rooms>(engine.inside_->shared)) {}
Worker::~Worker() = default;

Connected Worker::connect(const Peer& peer, std::time_t now) {
    const auto inside = rooms_->desk.enter();
    rooms_->desk.shared.site.now = now;
    return rooms_->admission.connect(peer, now);
}

bool Worker::psk(std::string_view identity, std::span<char> hex) {
    const auto inside = rooms_->desk.enter();
    return tls_psk(rooms_->desk.shared.site, identity, hex);
}

bool Worker::reauthenticate(SessionId session, std::string_view token, std::time_t now, budget::Time moment) {
    const auto inside = rooms_->desk.enter();
    return rooms_->admission.reauthenticate(session, token, now, moment);
}

SessionId Worker::resume(std::string_view principal, std::string_view client_id) {
    const auto inside = rooms_->desk.enter();
    return rooms_->admission.resume(principal, client_id);
}

bool Worker::same_client(SessionId session, const Peer& peer) {
    const auto inside = rooms_->desk.enter();
    return rooms_->admission.same_client(session, peer);
}

void Worker::disconnected(SessionId session) {
    const auto inside = rooms_->desk.enter();
    rooms_->admission.disconnected(session);
}

void Worker::end(SessionId session) {
    const auto inside = rooms_->desk.enter();
    rooms_->admission.end(session);
}

bool Worker::subscribe(SessionId session, std::string_view filter, std::uint8_t qos, std::size_t held) {
    const auto inside = rooms_->desk.enter();
    const SessionTable::Use use = rooms_->desk.use(session);
    return use && rooms_->admission.subscribe(*use, filter, qos, held);
}

void Worker::unsubscribe(SessionId session, std::string_view filter) {
    const auto inside = rooms_->desk.enter();
    if (const SessionTable::Use use = rooms_->desk.use(session)) {
        rooms_->admission.unsubscribe(*use, filter);
    }
}

bool Worker::admit(SessionId session, const Message& message, budget::Time moment) {
    const auto inside = rooms_->desk.enter();
    const SessionTable::Use use = rooms_->desk.use(session);
    return use && rooms_->uplink.admit(*use, message, moment) == Refusal::none;
}

Published Worker::publish(SessionId session, const Message& message) {
    const auto inside = rooms_->desk.enter();
    const SessionTable::Use use = rooms_->desk.use(session);
    if (!use) {
        return no_session<Published>();
    }
    return rooms_->uplink.publish(*use, message);
}

Published Worker::publish_will(SessionId session, const Message& message) {
    const auto inside = rooms_->desk.enter();
    const SessionTable::Use use = rooms_->desk.use(session);
    if (!use) {
        return no_session<Published>();
    }
    return rooms_->uplink.publish_will(*use, message);
}

Published Worker::publish_bridged(std::string_view bridge, const Message& message) {
    const auto inside = rooms_->desk.enter();
    return rooms_->uplink.publish_bridged(bridge, message);
}

Published Worker::publish_own(std::string_view topic, Payload payload) {
    const auto inside = rooms_->desk.enter();
    return rooms_->uplink.publish_own(topic, payload);
}

Delivered Worker::deliver(SessionId session, const Stored& stored, Sealing when) {
    const auto inside = rooms_->desk.enter();
    const SessionTable::Use use = rooms_->desk.use(session);
    if (!use) {
        return no_session<Delivered>();
    }
    return rooms_->downlink.deliver(*use, stored, when);
}

Refusal Worker::may_deliver(SessionId session, const Stored& stored) {
    const auto inside = rooms_->desk.enter();
    const SessionTable::Use use = rooms_->desk.use(session);
    return use ? rooms_->downlink.may_deliver(*use, stored) : Refusal::no_session;
}

void Worker::complete() {
    (void)rooms_->desk.message.complete();
}

void Worker::expect(SessionId soon, SessionId sooner) const {
    rooms_->desk.shared.table.fetch(soon);
    rooms_->desk.shared.table.fetch_sender(sooner);
}

std::vector<OwnMessage> Worker::acknowledgements() {
    const auto inside = rooms_->desk.enter();
    return rooms_->downlink.acknowledgements();
}

std::vector<OwnMessage> Worker::rekeys() {
    const auto inside = rooms_->desk.enter();
    return rooms_->downlink.rekeys();
}

bool Worker::may_stay_in_flight(SessionId session, const Message& message) {
    const auto inside = rooms_->desk.enter();
    const SessionTable::Use use = rooms_->desk.use(session);
    return use && rooms_->uplink.may_stay_in_flight(*use, message);
}

bool Worker::may_stay_retained(std::string_view source, const Message& message) {
    const auto inside = rooms_->desk.enter();
    return rooms_->uplink.may_stay_retained(source, message);
}

bool Worker::sealed_here(Payload payload) {
    const auto inside = rooms_->desk.enter();
    return rooms_->uplink.sealed_here(payload);
}

bool Worker::recover(const Message& message, bool whole) {
    const auto inside = rooms_->desk.enter();
    return rooms_->uplink.recover(message, whole);
}

void Worker::idle() {
    const auto inside = rooms_->desk.enter();
    rooms_->downlink.idle();
}

}  // namespace reseal::engine
