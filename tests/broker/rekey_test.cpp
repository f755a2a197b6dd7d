// SPDX-License-Identifier: Apache-2.0
// A device that gets a new key over the air while the broker runs.
#include "harness/ward.h"

#include <cstring>
#include <fstream>
#include <iterator>

#include <reseal/posix.h>
#include <reseal/rekey.h>

namespace harness {
namespace {

constexpr const char* key_topic = "$reseal/pico1/key";

// A device that uses the SDK, with epoch and credentials in memory that survives a loss of power.
class Firmware {
  public:
    explicit Firmware(const reseal_credentials& credentials) : stored_(credentials) { boot(); }
    ~Firmware() { reseal_device_close(&device_); }
    Firmware(const Firmware&) = delete;
    Firmware& operator=(const Firmware&) = delete;

    void boot() {
        const reseal_port port{reseal_crypto_openssl(), {&epoch_, load, store}, reseal_posix_random(), {}};
        EXPECT_EQ(reseal_device_open(&device_, &stored_, &port), RESEAL_OK);
    }

    Bytes seal(const std::string& topic, std::string_view text) {
        Bytes out(text.size() + RESEAL_OVERHEAD_MAX);
        reseal_message message{};
        message.payload = {out.data(), out.size(), 0};
        EXPECT_EQ(reseal_device_seal(&device_, topic.c_str(),
                                     {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, &message),
                  RESEAL_OK);
        out.resize(message.payload.size);
        return out;
    }

    std::string open(const Message& message) {
        Bytes out(message.payload.size());
        reseal_buffer opened{out.data(), out.size(), 0};
        const reseal_status status = reseal_device_receive(&device_, message.topic.c_str(),
                                                           {message.payload.data(), message.payload.size()}, &opened);
        return status == RESEAL_OK ? std::string(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(opened.size))
                                   : reseal_status_text(status);
    }

    reseal_status rekey(const Bytes& payload) {
        const reseal_key_store keys{&stored_, keep};
        return reseal_device_rekey(&device_, {payload.data(), payload.size()}, &keys);
    }

    [[nodiscard]] const reseal_credentials& stored() const { return stored_; }

  private:
    static reseal_status load(void* context, std::uint32_t* epoch) {
        *epoch = *static_cast<std::uint32_t*>(context);
        return RESEAL_OK;
    }
    static reseal_status store(void* context, std::uint32_t epoch) {
        *static_cast<std::uint32_t*>(context) = epoch;
        return RESEAL_OK;
    }
    static reseal_status keep(void* context, const reseal_credentials* fresh) {
        *static_cast<reseal_credentials*>(context) = *fresh;
        return RESEAL_OK;
    }

    std::uint32_t epoch_ = 0;
    reseal_credentials stored_;
    reseal_device device_{};
};

class RekeyOverTheAir : public Ward {
  protected:
    RekeyOverTheAir() : broker(site), firmware(site.credentials("pico1")), clinic(site, "clinician") {}

    [[nodiscard]] bool shows(const std::string& part) const {
        return site.provision({"show", "pico1"}).find(part) != std::string::npos;
    }
    // The next message on the key topic.
    static Bytes key_message(Client& client) {
        const auto message = client.receive();
        EXPECT_TRUE(message && message->topic == key_topic);
        return message ? message->payload : Bytes();
    }

