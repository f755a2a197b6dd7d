// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "admin/program.h"
#include "admin/site.h"

namespace reseal::admin {
namespace {

namespace fs = std::filesystem;

// A device makes its key and a request in its own folder.
class RenewTest : public ProgramTest {
  protected:
    RenewTest() { make_site(); }
    std::string request(const std::string& key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256",
                        const std::string& subject = "/CN=dev", const std::string& more = "") {
        const Outcome made = shell("openssl req -new -nodes " + key + " -keyout " + temp / "device.key" + " -subj '" +
                                   subject + "' " + more + " -out " + temp / "dev.csr");
        EXPECT_EQ(made.code, 0) << made.err;
        return temp / "dev.csr";
    }
    [[nodiscard]] std::string certificate() const { return principal_certificate(site, "dev"); }
    [[nodiscard]] int certificates() const {
        const std::string shown = run("show dev").out;
        int out = 0;
        for (std::size_t at = shown.find("SHA-256"); at != std::string::npos; at = shown.find("SHA-256", at + 1)) {
            ++out;
        }
        return out;
    }
};

TEST_F(RenewTest, AddSignsARequestAndThePrivateKeyStaysOnTheDevice) {
    const std::string csr = request("-newkey ec -pkeyopt ec_paramgen_curve:P-256", "/CN=dev",
                                    "-addext 'basicConstraints=critical,CA:TRUE' -addext 'subjectAltName=DNS:other'");
    const Outcome added = run("add dev --role wearable --csr " + csr);
    EXPECT_EQ(added.code, 0) << added.err;
    EXPECT_TRUE(contains(added.out, "private key: stays where it is"));
    EXPECT_FALSE(fs::exists(principal_key(site, "dev")));
    EXPECT_EQ(shell("openssl verify -purpose sslclient -CAfile " + site + "/ca/ca.crt " + certificate()).code, 0);
    EXPECT_EQ(shell("openssl x509 -noout -pubkey -in " + certificate()).out,
              shell("openssl pkey -pubout -in " + temp / "device.key").out);
    const std::string text = shell("openssl x509 -noout -text -in " + certificate()).out;
    EXPECT_TRUE(contains(text, "URI:urn:reseal:principal:dev"));
    EXPECT_TRUE(contains(text, "CA:FALSE")) << "nothing of the request but its key is taken over";
    EXPECT_FALSE(contains(text, "DNS:other"));
    expect_success("check");
}

// A certificate from a hospital's own authority, which is not part of the site.
class ForeignCertificateTest : public RenewTest {
  protected:
    ForeignCertificateTest() {
        issue("-newkey rsa:2048 -nodes -days 30 -subj /CN=Hospital", "ca.crt");
        issue("-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -set_serial 0x0a1b2c -subj /CN=dev",
              "first.crt");
        issue("-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -set_serial 0x0a1b2d -subj /CN=dev",
              "next.crt");
    }
    void issue(const std::string& options, const std::string& name) const {
        const Outcome made =
            shell("openssl req -x509 " + options + " -keyout " + temp / "foreign.key" + " -out " + temp / name);
        EXPECT_EQ(made.code, 0) << made.err;
    }
    void know_by_serial_number() {
        std::string settings = temp.read("site/reseal.yaml");
        const std::string by = "  by: fingerprint\n";
        settings.replace(settings.find(by), by.size(), "  by: serial_number\n  ca: " + temp / "ca.crt" + "\n");
        temp.write("site/reseal.yaml", settings);
    }
};

TEST_F(ForeignCertificateTest, IsRegisteredByItsHashWithoutItsPrivateKey) {
    const Outcome added = run("add dev --role wearable --certificate " + temp / "first.crt");
    EXPECT_EQ(added.code, 0) << added.err;
    EXPECT_TRUE(contains(added.out, "private key: stays where it is"));
    EXPECT_FALSE(fs::exists(principal_key(site, "dev")));
    EXPECT_EQ(temp.read("site/principals/dev/dev.crt"), temp.read("first.crt"));
    expect_success("renew dev --certificate " + temp / "next.crt");
    EXPECT_EQ(certificates(), 2);
    EXPECT_TRUE(contains(run("show dev").out, "certificate renewed by")) << run("show dev").out;
}

TEST_F(ForeignCertificateTest, IsRegisteredByItsSerialNumberWhereTheSettingsSaySo) {
    know_by_serial_number();
    expect_success("add dev --role wearable --certificate " + temp / "first.crt");
    expect_success("renew dev --certificate " + temp / "next.crt");
    const std::string shown = run("show dev").out;
    EXPECT_TRUE(contains(shown, "serial number 0a1b2c\n")) << shown;
    EXPECT_TRUE(contains(shown, "serial number 0a1b2d\n")) << shown;
    EXPECT_TRUE(contains(run("list --format csv").out, ",,0a1b2d,")) << "the one whose file is in its folder";
    EXPECT_TRUE(
        contains(run("add other --role wearable --certificate " + temp / "next.crt").err, "is already registered"));
}

TEST_F(ForeignCertificateTest, IsRefusedIfExpiredOrNotACertificate) {
    const Outcome made = shell("openssl x509 -in " + temp / "next.crt" + " -signkey " + temp / "foreign.key" +
                               " -days -1 -out " + temp / "old.crt");
    ASSERT_EQ(made.code, 0) << made.err;
    const Outcome old = run("add dev --role wearable --certificate " + temp / "old.crt");
    EXPECT_TRUE(contains(old.err, "old.crt: expired on ")) << old.err;
    const Outcome none = run("add dev --role wearable --certificate " + temp / "foreign.key");
    EXPECT_TRUE(contains(none.err, "must be a PEM certificate")) << none.err;
    EXPECT_NE(run("add dev --role wearable --days 3 --certificate " + temp / "next.crt").code, 0);
    EXPECT_FALSE(contains(run("list").out, "dev"));
}

TEST_F(RenewTest, RenewsWithAnOverlap) {
    expect_success("add dev --role wearable --days 30");
    const std::string before = temp.read("site/principals/dev/dev.crt");
    expect_success("renew dev --days 300 --by ann");
    EXPECT_NE(temp.read("site/principals/dev/dev.crt"), before);
    EXPECT_EQ(certificates(), 2) << "the old one stays valid";
    EXPECT_EQ(temp.mode("site/principals/dev/dev.key"), 0600U);
    EXPECT_EQ(shell("openssl x509 -noout -pubkey -in " + certificate()).out,
              shell("openssl pkey -pubout -in " + principal_key(site, "dev")).out);
    expect_success("renew dev --csr " + request());
    EXPECT_EQ(certificates(), 3);
    EXPECT_FALSE(fs::exists(principal_key(site, "dev"))) << "the older key belongs to an older certificate";
    EXPECT_FALSE(fs::exists(principals_folder(site) + "/.new"));
    EXPECT_TRUE(contains(run("show dev").out, "certificate renewed by ann\n"));
    expect_success("check");
}

TEST_F(RenewTest, AcceptsKeysOfEachSupportedKind) {
    expect_success("add dev --role wearable");
    for (const char* key : {"-newkey ec -pkeyopt ec_paramgen_curve:P-384", "-newkey rsa:2048"}) {
        expect_success("renew dev --csr " + request(key));
    }
}

TEST_F(RenewTest, RefusesARequestWithoutAValidProofAndSaysWhy) {
    const std::string remedy = "EC P-256 or P-384, or RSA of 2048 to 8192 bits";
    expect_failure("add dev --role wearable --csr " + request("-newkey rsa:1024"), remedy);
    expect_failure("add dev --role wearable --csr " + request("-newkey ec -pkeyopt ec_paramgen_curve:secp256k1"),
                   remedy);
    expect_failure("add dev --role wearable --csr " + request("-newkey ed25519"), remedy);
    const std::string good = "-newkey ec -pkeyopt ec_paramgen_curve:P-256";
    for (const char* subject : {"/CN=other", "/O=x/CN=dev", "/CN=dev/CN=other", "/O=dev"}) {
        expect_failure("add dev --role wearable --csr " + request(good, subject),
                       "is not for 'dev'; use a subject with only this common name");
    }
    temp.write("no.csr", "hello");
    expect_failure("add dev --role wearable --csr " + temp / "no.csr",
                   "no.csr: is not a certificate signing request; PEM");
    expect_failure("add dev --role wearable --csr " + temp / "missing", "missing: there is no such file");
    // A wrong signature: the last byte of the request is changed.
    const std::string changed =
        "openssl req -outform der -in " + request() + " | head -c -1 | cat - <(printf '\\x5a') | ";
    ASSERT_EQ(shell("bash -c \"" + changed + "openssl req -inform der -out " + temp / "bad.csr" + "\"").code, 0);
    expect_failure("add dev --role wearable --csr " + temp / "bad.csr", "is not signed by its own key");
    EXPECT_FALSE(contains(run("list").out, "dev"));
    EXPECT_FALSE(fs::exists(principals_folder(site) + "/dev"));
}

TEST_F(RenewTest, IsForPrincipalsThatMayStillConnect) {
    expect_failure("renew dev", "'dev' is not a principal in this registry");
    expect_failure("renew broker-storage", "needs no certificate");
    expect_success("add dev --role wearable");
    expect_failure("renew dev --days 0", "1 to 3650");
    expect_success("revoke dev");
    expect_failure("renew dev", "'dev' is revoked");
}

}  // namespace
}  // namespace reseal::admin
