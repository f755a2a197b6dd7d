// SPDX-License-Identifier: Apache-2.0
// How the tools begin, and how they reach a broker.
#include <sys/stat.h>

#include "tools/credentials.h"
#include "tools/hex.h"
#include "tools/pre_shared_key.h"
#include "tools/test_tools.h"

namespace reseal::tools {
namespace {

using testing::Broker;
using testing::contains;
using testing::OtherEnd;
using testing::Outcome;
using testing::run;
using testing::ToolsTest;
using testing::Words;

TEST_F(ToolsTest, PrintTheUsageAndFailWithoutArguments) {
    for (const char* name : {"reseal-pub", "reseal-sub", "reseal-sim"}) {
        const Outcome bare = run({RESEAL_TOOLS_FOLDER "/" + std::string(name)});
        EXPECT_EQ(bare.status, 2);
        EXPECT_EQ(bare.out, "");
        EXPECT_TRUE(contains(bare.err, "Usage:")) << bare.err;
        const Outcome help = run({RESEAL_TOOLS_FOLDER "/" + std::string(name), "--help"});
        EXPECT_EQ(help.status, 0);
        EXPECT_TRUE(contains(help.out, "Usage:")) << help.out;
        EXPECT_EQ(help.err, "");
    }
}

TEST_F(ToolsTest, FailWithOneLineWhenNobodyListens) {
    for (const char* name : {"reseal-pub", "reseal-sub"}) {
        Words words = offline(name, {"-p", "1", "-t", "a"});
        if (std::string(name) == "reseal-pub") {
            words.emplace_back("-n");
        }
        const Outcome outcome = run(words);
        EXPECT_EQ(outcome.status, 1);
        EXPECT_EQ(outcome.err, std::string(name) + ": cannot connect to localhost:1: Connection refused\n");
    }
}

TEST_F(ToolsTest, SimNamesWhatWentWrongInItsLastLine) {
    const Outcome outcome = run(offline("reseal-sim", {"-h", "127.0.0.1", "-p", "1"}));
    EXPECT_EQ(outcome.status, 1);
    const std::string last = "reseal-sim: cannot connect to 127.0.0.1:1: Connection refused\n";
    EXPECT_TRUE(outcome.err.ends_with(last)) << outcome.err;
}

// Certificates of a test authority, made by openssl: ca, server (localhost) and device (iot_dev_01).
class TlsTest : public ToolsTest {
  protected:
    [[nodiscard]] std::string certificate(const std::string& name, const std::string& subject,
                                          const Words& more) const {
        Words words = {"openssl",
                       "req",
                       "-x509",
                       "-newkey",
                       "ec",
                       "-pkeyopt",
                       "ec_paramgen_curve:P-256",
                       "-nodes",
                       "-days",
                       "2",
                       "-subj",
                       "/CN=" + subject,
                       "-addext",
                       "subjectAltName=DNS:localhost",
                       "-keyout",
                       folder_.path(name + ".key"),
                       "-out",
                       folder_.path(name + ".pem")};
        words.insert(words.end(), more.begin(), more.end());
        const Outcome outcome = run(words);
        EXPECT_EQ(outcome.status, 0) << outcome.err;
        return folder_.path(name + ".pem");
    }

    [[nodiscard]] Words by_ca() const { return {"-CA", ca_, "-CAkey", folder_.path("ca.key")}; }

    [[nodiscard]] Words tool(const std::string& name, const Words& more) const {
        Words words = offline(name, {"-p", broker_.port()});
        words.insert(words.end(), more.begin(), more.end());
        return words;
    }

