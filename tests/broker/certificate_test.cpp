// SPDX-License-Identifier: Apache-2.0
// How certificates name their principals, and what revocation lists do, over real TLS.
#include "harness/ward.h"

namespace harness {
namespace {

class Certificates : public Ward {
  protected:
    Certificates() {
        shell(
            "mkdir -p crl && touch crl/index.txt && echo 01 > crl/number && printf '%s\n' '[ca]' 'default_ca=x' "
            "'[x]' 'database=crl/index.txt' 'crlnumber=crl/number' 'default_md=sha256' > crl/ca.conf");
    }

    // Runs `command` in the site's folder.
    void shell(const std::string& command) const {
        const Ran ran = run({"sh", "-ec", "cd " + site.folder() + "; " + command});
        ASSERT_EQ(ran.status, 0) << ran.output;
    }

    // An unregistered certificate from the CA in the folder `ca`. Returns the folder of pico1.crt and pico1.key.
    std::string issue(const std::string& folder, const std::string& subject, const std::string& names,
                      const std::string& ca = "ca") const {
        const std::string extensions =
            names.empty() ? "" : "printf 'subjectAltName=" + names + "' > " + folder + "/ext; ";
        const std::string use = names.empty() ? "" : " -extfile " + folder + "/ext";
        shell("mkdir " + folder + "; " + extensions +
              "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + folder +
              "/pico1.key -subj " + subject + " | openssl x509 -req -CA " + ca + "/ca.crt -CAkey " + ca +
              "/ca.key -CAcreateserial -days 2" + use + " -out " + folder + "/pico1.crt");
        return site.path(folder);
    }

    void revoke_certificate(const std::string& file) const {
        shell("openssl ca -config crl/ca.conf -cert ca/ca.crt -keyfile ca/ca.key -revoke " + file);
    }
    // Replaces ca.crl with the list atomically, as an operator should.
    void write_list(const std::string& dates = "-crldays 3", const std::string& form = "PEM") const {
        shell("openssl ca -config crl/ca.conf -cert ca/ca.crt -keyfile ca/ca.key -gencrl " + dates +
              " -out crl/new.pem; openssl crl -in crl/new.pem -outform " + form + " -out crl/new; mv crl/new ca.crl");
    }

