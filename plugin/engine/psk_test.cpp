// SPDX-License-Identifier: Apache-2.0
// Keys of TLS connections: a principal's own, or a random one.
#include "engine/engine_fixture.h"

namespace reseal::engine::test {
namespace {

class Psk : public EngineTest {
  protected:
    reseal_psk derived(const std::string& id) {
        reseal_credentials its = credentials(id);
        reseal_psk out{};
        EXPECT_EQ(reseal_psk_derive(reseal_crypto_openssl(), &its, &out), RESEAL_OK);
        return out;
    }
    static std::string hex(const reseal_psk& psk) {
        std::string out(2 * RESEAL_PSK_SIZE + 1, '\0');
        sodium_bin2hex(out.data(), out.size(), psk.key, RESEAL_PSK_SIZE);
        return out;
    }
    std::string answered(std::string_view identity) {
        std::string out(2 * RESEAL_PSK_SIZE + 1, '\0');
        EXPECT_TRUE(worker_->psk(identity, out));
        return out;
    }
    void expect_random(const std::string& identity, const std::string& reason) {
        const std::string first = answered(identity);
        EXPECT_NE(first, answered(identity)) << identity;
        EXPECT_NE(log_.find("refused tls-psk: reason=" + reason), std::string::npos) << log_;
        log_.clear();
    }
};

TEST_F(Psk, BelongsToThePrincipal) {
    const reseal_psk own = derived("pico");
    EXPECT_EQ(answered(own.identity), hex(own));
    EXPECT_EQ(log_, "");
}

TEST_F(Psk, IsRandomForARefusedClient) {
    const std::string own = derived("pico").identity;
    const std::string id = own.substr(own.find('/') + 1);
    expect_random("nurse/" + id, "foreign_key");
    expect_random("broker-storage/" + std::string(derived("broker-storage").identity).substr(15), "unknown_key");
    for (const std::string& none :
         {std::string(), std::string("pico"), std::string("pico/"), "pico/" + id + "0", "pico/" + id.substr(2),
          "pico/" + id.substr(0, 12) + "xy", "pico/00" + id.substr(2)}) {
        expect_random(none, "unknown_key");
    }
    ASSERT_TRUE(
        keyring::AdminRegistry::open(folder_ + "/registry.db", keyring::writer_patience)->revoke("pico", {"lost", {}}));
    (void)refresh(now);
    expect_random(own, "principal_revoked");
}

TEST_F(Psk, IsNotGivenWithoutRoomForIt) {
    std::string small(2 * RESEAL_PSK_SIZE, 'x');
    EXPECT_FALSE(worker_->psk(derived("pico").identity, small));
    EXPECT_EQ(small, std::string(2 * RESEAL_PSK_SIZE, 'x'));
}

}  // namespace
}  // namespace reseal::engine::test
