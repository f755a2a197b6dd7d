// The steps of connect, publish and deliver, with a real registry and real state in a temporary folder.
#include "gateway/gateway.h"

#include <cstdlib>
#include <deque>
#include <filesystem>
#include <vector>

#include <gtest/gtest.h>
#include <reseal/posix.h>
#include <reseal/receiver.h>
#include <sodium.h>

#include "keyring/seal.h"

namespace reseal::gateway {
namespace {

using policy::Refusal;

constexpr std::time_t now = 1'800'000'000;
constexpr const char* topic = "ward/pico/pulse";

Payload payload(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
Payload payload(const std::vector<std::uint8_t>& bytes) {
    return bytes;
}

// What a device or an application has: its credentials, an epoch in memory, a window in memory.
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

    std::string open(const reseal_buffer& message, std::string_view under = topic) {
        std::string out(message.size, '\0');
        reseal_buffer buffer{reinterpret_cast<std::uint8_t*>(out.data()), out.size(), 0};
        const reseal_status status = reseal_receiver_accept(&receiver_, {payload(under).data(), under.size()},
                                                            {message.data, message.size}, &buffer);
        out.resize(buffer.size);
        return status == RESEAL_OK ? out : reseal_status_text(status);
    }

  private:
    std::uint32_t epoch_;
    std::array<std::uint32_t, RESEAL_WINDOW_WORDS(RESEAL_WINDOW_DEFAULT)> words_{};
    reseal_sender sender_{};
    reseal_receiver receiver_{};
};

class GatewayTest : public testing::Test {
  protected:
    GatewayTest() {
        folder_ = testing::TempDir() + "reseal-gateway-XXXXXX";
        EXPECT_NE(mkdtemp(folder_.data()), nullptr);
        EXPECT_TRUE(keyring::create_master_key(folder_ + "/master.key"));
        EXPECT_TRUE(keyring::Registry::create(folder_ + "/registry.db"));
        add("pico", "wearable");
        add("nurse", "clinician");
        add("legacy", "legacy");
        add("screen", "display");
        add("broker-storage", "", true);
        open();
    }
    ~GatewayTest() override {
        gateway_.reset();
        std::filesystem::remove_all(folder_);
    }