    void name_by(const std::string& by, const std::string& pattern) const {
        site.set("identity", "{by: " + by + ", pattern: \"" + pattern + "\", ca: ca/ca.crt}");
    }
    int connects(const Broker& broker, const std::string& folder, std::uint16_t port = 0) const {
        Client client(site, broker, "pico1", {.certificate_folder = folder, .port = port});
        return client.connect();
    }
};

constexpr const char* past = "-crl_lastupdate 20200101000000Z -crl_nextupdate 20200102000000Z";

TEST_F(Certificates, NameTheirPrincipalByUri) {
    name_by("san_uri", "urn:reseal:principal:{id}");
    const std::string renewed = issue("renewed", "/CN=x", "URI:urn:reseal:principal:pico1");
    const std::string two = issue("two", "/CN=x", "URI:urn:reseal:principal:pico1,URI:urn:reseal:principal:pico2");
    Broker broker(site);
    EXPECT_EQ(connects(broker, ""), 0) << "what provision issues names its principal so";
    EXPECT_EQ(connects(broker, renewed), 0);
    EXPECT_EQ(connects(broker, two), not_authorised);
    EXPECT_TRUE(broker.logs("refused connect: reason=certificate_name_ambiguous"));
}

TEST_F(Certificates, NameTheirPrincipalByDnsName) {
    name_by("san_dns", "{id}.devices.example");
    const std::string renewed = issue("renewed", "/CN=x", "DNS:pico1.devices.example");
    const std::string wild = issue("wild", "/CN=pico1", "DNS:*.devices.example");
    Broker broker(site);
    EXPECT_EQ(connects(broker, renewed), 0);
    EXPECT_EQ(connects(broker, wild), not_authorised);
    EXPECT_TRUE(broker.logs("refused connect: reason=certificate_name_malformed"));
}

TEST_F(Certificates, NameTheirPrincipalByCommonName) {
    name_by("common_name", "{id}");
    const std::string renewed = issue("renewed", "/CN=pico1", "");
    const std::string none = issue("none", "/O=pico1", "");
    const std::string stranger = issue("stranger", "/CN=nobody", "");
    Broker broker(site);
    EXPECT_EQ(connects(broker, renewed), 0);
    EXPECT_EQ(connects(broker, none), not_authorised);
    EXPECT_TRUE(broker.logs("refused connect: reason=certificate_name_missing"));
    EXPECT_EQ(connects(broker, stranger), not_authorised);
    EXPECT_TRUE(broker.logs("refused connect: reason=unknown_principal"));
}

TEST_F(Certificates, FromAnotherCaThatTheListenerTrustsNameNobody) {
    name_by("common_name", "{id}");
    const Site elsewhere;
    shell("mkdir wide && cp " + elsewhere.path("ca") + "/* wide/ && cat ca/ca.crt wide/ca.crt > wide/both.crt");
    const std::string smuggled = issue("smuggled", "/CN=pico1", "", "wide");
    const std::uint16_t port = free_port();
    Broker broker(site, "listener " + std::to_string(port) + " 127.0.0.1\ncafile " + site.path("wide/both.crt") +
                            "\ncertfile " + site.path("broker/broker.crt") + "\nkeyfile " +
                            site.path("broker/broker.key") + "\nrequire_certificate true\n");
    EXPECT_EQ(connects(broker, "", port), 0);
    EXPECT_EQ(connects(broker, smuggled, port), not_authorised);
    EXPECT_TRUE(broker.logs("refused connect: reason=certificate_not_of_ca"));
}

TEST_F(Certificates, OnARevocationListAreRefusedAndTheirSessionsDropped) {
    write_list();
    site.set("identity", "{ca: ca/ca.crt, crl: [ca.crl]}");
    Broker broker(site);
    Client pico(site, broker, "pico1");
    Client other(site, broker, "pico2");
    ASSERT_EQ(pico.connect(), 0);
    ASSERT_EQ(other.connect(), 0);
    revoke_certificate("principals/pico1/pico1.crt");
    write_list("-crldays 3", "DER");
    EXPECT_TRUE(pico.dropped()) << broker.log();
    EXPECT_TRUE(broker.logs("refused session: reason=certificate_revoked principal=\"pico1\""));
    EXPECT_EQ(connects(broker, ""), not_authorised);
    EXPECT_TRUE(broker.logs("refused connect: reason=certificate_revoked"));
    Device device(site, "pico2");
    EXPECT_EQ(other.publish("ward/pico2/x", device.seal("ward/pico2/x", "still here")), 0);
}

TEST_F(Certificates, KeepTheFormerListWhenTheNewOneIsUnusable) {
    revoke_certificate("principals/pico1/pico1.crt");
    write_list();
    site.set("identity", "{ca: ca/ca.crt, crl: [ca.crl]}");
    Broker broker(site);
    write_all(site.path("ca.crl"), "half a lis");
    EXPECT_TRUE(broker.logs("the former revocation list stays in force"));
    EXPECT_EQ(connects(broker, ""), not_authorised);
    Client other(site, broker, "pico2");
    EXPECT_EQ(other.connect(), 0);
}

TEST_F(Certificates, AreNotReinstatedByAnOlderListNowOrAfterARestart) {
    write_list("-crl_lastupdate $(date -u -d '1 hour ago' +%Y%m%d%H%M%SZ) -crldays 3");
    const std::string older = read_all(site.path("ca.crl"));
    site.set("identity", "{ca: ca/ca.crt, crl: [ca.crl]}");
    Broker broker(site);
    ASSERT_EQ(connects(broker, ""), 0);
    revoke_certificate("principals/pico1/pico1.crt");
    write_list();
    ASSERT_TRUE(broker.logs("loaded the revocation list")) << broker.log();
    const std::string newest = read_all(site.path("ca.crl"));
    write_all(site.path("ca.crl"), older);
    EXPECT_TRUE(broker.logs("alert reload_failed: the former revocation list stays in force")) << broker.log();
    EXPECT_EQ(connects(broker, ""), not_authorised);
    broker.stop();
    EXPECT_NE(refused_start(site).find("not started: " + site.path("ca.crl") + ": the list was issued on "),
              std::string::npos);
    EXPECT_NE(check().find(site.path("ca.crl") + ": the list was issued on "), std::string::npos) << check();
    write_all(site.path("ca.crl"), newest);
    broker.start();
    EXPECT_EQ(connects(broker, ""), not_authorised);
}

TEST_F(Certificates, AreRefusedWhileTheListIsPastItsNextUpdate) {
    write_list(past);
    site.set("identity", "{ca: ca/ca.crt, crl: [ca.crl], crl_expired: refuse}");
    Broker broker(site);
    EXPECT_TRUE(
        broker.logs("ca.crl: no new list since 2020-01-02T00:00:00Z; certificates of its authority are refused"));
    EXPECT_EQ(connects(broker, ""), not_authorised);
    EXPECT_TRUE(broker.logs("refused connect: reason=revocation_stale"));
    write_list();
    EXPECT_TRUE(broker.logs("the revocation list is current again"));
    EXPECT_EQ(connects(broker, ""), 0);
}

TEST_F(Certificates, AreAcceptedWhileAStaleListStillCountsAndTheLogSaysSo) {
    write_list(
        "-crl_lastupdate $(date -u -d '2 days ago' +%Y%m%d%H%M%SZ) "
        "-crl_nextupdate $(date -u -d '1 day ago' +%Y%m%d%H%M%SZ)");
    site.set("identity", "{ca: ca/ca.crt, crl: [ca.crl], crl_expired: {warn_days: 3}}");
    Broker broker(site);
    EXPECT_TRUE(broker.logs("the old one counts until"));
    EXPECT_EQ(connects(broker, ""), 0);
}

TEST_F(Certificates, PreventTheStartWhenTheirListIsMissing) {
    site.set("identity", "{ca: ca/ca.crt, crl: [ca.crl]}");
    EXPECT_NE(refused_start(site).find("ca.crl: there is no such file"), std::string::npos);
}

}  // namespace
}  // namespace harness
