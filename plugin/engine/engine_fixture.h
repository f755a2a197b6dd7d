// SPDX-License-Identifier: Apache-2.0
// An engine with a real registry and real state in a temporary folder, and its peers.
#pragma once

#include "engine/engine.h"

#include <atomic>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <mutex>
#include <vector>

#include <gtest/gtest.h>
#include <reseal/connect.h>
#include <reseal/posix.h>
#include <reseal/psk.h>
#include <reseal/receiver.h>
#include <sodium.h>

#include "keyring/admin_registry.h"
#include "keyring/seal.h"
#include "state/state_folder.h"

namespace reseal::engine::test {

inline constexpr std::time_t now = 1'800'000'000;
inline constexpr const char* topic = "ward/pico/pulse";
inline constexpr const char* realm = "ward-7";
inline constexpr const char* peer_realm = "wing-b";
inline constexpr const char* alerts_topic = "ward/pico/alerts";

inline Payload payload(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline Payload payload(const std::vector<std::uint8_t>& bytes) {
    return bytes;
}

// A device or an application: its credentials, with an epoch and a window in memory.
class Endpoint {
  public:
    explicit Endpoint(const reseal_credentials& credentials, std::uint32_t epoch = 0) : epoch_(epoch) {
        const reseal_epoch_store epochs = {&epoch_,
                                           [](void* context, std::uint32_t* out) {
                                               *out = *static_cast<std::uint32_t*>(context);
                                               return RESEAL_OK;
                                           },
                                           [](void* context, std::uint32_t value) {
                                               *static_cast<std::uint32_t*>(context) = value;
                                               return RESEAL_OK;
                                           }};
        const reseal_random random = reseal_posix_random();
        EXPECT_EQ(RESEAL_OK,
                  reseal_sender_open(&sender_, &credentials, RESEAL_UPLINK, reseal_crypto_openssl(), &epochs, &random));
        EXPECT_EQ(RESEAL_OK, reseal_receiver_open(&receiver_, &credentials, RESEAL_DOWNLINK, reseal_crypto_openssl(),
                                                  words_.data(), RESEAL_WINDOW_DEFAULT, nullptr));
    }
    ~Endpoint() {
        reseal_sender_close(&sender_);
        reseal_receiver_close(&receiver_);
    }
    Endpoint(const Endpoint&) = delete;
    Endpoint& operator=(const Endpoint&) = delete;

    std::vector<std::uint8_t> seal(std::string_view text, std::string_view under = topic) {
        std::vector<std::uint8_t> out(text.size() + RESEAL_OVERHEAD_MAX);
        reseal_buffer buffer{out.data(), out.size(), 0};
        EXPECT_EQ(RESEAL_OK, reseal_sender_seal(&sender_, {payload(under).data(), under.size()},
                                                {payload(text).data(), text.size()}, &buffer));
        out.resize(buffer.size);
        return out;
    }

    std::string open(Payload message, std::string_view under = topic) {
        std::string out(message.size(), '\0');
        reseal_buffer buffer{reinterpret_cast<std::uint8_t*>(out.data()), out.size(), 0};
        const reseal_status status = reseal_receiver_accept(&receiver_, {payload(under).data(), under.size()},
                                                            {message.data(), message.size()}, &buffer);
        out.resize(buffer.size);
        return status == RESEAL_OK ? out : reseal_status_text(status);
    }

  private:
    std::uint32_t epoch_;
    std::array<std::uint32_t, RESEAL_WINDOW_WORDS(RESEAL_WINDOW_DEFAULT)> words_{};
    reseal_sender sender_{};
    reseal_receiver receiver_{};
};

class EngineTest : public ::testing::Test {
  protected:
    EngineTest() {
        folder_ = ::testing::TempDir() + "reseal-engine-XXXXXX";
        EXPECT_TRUE(mkdtemp(folder_.data()));
        EXPECT_TRUE(keyring::create_master_key(folder_ + "/master.key"));
        EXPECT_TRUE(keyring::AdminRegistry::create(folder_ + "/registry.db"));
        add("pico", "wearable");
        add("nurse", "clinician");
        add("monitor", "monitor");
        add("legacy", "legacy");
        add("screen", "display");
        add("bridge", "bridge");
        add("broker-storage", "", true);
        open();
    }
    ~EngineTest() override {
        close();
        std::filesystem::remove_all(folder_);
    }

    void add(const std::string& id, const std::string& role, bool storage = false) {
        const auto master_key = keyring::read_master_key(folder_ + "/master.key");
        auto registry = keyring::AdminRegistry::open(folder_ + "/registry.db", keyring::writer_patience);
        keyring::PrincipalRecord principal{
            .id = id, .roles = {}, .revoked = false, .storage = storage, .certificates = {}, .keys = {}};
        if (!role.empty()) {
            principal.roles.push_back(role);
        }
        keyring::Key key;
        keyring::MasterSecret secret;
        randombytes_buf(key.id.data(), key.id.size());
        randombytes_buf(secret.expose().data(), secret.expose().size());
        key.secret = keyring::seal(*master_key, id, key.id, key.algorithm, secret);
        principal.keys.push_back(key);
        if (!storage) {
            principal.certificates.push_back({.fingerprint = fingerprint(id), .revoked = false});
        }
        const auto added = registry->add(principal);
        ASSERT_TRUE(added) << added.error().text();
    }

    keyring::AdminRegistry registry() const {
        return std::move(*keyring::AdminRegistry::open(folder_ + "/registry.db", keyring::writer_patience));
    }

    // Gives `id` a new key generation. The previous one is accepted until `ends`.
    void rotate(const std::string& id, std::int64_t ends) {
        const auto master_key = keyring::read_master_key(folder_ + "/master.key");
        const keyring::Key key = keyring::make_key(*master_key, id, RESEAL_AES_CCM_16_128_128, 2);
        ASSERT_TRUE(registry().rotate(id, key, ends, {}));
    }

    // Gives `id` a new key generation that is sent over the air.
    void rotate_over_the_air(const std::string& id, std::int64_t overlap, std::uint32_t generation = 2) {
        const auto master_key = keyring::read_master_key(folder_ + "/master.key");
        keyring::Key key = keyring::make_key(*master_key, id, RESEAL_AES_CCM_16_128_128, generation);
        key.overlap = overlap;
        ASSERT_TRUE(registry().rotate_over_the_air(id, key, {}));
    }

    static keyring::Fingerprint fingerprint(const std::string& id) {
        keyring::Fingerprint out{};
        std::copy(id.begin(), id.end(), out.begin());
        return out;
    }

    static policy::Policy acl() {
        const auto rule = [](const char* pattern, bool clear = false) {
            return policy::Rule{.pattern = pattern, .clear = clear, .origin = {}, .limits = {}, .realm = {}};
        };
        policy::Acl acl;
        acl.roles["wearable"].publish = {rule("ward/{id}/#"), rule("status/{id}")};
        acl.roles["monitor"].publish = {rule("ward/{id}/#")};
        acl.roles["monitor"].deliver = {rule("ward/#")};
        acl.roles["clinician"].subscribe = {rule("ward/#"), rule("legacy/#")};
        acl.roles["clinician"].deliver = acl.roles["clinician"].subscribe;
        acl.roles["legacy"].publish = {rule("legacy/#", true)};
        acl.roles["display"].deliver = {rule("ward/#", true)};
        acl.roles["bridge"].forward = {rule("ward/#"), rule("legacy/#"), rule("status/#")};
        acl.roles["peer"].forward = {rule("ward/#")};
        acl.roles["peer"].forward.front().realm = peer_realm;
        acl.roles["stock"].certificate_only = true;
        return policy::Policy(acl);
    }

    // The broker's memory; how much of it is in use, and how often it was asked for.
    static void* allocate(std::size_t size) {
        ++allocations_;
        ++live_;
        return std::malloc(size);
    }
    static void release(void* memory) {
        --live_;
        std::free(memory);
    }
    static inline std::atomic<std::size_t> allocations_{0};
    static inline std::atomic<std::size_t> live_{0};

    void open() {
        close();
        auto master_key = keyring::read_master_key(folder_ + "/master.key");
        auto registry = keyring::Registry::open(folder_ + "/registry.db", keyring::writer_patience);
        auto state =
            state::StateFolder::open(folder_, RESEAL_WINDOW_DEFAULT, state::derive_state_key(*master_key), *registry);
        ASSERT_TRUE(state) << state.error().text();
        auto engine = Engine::start(Parts{
            .crypto = reseal_crypto_host(),
            .random = reseal_posix_random(),
            .memory = {.allocate = allocate, .release = release},
            .registry = std::move(*registry),
            .keyring = keyring::Keyring(std::move(*master_key)),
            .replay = std::move(state->replay),
            .epochs = std::move(state->epochs),
            .realm = realm,
            .policy = acl(),
            .settings = {.max_payload = 1000, .unsealed_topics = {"status/#"}, .alerts_topic = alerts_topic},
            .certificate_status =
                [this](std::string_view serial, std::time_t /*now*/) {
                    return !serial.empty() && serial == revoked_serial_ ? Refusal::certificate_revoked : Refusal::none;
                },
            .token_check = [this](std::string_view token, const token::Bearer& bearer,
                                  std::time_t at) { return token_check(token, bearer, at); },
            .token_required = token_required_,
            .key_required = key_required_,
            .log = observe::Log([this](observe::Level, const std::string& line) { seen_.say(line); }, &seen_),
            .metrics = &metrics_});
        ASSERT_TRUE(engine) << engine.error().text();
        engine_ = std::move(*engine);
        worker_.emplace(*engine_);
    }

    // Without an orderly end.
    void close() {
        worker_.reset();
        engine_.reset();
    }

    std::vector<std::string> refresh(std::time_t at, std::time_t doubt = 0) {
        return engine_->refresh(at, doubt).dropped;
    }

    // "ROLE@ENDS" is a valid token for anybody. token_test.cpp tests real ones.
    static token::Verdict token_check(std::string_view token, const token::Bearer& bearer, std::time_t at) {
        const std::size_t sign = token.find('@');
        if (sign == std::string_view::npos || bearer.certificate.size() != sizeof(keyring::Fingerprint)) {
            return {.refusal = Refusal::token_malformed, .grant = {}};
        }
        const std::time_t ends = std::stoll(std::string(token.substr(sign + 1)));
        if (at >= ends) {
            return {.refusal = Refusal::token_expired, .grant = {}};
        }
        return {.refusal = Refusal::none,
                .grant = {.roles = {std::string(token.substr(0, sign))}, .ends = ends, .id = "id-1"}};
    }

    Peer peer(const std::string& id) {
        ids_.push_back(id);
        Peer out;
        out.client_id = ids_.back();
        out.certificate =
            PeerCertificate{.fingerprint = fingerprint(id), .not_before = now - 100, .not_after = now + 100};
        return out;
    }

    SessionId session(const std::string& id) {
        const SessionId out = worker_->connect(peer(id), now).session;
        EXPECT_TRUE(out) << log_;
        return out;
    }

    // What proves the key of `device`, which has the client id `id`.
    static std::string proof_of(Endpoint& device, reseal_listener kind = RESEAL_LISTENER_SEALED,
                                const std::string& id = "pico") {
        const auto sealed = device.seal("", std::string(reseal_connect_prefix(kind)) + id);
        std::string proof(sodium_base64_encoded_len(sealed.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING), '\0');
        sodium_bin2base64(proof.data(), proof.size(), sealed.data(), sealed.size(),
                          sodium_base64_VARIANT_URLSAFE_NO_PADDING);
        proof.pop_back();
        return proof;
    }
    // Of a client on a sealed listener: nothing protects what it sends but its own seal.
    SessionId bare_session(const std::string& id, Endpoint& device) {
        const std::string proof = proof_of(device, RESEAL_LISTENER_SEALED, id);
        const SessionId out =
            worker_->connect({.client_id = id, .username = id, .password = proof, .listener = Listener::sealed}, now)
                .session;
        EXPECT_TRUE(out) << log_;
        return out;
    }

    reseal_credentials credentials(const std::string& id, const char* its_realm = realm) {
        reseal_credentials out{};
        keyring::Keyring keyring(std::move(*keyring::read_master_key(folder_ + "/master.key")));
        auto principal = keyring::Registry::open(folder_ + "/registry.db", keyring::writer_patience)->find(id);
        EXPECT_TRUE(keyring.credentials(**principal, (*principal)->keys.front(), its_realm, out));
        return out;
    }

    Refusal publish(SessionId from, const std::vector<std::uint8_t>& message, std::string_view under = topic) {
        return worker_->publish(from, {under, message}).refusal;
    }

    // Whether nothing protects the flags of what it publishes.
    bool bare(SessionId from) { return worker_->publish(from, {"status/pico", payload("on")}).bare; }

    // The copy that lies at `stored`.
    static Stored kept(std::string_view under, Payload stored, Occasion occasion) {
        return {under, stored, occasion, reinterpret_cast<std::uintptr_t>(stored.data())};
    }
    Delivered deliver(SessionId to, std::string_view under, Payload stored, Occasion occasion,
                      Sealing when = Sealing::at_once) {
        return worker_->deliver(to, kept(under, stored, occasion), when);
    }
    Refusal may_deliver(SessionId to, std::string_view under, Payload stored, Occasion occasion) {
        return worker_->may_deliver(to, kept(under, stored, occasion));
    }

    std::string delivered(SessionId to, Endpoint& endpoint, Payload stored, std::string_view under = topic) {
        const Delivered out = deliver(to, under, stored, Occasion::stored);
        return out.form == Delivered::Form::sealed ? endpoint.open(out.payload.get(), under)
                                                   : std::string(name_of(out.refusal));
    }

    // What the engine tells an observer, besides the log.
    struct Seen : observe::Observer {
        explicit Seen(std::string* to) : log(to) {}
        bool refused(const observe::Refused& /*event*/) override { return true; }
        void happened(const observe::Happened& event) override {
            const std::lock_guard lock(mutex);
            events.push_back(std::string(name_of(event.event)) + " " + std::string(event.principal));
            if (event.event == audit::Event::revoked) {
                *log += std::string("revoked ") + std::string(event.detail) + "\n";
            }
        }
        void alert(observe::Alert alert, std::string_view principal, std::string_view detail) override {
            say(observe::alert_line(alert, principal, detail));
        }
        void say(const std::string& line) {
            const std::lock_guard lock(mutex);
            *log += line + "\n";
        }
        std::mutex mutex;
        std::string* log;
        std::vector<std::string> events;
    };

    std::string folder_;
    std::string log_;
    std::string revoked_serial_;
    bool token_required_ = false;  // as of the next open()
    bool key_required_ = false;    // likewise
    Seen seen_{&log_};
    observe::Metrics metrics_;
    std::deque<std::string> ids_;
    std::unique_ptr<Engine> engine_;
    std::optional<Worker> worker_;
};

}  // namespace reseal::engine::test