    void add(const std::string& id, const std::string& role, bool storage = false) {
        const auto master_key = keyring::read_master_key(folder_ + "/master.key");
        auto registry = keyring::Registry::open(folder_ + "/registry.db", keyring::writer_patience);
        keyring::Principal principal{
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

    static keyring::Fingerprint fingerprint(const std::string& id) {
        keyring::Fingerprint out{};
        std::copy(id.begin(), id.end(), out.begin());
        return out;
    }

    static policy::Policy acl() {
        const auto rule = [](const char* pattern, bool clear = false) {
            return policy::Rule{.pattern = pattern, .clear = clear, .origin = {}};
        };
        policy::Acl acl;
        acl.roles["wearable"].publish = {rule("ward/{id}/#"), rule("status/{id}")};
        acl.roles["clinician"].subscribe = {rule("ward/#"), rule("legacy/#")};
        acl.roles["clinician"].deliver = acl.roles["clinician"].subscribe;
        acl.roles["legacy"].publish = {rule("legacy/#", true)};
        acl.roles["display"].deliver = {rule("ward/#", true)};
        return policy::Policy(acl);
    }

    void open() {
        gateway_.reset();
        auto epochs = state::EpochStore::open(folder_);
        auto replay = state::ReplayStore::open(folder_, RESEAL_WINDOW_DEFAULT);
        ASSERT_TRUE(replay) << replay.error().text();
        gateway_ = std::make_unique<Gateway>(
            Parts{.crypto = reseal_crypto_openssl(),
                  .random = reseal_posix_random(),
                  .memory = {.allocate = std::malloc, .release = std::free},
                  .registry = std::move(*keyring::Registry::open(folder_ + "/registry.db", keyring::writer_patience)),
                  .keyring = keyring::Keyring(std::move(*keyring::read_master_key(folder_ + "/master.key"))),
                  .replay = std::move(*replay),
                  .epochs = std::move(*epochs),
                  .policy = acl(),
                  .settings = {.max_payload = 1000, .unsealed_topics = {"status/#"}},
                  .log = observe::Log([this](observe::Level, const std::string& line) { log_ += line + "\n"; })});
        ASSERT_TRUE(gateway_->load());
    }

    Peer peer(const std::string& id) {
        ids_.push_back(id);
        Peer out;
        out.client_id = ids_.back();
        out.certificate =
            PeerCertificate{.fingerprint = fingerprint(id), .not_before = now - 100, .not_after = now + 100};
        return out;
    }

    Session& session(const std::string& id) {
        Session* out = gateway_->connect(peer(id), now);
        EXPECT_NE(out, nullptr) << log_;
        return *out;
    }

    reseal_credentials credentials(const std::string& id) {
        reseal_credentials out{};
        keyring::Keyring keyring(std::move(*keyring::read_master_key(folder_ + "/master.key")));
        auto principal = keyring::Registry::open(folder_ + "/registry.db", keyring::writer_patience)->find(id);
        EXPECT_TRUE(keyring.credentials(**principal, (*principal)->keys.front(), out));
        return out;
    }

    Refusal publish(Session& from, const std::vector<std::uint8_t>& message, std::string_view under = topic) {
        return gateway_->publish(from, under, payload(message)).refusal;
    }

    std::string delivered(Session& to, Endpoint& endpoint, Payload stored, std::string_view under = topic) {
        const Delivered out = gateway_->deliver(to, under, stored);
        if (out.form != Delivered::Form::sealed) {
            return std::string(policy::name(out.refusal));
        }
        std::string text = endpoint.open(out.payload, under);
        std::free(out.payload.data);
        return text;
    }

    std::string folder_;
    std::string log_;
    std::deque<std::string> ids_;
    std::unique_ptr<Gateway> gateway_;
};

TEST_F(GatewayTest, ConnectsARegisteredCertificateOnly) {
    EXPECT_NE(gateway_->connect(peer("pico"), now), nullptr);
    EXPECT_EQ(gateway_->connect(peer("stranger"), now), nullptr);
    EXPECT_NE(log_.find("reason=unknown_certificate"), std::string::npos);
}

TEST_F(GatewayTest, RefusesACertificateOutsideItsDates) {
    EXPECT_EQ(gateway_->connect(peer("pico"), now + 101), nullptr);
    EXPECT_NE(log_.find("reason=certificate_expired"), std::string::npos);
    EXPECT_EQ(gateway_->connect(peer("pico"), now - 101), nullptr);
    EXPECT_NE(log_.find("reason=certificate_not_yet_valid"), std::string::npos);
}

TEST_F(GatewayTest, DropsALiveSessionWhoseCertificateExpires) {
    session("pico");
    EXPECT_TRUE(gateway_->refresh(now).empty());
    EXPECT_EQ(gateway_->refresh(now + 101), std::vector<std::string>{"pico"});
}

TEST_F(GatewayTest, DropsALiveSessionThatIsRevokedAndRefusesItsNextConnect) {
    session("pico");
    ASSERT_TRUE(keyring::Registry::open(folder_ + "/registry.db", keyring::writer_patience)->revoke("pico", "lost"));
    EXPECT_EQ(gateway_->refresh(now), std::vector<std::string>{"pico"});
    EXPECT_EQ(gateway_->connect(peer("pico"), now), nullptr);
    EXPECT_NE(log_.find("refused connect: reason=principal_revoked"), std::string::npos);
}

TEST_F(GatewayTest, KnowsANewPrincipalAfterARefresh) {
    EXPECT_EQ(gateway_->connect(peer("pico2"), now), nullptr);
    add("pico2", "wearable");
    (void)gateway_->refresh(now);
    EXPECT_NE(gateway_->connect(peer("pico2"), now), nullptr);
}

TEST_F(GatewayTest, TiesClientIdsToPrincipals) {
    EXPECT_TRUE(tied("pico", "pico"));
    EXPECT_TRUE(tied("pico", "pico/1"));
    EXPECT_FALSE(tied("pico", "pico/"));
    EXPECT_FALSE(tied("pico", "pico1"));
    EXPECT_FALSE(tied("pico", "pic"));
    EXPECT_FALSE(tied("pico", ""));
}

TEST_F(GatewayTest, NeverLetsTheStorageKeyIn) {
    EXPECT_EQ(gateway_->resume("broker-storage", "broker-storage"), nullptr);
    EXPECT_EQ(gateway_->resume("pico", "nurse"), nullptr);
    EXPECT_NE(gateway_->resume("pico", "pico/1"), nullptr);
}

TEST_F(GatewayTest, AcceptsAMessageOnceAndDeliversItOften) {
    Session& pico = session("pico");
    Session& nurse = session("nurse");
    Endpoint device(credentials("pico"));
    Endpoint application(credentials("nurse"));
    const auto first = device.seal("72");
    const auto second = device.seal("73");
    EXPECT_EQ(publish(pico, first), Refusal::none);
    EXPECT_EQ(publish(pico, second), Refusal::none);
    EXPECT_EQ(publish(pico, first), Refusal::replay);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(delivered(nurse, application, payload(first)), "72");
        EXPECT_EQ(delivered(nurse, application, payload(second)), "73");
    }
}

TEST_F(GatewayTest, OpensNothingUnderAnotherTopicAlsoRightAfterIt) {
    Session& pico = session("pico");
    Session& nurse = session("nurse");
    Endpoint device(credentials("pico"));
    Endpoint application(credentials("nurse"));
    const auto message = device.seal("72");
    EXPECT_EQ(publish(pico, message, "ward/pico/ecg"), Refusal::bad_tag);
    EXPECT_EQ(publish(pico, message), Refusal::none);
    EXPECT_EQ(delivered(nurse, application, payload(message), "ward/pico/ecg"), "bad_tag");
    EXPECT_EQ(delivered(nurse, application, payload(message)), "72");
}

TEST_F(GatewayTest, RefusesWithTheReason) {
    Session& pico = session("pico");
    Endpoint device(credentials("pico"));
    Endpoint other(credentials("nurse"));
    auto flipped = device.seal("72");
    flipped.back() ^= 1U;
    auto cut = device.seal("72");
    cut.pop_back();
    EXPECT_EQ(publish(pico, flipped), Refusal::bad_tag);
    EXPECT_EQ(publish(pico, cut), Refusal::malformed);
    EXPECT_EQ(publish(pico, other.seal("72")), Refusal::foreign_key);
    EXPECT_EQ(publish(pico, device.seal("72", "ward/x"), "ward/x"), Refusal::publish_not_allowed);
    EXPECT_EQ(publish(pico, device.seal(std::string(1001, 'x'))), Refusal::oversized);
    EXPECT_EQ(gateway_->publish(pico, topic, payload("72")).refusal, Refusal::not_sealed);
    EXPECT_EQ(gateway_->publish(pico, topic, {}).refusal, Refusal::not_sealed);
    EXPECT_EQ(gateway_->publish(pico, "status/pico", payload("on")).refusal, Refusal::none);
}

TEST_F(GatewayTest, ForgedNewerEpochDoesNotDisturbTheCurrentOne) {
    Session& pico = session("pico");
    Endpoint device(credentials("pico"));
    Endpoint ahead(credentials("pico"), 1000);
    EXPECT_EQ(publish(pico, device.seal("1")), Refusal::none);
    auto forged = ahead.seal("x");
    forged.back() ^= 1U;
    EXPECT_EQ(publish(pico, forged), Refusal::bad_tag);
    EXPECT_EQ(publish(pico, device.seal("2")), Refusal::none);
}

TEST_F(GatewayTest, RemembersTheWindowWhenOpenedAgain) {
    Endpoint device(credentials("pico"));
    const auto message = device.seal("72");
    EXPECT_EQ(publish(session("pico"), message), Refusal::none);
    open();
    Session& pico = session("pico");
    EXPECT_EQ(publish(pico, message), Refusal::replay);
    EXPECT_EQ(publish(pico, device.seal("73")), Refusal::none);
}

TEST_F(GatewayTest, SealsWhatComesInClearUnderTheStorageKey) {
    Session& legacy = session("legacy");
    Session& nurse = session("nurse");
    Endpoint application(credentials("nurse"));
    const Published published = gateway_->publish(legacy, "legacy/pulse", payload("72 in clear"));
    ASSERT_EQ(published.refusal, Refusal::none);
    const reseal_buffer& stored = published.replacement;
    ASSERT_NE(stored.data, nullptr);
    EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(stored.data), stored.size).find("clear"),
              std::string_view::npos);
    EXPECT_EQ(delivered(nurse, application, {stored.data, stored.size}, "legacy/pulse"), "72 in clear");
    std::free(stored.data);
}

TEST_F(GatewayTest, KeepsClearPayloadsOffAnUnprotectedChannel) {
    Session& legacy = *gateway_->resume("legacy", "legacy");
    Session& screen = *gateway_->resume("screen", "screen");
    Session& pico = session("pico");
    Endpoint device(credentials("pico"));
    const auto message = device.seal("72");
    EXPECT_EQ(publish(pico, message), Refusal::none);
    EXPECT_EQ(gateway_->publish(legacy, "legacy/pulse", payload("72")).refusal, Refusal::channel_not_protected);
    EXPECT_EQ(gateway_->deliver(screen, topic, payload(message)).refusal, Refusal::channel_not_protected);
}

TEST_F(GatewayTest, DeliversInClearWhereTheAclSaysSo) {
    Session& pico = session("pico");
    Session& screen = session("screen");
    Endpoint device(credentials("pico"));
    const auto message = device.seal("72");
    EXPECT_EQ(publish(pico, message), Refusal::none);
    const Delivered out = gateway_->deliver(screen, topic, payload(message));
    ASSERT_EQ(out.form, Delivered::Form::clear);
    EXPECT_EQ(std::string(reinterpret_cast<char*>(out.payload.data), out.payload.size), "72");
    std::free(out.payload.data);
}

TEST_F(GatewayTest, LetsAQueuedDeliveryPassToItsOwnerOnly) {
    Session& pico = session("pico");
    Session& nurse = session("nurse");
    Session& other = session("screen");
    Endpoint device(credentials("pico"));
    const auto message = device.seal("72");
    EXPECT_EQ(publish(pico, message), Refusal::none);
    const Delivered out = gateway_->deliver(nurse, topic, payload(message));
    ASSERT_EQ(out.form, Delivered::Form::sealed);
    const Payload queued{out.payload.data, out.payload.size};
    EXPECT_EQ(gateway_->deliver(nurse, topic, queued).form, Delivered::Form::as_it_is);
    EXPECT_EQ(gateway_->deliver(other, topic, queued).refusal, Refusal::foreign_key);
    std::free(out.payload.data);
}

TEST_F(GatewayTest, LogsARefusedDeliveryOnceForATopic) {
    Session& nurse = session("nurse");
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(gateway_->deliver(nurse, "elsewhere", payload("x")).refusal, Refusal::deliver_not_allowed);
    }
    EXPECT_EQ(log_.find("deliver_not_allowed"), log_.rfind("deliver_not_allowed"));
}