    Broker broker;
    Firmware firmware;
    Application clinic;
};

TEST_F(RekeyOverTheAir, ContinuesUnderTheNewKeyAndThenRefusesTheOldOne) {
    Client pico(site, broker, "pico1");
    Client clinician(site, broker, "clinician");
    Device commander(site, "clinician");
    ASSERT_EQ(pico.connect(), 0);
    ASSERT_EQ(pico.subscribe(key_topic), 1) << broker.log();
    ASSERT_EQ(pico.subscribe("commands/pico1/#"), 1);
    ASSERT_EQ(clinician.connect(), 0);
    ASSERT_EQ(clinician.subscribe("ward/#"), 1);
    ASSERT_EQ(pico.publish(pulse_topic, firmware.seal(pulse_topic, "71")), 0);
    const Bytes last = firmware.seal(pulse_topic, "72");

    site.provision({"rotate", "pico1", "--over-the-air", "--overlap", "1h"});
    ASSERT_EQ(firmware.rekey(key_message(pico)), RESEAL_OK) << broker.log();
    EXPECT_TRUE(broker.logs("pico1: key generation 2, sent over the air"));
    EXPECT_TRUE(shows("over the air, not used yet")) << site.provision({"show", "pico1"});
    EXPECT_EQ(std::memcmp(firmware.stored().key_id, site.credentials("pico1").key_id, RESEAL_KEY_ID_SIZE), 0);

    ASSERT_EQ(pico.publish(pulse_topic, firmware.seal(pulse_topic, "73")), 0);
    EXPECT_TRUE(broker.logs("pico1 uses key generation 2 from now on"));
    EXPECT_EQ(pico.publish(pulse_topic, last), 0) << "what was sealed before still counts";
    for (const char* text : {"71", "73", "72"}) {
        const auto message = clinician.receive();
        ASSERT_TRUE(message);
        EXPECT_EQ(clinic.open(pulse_topic, message->payload), text);
    }
    const std::string command = "commands/pico1/interval";
    ASSERT_EQ(clinician.publish(command, commander.seal(command, "500")), 0);
    const auto received = pico.receive();
    ASSERT_TRUE(received);
    EXPECT_EQ(firmware.open(*received), "500") << "sealed under the new key from its first use on";

    EXPECT_TRUE(eventually([&] { return shows("sent over the air, used") && shows("wiped on 20"); }))
        << site.provision({"show", "pico1"});
    site.provision({"rotate", "pico1", "--finish"});
    ASSERT_FALSE(shows("generation 1,"));
    EXPECT_TRUE(eventually([&] { return pico.publish(pulse_topic, last) != 0; }));
    EXPECT_TRUE(broker.logs("refused publish: reason=unknown_key principal=\"pico1\""));
    EXPECT_EQ(pico.publish(pulse_topic, firmware.seal(pulse_topic, "74")), 0);
}

TEST_F(RekeyOverTheAir, IsResentToADeviceThatLostPowerBeforeStoringTheKey) {
    site.provision({"rotate", "pico1", "--over-the-air"});
    {
        Client pico(site, broker, "pico1");
        ASSERT_EQ(pico.connect(), 0);
        ASSERT_EQ(pico.subscribe(key_topic), 1);
        EXPECT_FALSE(key_message(pico).empty());
        pico.crash();
    }
    firmware.boot();
    Client pico(site, broker, "pico1");
    ASSERT_EQ(pico.connect(), 0);
    ASSERT_EQ(pico.publish(pulse_topic, firmware.seal(pulse_topic, "under the old key")), 0);
    ASSERT_EQ(pico.subscribe(key_topic), 1);
    ASSERT_EQ(firmware.rekey(key_message(pico)), RESEAL_OK);
    ASSERT_EQ(pico.publish(pulse_topic, firmware.seal(pulse_topic, "under the new one")), 0);
    ASSERT_EQ(pico.subscribe(key_topic), 1);
    EXPECT_TRUE(silent(pico)) << "it is in use";
}

TEST_F(RekeyOverTheAir, ReachesADeviceThatSubscribedBeforeTheBrokerReloaded) {
    Client pico(site, broker, "pico1");
    ASSERT_EQ(pico.connect(), 0);
    ASSERT_EQ(pico.subscribe(key_topic), 1) << broker.log();
    broker.reload();
    ASSERT_TRUE(broker.logs("reloaded"));
    site.provision({"rotate", "pico1", "--over-the-air"});
    EXPECT_EQ(firmware.rekey(key_message(pico)), RESEAL_OK) << broker.log();
    EXPECT_TRUE(silent(pico)) << "once is enough";
}

TEST_F(RekeyOverTheAir, IsForItsDeviceOnlyAndNeverStoredByTheBroker) {
    site.write_acl(R"(version: 1
roles:
  wearable:
    publish: ['ward/{id}/#', '$reseal/#']
  clinician:
    publish: ['#', '$reseal/#']
    subscribe: ['#', '$reseal/#']
    deliver: ['#', '$reseal/#']
)");
    ASSERT_TRUE(broker.logs("reloaded")) << broker.log();
    Client clinician(site, broker, "clinician");
    ASSERT_EQ(clinician.connect(), 0);
    for (const char* filter : {"$reseal/#", "$reseal/+/key", key_topic, "$share/all/$reseal/pico1/key"}) {
        EXPECT_EQ(clinician.subscribe(filter), not_authorised) << filter;
    }
    ASSERT_EQ(clinician.subscribe("#"), 1) << broker.log();
    Client pico(site, broker, "pico1", {.clean = false, .session_seconds = 600});
    ASSERT_EQ(pico.connect(), 0);
    ASSERT_EQ(pico.subscribe(key_topic), 1);
    Device forger(site, "clinician");
    EXPECT_EQ(clinician.publish(key_topic, forger.seal(key_topic, "x")), not_authorised);
    EXPECT_EQ(pico.publish(key_topic, firmware.seal(key_topic, "x")), not_authorised);
    EXPECT_TRUE(broker.logs("refused publish: reason=reserved_topic principal=\"clinician\""));

    site.provision({"rotate", "pico1", "--over-the-air"});
    EXPECT_EQ(firmware.rekey(key_message(pico)), RESEAL_OK);
    EXPECT_TRUE(silent(clinician));
    pico.disconnect();
    broker.stop();
    std::ifstream file(site.path("mosquitto.db"), std::ios::binary);
    const std::string kept{std::istreambuf_iterator<char>(file), {}};
    const auto& master = firmware.stored().master;
    ASSERT_NE(kept.find("pico1"), std::string::npos) << "its session";
    EXPECT_EQ(kept.find(std::string(master, master + sizeof master)), std::string::npos);
    broker.start();
}

}  // namespace
}  // namespace harness
