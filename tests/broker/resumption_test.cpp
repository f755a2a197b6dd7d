// SPDX-License-Identifier: Apache-2.0
// A resumed TLS session saves the handshake, and nothing that the handshake would have refused comes back by it.
#include "harness/ward.h"
#include "small_client.h"

#include <functional>

namespace harness {
namespace {

class Resumption : public Ward {
  protected:
    // Runs `command` in the site's folder.
    void shell(const std::string& command) const {
        const Ran ran = run({"sh", "-ec", "cd " + site.folder() + "; " + command});
        ASSERT_EQ(ran.status, 0) << ran.output;
    }

    static mqtt::Connect as(const std::string& id) {
        mqtt::Connect out;
        out.client_id = id;
        return out;
    }

    // Connects twice; the second time without a handshake of its own.
    static void resume(SmallClient& client, std::uint16_t port, const std::function<mqtt::Connect()>& connect) {
        const Connected first = client.connect(port, connect());
        ASSERT_EQ(first.reason, 0);
        ASSERT_FALSE(first.resumed);
        const Connected second = client.connect(port, connect());
        ASSERT_EQ(second.reason, 0);
        ASSERT_TRUE(second.resumed);
        EXPECT_LT(second.down, first.down);
    }

    // Waits until a resumed session is answered with `reason`.
    static bool comes_to(int reason, SmallClient& client, std::uint16_t port,
                         const std::function<mqtt::Connect()>& connect) {
        client.insist();
        return eventually([&] {
            const Connected tried = client.connect(port, connect());
            EXPECT_TRUE(tried.resumed);
            return tried.reason == reason;
        });
    }
};

TEST_F(Resumption, ShowsTheCertificateOfTheFirstConnection) {
    const Broker broker(site);
    const auto pico = SmallClient::with_certificate(site, "pico1");
    resume(*pico, broker.port(), [] { return as("pico1"); });
    EXPECT_EQ(pico->connect(broker.port(), as("pico2")).reason, not_authorised) << "another's client id";
}

TEST_F(Resumption, IsNotTriedAgainAfterARefusal) {
    const Broker broker(site);
    const auto pico = SmallClient::with_certificate(site, "pico1");
    resume(*pico, broker.port(), [] { return as("pico1"); });
    const Connected refused = pico->connect(broker.port(), as("pico2"));
    EXPECT_TRUE(refused.resumed);
    EXPECT_EQ(refused.reason, not_authorised);
    const Connected next = pico->connect(broker.port(), as("pico1"));
    EXPECT_FALSE(next.resumed);
    EXPECT_EQ(next.reason, 0);
}

TEST_F(Resumption, IsForgottenWithTheDevicesKey) {
    const Broker broker(site);
    const auto pico = SmallClient::with_certificate(site, "pico1");
    resume(*pico, broker.port(), [] { return as("pico1"); });
    site.provision({"rotate", "pico1", "--overlap", "1h"});
    pico->take_key(site);
    EXPECT_FALSE(pico->connect(broker.port(), as("pico1")).resumed);
}

TEST_F(Resumption, EndsWithThePrincipal) {
    const Broker broker(site);
    const auto pico = SmallClient::with_certificate(site, "pico1");
    resume(*pico, broker.port(), [] { return as("pico1"); });
    site.revoke("pico1");
    EXPECT_TRUE(comes_to(not_authorised, *pico, broker.port(), [] { return as("pico1"); })) << broker.log();
    EXPECT_TRUE(broker.logs("refused connect: reason=principal_revoked")) << broker.log();
}

TEST_F(Resumption, EndsWithARevocationList) {
    shell(
        "mkdir -p crl && touch crl/index.txt && echo 01 > crl/number && printf '%s\n' '[ca]' 'default_ca=x' '[x]' "
        "'database=crl/index.txt' 'crlnumber=crl/number' 'default_md=sha256' > crl/ca.conf");
    const std::string ca = "openssl ca -config crl/ca.conf -cert ca/ca.crt -keyfile ca/ca.key";
    shell(ca + " -gencrl -crldays 3 -out ca.crl");
    site.set("identity", "{ca: ca/ca.crt, crl: [ca.crl]}");
    const Broker broker(site);
    const auto pico = SmallClient::with_certificate(site, "pico1");
    resume(*pico, broker.port(), [] { return as("pico1"); });
    shell(ca + " -revoke principals/pico1/pico1.crt && " + ca +
          " -gencrl -crldays 3 -out new.crl && mv new.crl ca.crl");
    EXPECT_TRUE(comes_to(not_authorised, *pico, broker.port(), [] { return as("pico1"); })) << broker.log();
    EXPECT_TRUE(broker.logs("refused connect: reason=certificate_revoked")) << broker.log();
}

// A session lives for up to two hours: longer than what is left of some certificate.
TEST_F(Resumption, EndsWithTheCertificatesDate) {
    shell(
        "mkdir short && openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout short/pico1.key "
        "-subj /CN=pico1 -out short/csr && touch short/index && printf '%s\n' '[ca]' 'default_ca=x' '[x]' "
        "'database=short/index' 'rand_serial=yes' 'default_md=sha256' 'policy=p' 'new_certs_dir=short' '[p]' "
        "'commonName=supplied' > short/ca.conf && openssl ca -batch -config short/ca.conf -cert ca/ca.crt -keyfile "
        "ca/ca.key -startdate $(date -u -d '1 hour ago' +%Y%m%d%H%M%SZ) -enddate $(date -u -d '30 minutes' "
        "+%Y%m%d%H%M%SZ) -in short/csr -out short/pico1.crt -notext");
    site.set("identity", "{by: common_name, pattern: \"{id}\", ca: ca/ca.crt}");
    const WallClock clock(site.path("clock"));
    const Broker broker(site, {}, &clock);
    const auto pico = SmallClient::with_certificate(site, "pico1", site.path("short"));
    resume(*pico, broker.port(), [] { return as("pico1"); });
    clock.set(std::chrono::hours(1));
    EXPECT_TRUE(comes_to(not_authorised, *pico, broker.port(), [] { return as("pico1"); })) << broker.log();
    EXPECT_TRUE(broker.logs("refused connect: reason=certificate_expired")) << broker.log();
}

// Each listener has its own settings of TLS, such as the authorities it trusts.
TEST_F(Resumption, DoesNotLeadToAnotherListener) {
    const std::uint16_t other = free_port();
    const Broker broker(site, "listener " + std::to_string(other) + " 127.0.0.1\ncafile " + site.ca() + "\ncertfile " +
                                  site.path("broker/broker.crt") + "\nkeyfile " + site.path("broker/broker.key") +
                                  "\nrequire_certificate true\n");
    const auto pico = SmallClient::with_certificate(site, "pico1");
    resume(*pico, broker.port(), [] { return as("pico1"); });
    EXPECT_FALSE(pico->connect(other, as("pico1")).resumed);
}

TEST_F(Resumption, EndsWithTheBroker) {
    Broker broker(site);
    const auto pico = SmallClient::with_certificate(site, "pico1");
    resume(*pico, broker.port(), [] { return as("pico1"); });
    broker.stop();
    broker.start();
    const Connected after = pico->connect(broker.port(), as("pico1"));
    EXPECT_FALSE(after.resumed);
    EXPECT_EQ(after.reason, 0) << "a full handshake follows in the same connection";
}

TEST_F(Resumption, EndsAfterTwoHours) {
    const WallClock clock(site.path("clock"));
    const Broker broker(site, {}, &clock);
    const auto pico = SmallClient::with_certificate(site, "pico1");
    resume(*pico, broker.port(), [] { return as("pico1"); });
    clock.set(std::chrono::hours(2) + std::chrono::minutes(1));
    const Connected after = pico->connect(broker.port(), as("pico1"));
    EXPECT_FALSE(after.resumed);
    EXPECT_EQ(after.reason, 0);
}

class PskResumption : public Resumption {
  protected:
    PskResumption() { site.set("psk_listeners", "[" + std::to_string(port) + "]"); }
    [[nodiscard]] std::string listener() const {
        return "listener " + std::to_string(port) + " 127.0.0.1\npsk_hint reseal\n";
    }
    static std::function<mqtt::Connect()> proven_by(Device& by) {
        return [&by] {
            mqtt::Connect out = as("pico1");
            out.username = "pico1";
            out.password = by.proof("pico1", RESEAL_LISTENER_PSK);
            return out;
        };
    }