    std::string ca_ = certificate("ca", "test authority", {});
    std::string server_ = certificate("server", "localhost", by_ca());
    std::string device_ = certificate("device", "iot_dev_01", by_ca());
    Broker broker_{folder_, "allow_anonymous true\ncafile " + ca_ + "\ncertfile " + server_ + "\nkeyfile " +
                                folder_.path("server.key") + "\nrequire_certificate true\n" +
                                "use_identity_as_username true\n"};
};

TEST_F(TlsTest, SubConnectsWithTheCertificateAloneIfAsked) {
    const Words tls = {"--cafile", ca_, "--cert", device_, "--key", folder_.path("device.key")};
    // A burst: none of it may stay in OpenSSL's buffer.
    OtherEnd broker;
    for (int i = 0; i < 30; ++i) {
        const std::string topic = "ward/" + std::to_string(i);
        Words feed = {"mosquitto_pub", "-h", "localhost", "-p", broker_.port(), "-r", "-t", topic, "-s"};
        feed.insert(feed.end(), tls.begin(), tls.end());
        const Outcome outcome = run(feed, broker.seal(topic, "x"));
        ASSERT_EQ(outcome.status, 0) << outcome.err;
    }
    const std::string state = folder_.path("untouched");
    Words words = tool("reseal-sub", {"-t", "ward/#", "-C", "30", "-W", "20", "-N", "--state", state, "--cert-only"});
    words.insert(words.end(), tls.begin(), tls.end());
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.out, std::string(30, 'x')) << outcome.err;
    struct stat about {};
    EXPECT_NE(stat(state.c_str(), &about), 0) << "the epoch was raised though nothing was sealed";
}

TEST_F(TlsTest, PubSucceedsOnceTheBrokerAcknowledges) {
    for (const char* qos : {"0", "1", "2"}) {
        for (const char* version : {"5", "311"}) {
            const Outcome outcome =
                run(tool("reseal-pub", {"-t", "a", "-m", "x", "-q", qos, "-V", version, "--cafile", ca_, "--cert",
                                        device_, "--key", folder_.path("device.key")}));
            EXPECT_EQ(outcome.status, 0) << outcome.err;
            EXPECT_EQ(outcome.err, "");
        }
    }
}

TEST_F(TlsTest, SimCompletesTheHandshakeWithoutBlocking) {
    const Outcome outcome = run(tool("reseal-sim", {"--cafile", ca_, "--cert", device_, "--key",
                                                    folder_.path("device.key"), "--rate", "500", "--count", "100"}));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_TRUE(contains(outcome.err, "100 acknowledged, 0 refused, 0 dropped, 0 left")) << outcome.err;
}

TEST_F(TlsTest, PubRefusesABrokerFromAnotherAuthority) {
    const std::string stranger = certificate("stranger", "another authority", {});
    const Outcome outcome = run(tool(
        "reseal-pub", {"-t", "a", "-n", "--cafile", stranger, "--cert", device_, "--key", folder_.path("device.key")}));
    EXPECT_EQ(outcome.status, 1);
    EXPECT_TRUE(contains(outcome.err, "certificate verify failed")) << outcome.err;
}

// A broker that knows the key from the sample credentials and accepts nobody without it.
class PskTest : public ToolsTest {
  protected:
    [[nodiscard]] static std::string known_key() {
        const auto credentials = Credentials::parse(testing::sample_credentials_text(), "sample");
        const auto psk = PreSharedKey::derive(credentials->expose());
        return std::string(psk->expose().identity) + ':' + hex(psk->expose().key) + "\n";
    }

    Broker broker_{folder_,
                   "allow_anonymous true\npsk_hint reseal\npsk_file " + folder_.write("psk", known_key()) + "\n"};
};

TEST_F(PskTest, PubConnectsWithTheKeyFromItsCredentials) {
    const Words psk = {"--psk", "-h", "127.0.0.1", "-p", broker_.port()};
    Words words = offline("reseal-pub", {"-t", "ward/psk", "-m", "x", "-r"});
    words.insert(words.end(), psk.begin(), psk.end());
    const Outcome outcome = run(words);
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    words = offline("reseal-pub", {"-t", "ward/psk", "-m", "x", "-h", "127.0.0.1", "-p", broker_.port()});
    EXPECT_NE(run(words).status, 0) << "without it nobody gets in";
}

TEST_F(PskTest, PubDoesNotConnectWithAnotherKey) {
    std::string other = testing::sample_credentials_text();
    const std::size_t secret = other.find("master_secret") + 17;
    other[secret] = other[secret] == '0' ? '1' : '0';
    const Outcome outcome = run({RESEAL_TOOLS_FOLDER "/reseal-pub", "--credentials", folder_.write("other.json", other),
                                 "--psk", "-h", "127.0.0.1", "-p", broker_.port(), "-t", "ward/psk", "-m", "x"});
    EXPECT_NE(outcome.status, 0);
}

}  // namespace
}  // namespace reseal::tools