TEST_F(GatewayTest, AcceptsAWillThatTheWindowHasPassedOnce) {
    Session& pico = session("pico");
    Endpoint device(credentials("pico"));
    EXPECT_EQ(publish(pico, device.seal("before")), Refusal::none);
    Session& next = session("pico");
    const auto will = device.seal("gone");
    for (int i = 0; i < 300; ++i) {
        ASSERT_EQ(publish(next, device.seal("x")), Refusal::none);
    }
    EXPECT_EQ(publish(next, will), Refusal::replay) << "as an ordinary message it is too old";
    EXPECT_EQ(gateway_->publish_will(next, topic, payload(will)).refusal, Refusal::none);
    EXPECT_EQ(gateway_->publish_will(next, topic, payload(will)).refusal, Refusal::replay);
}

TEST_F(GatewayTest, AcceptsNoOldMessageAsAWill) {
    Session& pico = session("pico");
    Endpoint device(credentials("pico"));
    const auto old = device.seal("old");
    EXPECT_EQ(publish(pico, old), Refusal::none);
    const auto first = device.seal("first");
    for (int i = 0; i < 300; ++i) {
        ASSERT_EQ(publish(pico, device.seal("x")), Refusal::none);
    }
    EXPECT_EQ(gateway_->publish_will(pico, topic, payload(old)).refusal, Refusal::replay);
    EXPECT_EQ(gateway_->publish_will(pico, topic, payload(first)).refusal, Refusal::replay);
}

TEST_F(GatewayTest, KeepsTheSlotOfADelayedWill) {
    Session& pico = session("pico");
    Endpoint device(credentials("pico"));
    EXPECT_EQ(publish(pico, device.seal("before")), Refusal::none);
    gateway_->end(&pico);
    Session& next = session("pico");
    const auto will = device.seal("gone");
    for (int i = 0; i < 300; ++i) {
        ASSERT_EQ(publish(next, device.seal("x")), Refusal::none);
    }
    gateway_->end(&next);
    Session& resumed = *gateway_->resume("pico", "pico");
    EXPECT_EQ(gateway_->publish_will(resumed, topic, payload(will)).refusal, Refusal::none);
}

}  // namespace
}  // namespace reseal::gateway