    std::uint16_t port = free_port();
    Device device{site, "pico1"};
};

TEST_F(PskResumption, StillNeedsTheKeyInside) {
    const Broker broker(site, listener());
    const auto pico = SmallClient::with_psk(site, "pico1");
    resume(*pico, port, proven_by(device));
    pico->insist();
    const Connected unproven = pico->connect(port, as("pico1"));
    EXPECT_TRUE(unproven.resumed);
    EXPECT_EQ(unproven.reason, not_authorised);
}

TEST_F(PskResumption, EndsWithThePrincipal) {
    const Broker broker(site, listener());
    const auto pico = SmallClient::with_psk(site, "pico1");
    resume(*pico, port, proven_by(device));
    site.revoke("pico1");
    EXPECT_TRUE(comes_to(not_authorised, *pico, port, proven_by(device))) << broker.log();
}

TEST_F(PskResumption, LogsNobodyInWithAKeyThatHasEnded) {
    const Broker broker(site, listener());
    const auto pico = SmallClient::with_psk(site, "pico1");
    resume(*pico, port, proven_by(device));
    site.provision({"rotate", "pico1"});
    EXPECT_TRUE(comes_to(not_authorised, *pico, port, proven_by(device))) << broker.log();
    const auto fresh = SmallClient::with_psk(site, "pico1");
    Device with_new_key(site, "pico1");
    resume(*fresh, port, proven_by(with_new_key));
}

// For docs/device-cost.md, which says what the real broker's part takes on the wire.
class OnTheWire : public PskResumption {
  protected:
    // Signatures vary by some bytes, tickets by a block, and newer versions of OpenSSL offer more.
    static void expect(const Connected& of, int up, int down) {
        constexpr int varies = 48;
        EXPECT_EQ(of.reason, 0);
        EXPECT_NEAR(of.up, up, varies);
        EXPECT_NEAR(of.down, down, varies);
    }
};

TEST_F(OnTheWire, CertificatesTakeWhatIsDocumented) {
    const Broker broker(site);
    const auto pico = SmallClient::with_certificate(site, "pico1");
    expect(pico->connect(broker.port(), as("pico1")), 793, 1828);
    expect(pico->connect(broker.port(), as("pico1")), 863, 133);
}

TEST_F(OnTheWire, AKeyTakesWhatIsDocumented) {
    const Broker broker(site, listener());
    const auto pico = SmallClient::with_psk(site, "pico1");
    expect(pico->connect(port, proven_by(device)()), 228, 354);
    expect(pico->connect(port, proven_by(device)()), 437, 133);
}

}  // namespace
}  // namespace harness
