// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "admin/program.h"
#include "keyring/raw_database.h"
#include "token/test_issuer.h"

namespace reseal::admin {
namespace {

namespace fs = std::filesystem;

// Runs `check` on a site after something in it was broken.
class CheckTest : public ProgramTest {
  protected:
    CheckTest() {
        make_site();
        expect_success("add dev --role wearable");
    }
    // Every problem is one line on standard output.
    void expect_problems(const std::vector<std::string>& said, const std::string& arguments = "check") const {
        const Outcome outcome = run(arguments);
        EXPECT_EQ(outcome.code, 1);
        EXPECT_EQ(static_cast<std::size_t>(std::count(outcome.out.begin(), outcome.out.end(), '\n')), said.size())
            << outcome.out;
        for (const std::string& part : said) {
            EXPECT_TRUE(contains(outcome.out, part)) << part << " in\n" << outcome.out;
        }
    }
    void sql(const std::string& statement) const { keyring::RawDatabase(site + "/registry.db").run(statement); }
};

TEST_F(CheckTest, SaysInOneLineThatNothingIsWrong) {
    const Outcome outcome = run("check");
    EXPECT_EQ(outcome.code, 0) << outcome.out;
    EXPECT_EQ(outcome.out, "OK: 2 principals, nothing wrong\n");
    EXPECT_TRUE(contains(outcome.err, "note: ")) << "roles that nobody has are no problem";
    EXPECT_TRUE(contains(outcome.err, "nobody has the role 'clinician'")) << outcome.err;
    EXPECT_TRUE(fs::is_empty(site + "/state")) << "it leaves nothing behind";
}

TEST_F(CheckTest, NotesThatACertificateAloneLetsAThiefIn) {
    const std::string said = "identity.require_key is not true";
    EXPECT_FALSE(contains(run("check").err, said));
    std::string settings = temp.read("site/reseal.yaml");
    settings.replace(settings.find("  require_key: true"), 19, "  require_key: false");
    temp.write("site/reseal.yaml", settings);
    const Outcome outcome = run("check");
    EXPECT_EQ(outcome.code, 0) << outcome.out;
    EXPECT_TRUE(contains(outcome.err, said)) << outcome.err;
}

// A dry run: what would become of the clients of each listener.
class CheckBrokerTest : public CheckTest {
  protected:
    CheckBrokerTest() {
        fs::create_directory(temp / "conf.d");
        temp.write("conf.d/90-tls.CONF", "listener 1\n");  // not one that the broker reads
        temp.write("conf.d/reseal.conf",
                   "listener 8883\ncertfile c\nrequire_certificate true\nplugin "
                   "/usr/lib/mosquitto/mosquitto_reseal.so\nplugin_opt_config " +
                       site + "/reseal.yaml\n");
        write_main("");
    }
    void write_main(const std::string& more) const {
        temp.write("mosquitto.conf", "user root\n" + more + "include_dir " + temp / "conf.d" + "\n");
    }
    std::string with_broker = "check --broker " + temp / "mosquitto.conf";
};

TEST_F(CheckBrokerTest, SaysWhoGetsInWhere) {
    const Outcome outcome = run(with_broker);
    EXPECT_EQ(outcome.code, 0) << outcome.out;
    EXPECT_EQ(outcome.out, "listener 8883: principals, by their certificate\nOK: 2 principals, nothing wrong\n");
}

TEST_F(CheckBrokerTest, SaysWhatWouldGoWrongAndWhere) {
    write_main("listener 1883\nmount_point a/\nplugin /usr/lib/dynsec.so\n");
    const Outcome outcome = run(with_broker);
    EXPECT_EQ(outcome.code, 1);
    EXPECT_TRUE(contains(outcome.out, "listener 1883: nobody\n")) << outcome.out;
    EXPECT_TRUE(contains(outcome.out, "mosquitto.conf:3: mount_point: the broker puts it before")) << outcome.out;
    EXPECT_TRUE(contains(outcome.out, "mosquitto.conf:4: plugin: the broker asks this plugin before Reseal"))
        << outcome.out;
    EXPECT_TRUE(contains(outcome.err, "mosquitto.conf:2: listener: it has no TLS")) << outcome.err;
}

TEST_F(CheckBrokerTest, SaysIfTheBrokerWorksAsAnotherUserThanItsFilesHave) {
    if (::getuid() != 0) {
        GTEST_SKIP() << "the broker of anybody but root works as they do";
    }
    temp.write("mosquitto.conf", "user mosquitto\ninclude_dir " + temp / "conf.d" + "\n");
    expect_problems(
        {"listener 8883", "registry.db: belongs to another user than 'mosquitto', as whom the broker works"},
        with_broker);
    temp.write("mosquitto.conf", "user nobody-at-all\ninclude_dir " + temp / "conf.d" + "\n");
    expect_problems({"listener 8883", "user: the broker works as 'nobody-at-all', who is not a user of this host"},
                    with_broker);
}

TEST_F(CheckBrokerTest, SaysWhatCannotBeRead) {
    expect_problems({"mosquitto.con: "}, "check --broker " + temp / "mosquitto.con");
    temp.write("mosquitto.conf", "include_dir /nowhere\n");
    expect_problems({"/nowhere: the folder cannot be read: "}, with_broker);
}

TEST_F(CheckTest, SeesAMasterKeyThatOthersMayRead) {
    temp.mode("site/master.key", 0640);
    expect_problems({"master.key: has mode 0640: users other than its owner may use it; chmod 600 " + site});
}

TEST_F(CheckTest, SeesThatTheMasterKeyBelongsToAnotherRegistry) {
    temp.write("site/master.key", std::string(32, 'k'));
    expect_problems({"of broker-storage does not open", "of dev does not open"});
}

TEST_F(CheckTest, SeesARegistryOfAnotherVersion) {
    sql("PRAGMA user_version = 99");
    expect_problems({"is a registry of version 99, this program needs version 5"});
}

TEST_F(CheckTest, SeesARegistryWithoutAStorageKey) {
    sql("UPDATE principal SET storage = 0");
    expect_problems({"has no storage key of the broker"});
}

TEST_F(CheckTest, SeesARoleThatTheAclDoesNotKnow) {
    EXPECT_EQ(shell("sed -i 's/wearable/waerable/' " + site + "/acl.yaml").code, 0);
    expect_problems(
        {"acl.yaml: roles: there is no role 'wearable', but dev has it in the registry; did you mean 'waerable'?"});
}

TEST_F(CheckTest, SeesRightsThatOthersMayWrite) {
    EXPECT_EQ(shell("chmod g+w " + site + "/acl.yaml && chmod o+w " + site + "/reseal.yaml").code, 0);
    expect_problems({"reseal.yaml: others than its owner may write it; chmod go-w " + site + "/reseal.yaml",
                     "acl.yaml: others than its owner may write it; chmod go-w " + site + "/acl.yaml"});
}

TEST_F(CheckTest, SeesKeysThatDoNotBelongToTheirCertificates) {
    EXPECT_EQ(shell("cp " + site + "/broker/broker.key " + site + "/ca/ca.key").code, 0);
    EXPECT_EQ(shell("echo junk >" + site + "/broker/broker.key").code, 0);
    expect_problems({"ca/ca.key: does not belong to " + site + "/ca/ca.crt; restore both",
                     "broker/broker.key: holds no private key without a passphrase; it must be a PEM private key"});
    EXPECT_EQ(shell("rm " + site + "/ca/ca.crt && echo junk >" + site + "/broker/broker.crt").code, 0);
    expect_problems(
        {"ca/ca.crt: there is no such file", "broker/broker.crt: holds no certificate; it must be a PEM certificate"});
}

TEST_F(CheckTest, SeesAnAuthorityAndARevocationListThatCannotBeRead) {
    EXPECT_EQ(shell("sed -i 's/^  by: .*/  ca: no.crt/' " + site + "/reseal.yaml").code, 0);
    expect_problems({"no.crt: there is no such file"});
    EXPECT_EQ(shell("sed -i 's/^  ca: .*/  ca: ca\\/ca.crt\\n  crl: [master.key]/' " + site + "/reseal.yaml").code, 0);
    expect_problems({"master.key: "});
}

TEST_F(CheckTest, SeesAPrincipalInTheAclThatIsNotInTheRegistry) {
    temp.write("site/acl.yaml",
               "version: 1\nroles:\n  wearable:\n    publish: [\"a\"]\nprincipals:\n  nobody:\n"
               "    publish: [\"b\"]\n");
    expect_problems({"acl.yaml:6: principals.nobody: the registry has no principal of this name"});
    expect_success("add monitor --role wearable");
    temp.write("site/acl.yaml",
               "version: 1\nroles: {wearable: {publish: [a]}}\nprincipals: {moniter: {publish: [b]}}\n");
    expect_problems(
        {"acl.yaml:3: principals.moniter: the registry has no principal of this name that is not revoked; did you mean "
         "'monitor'? Or add it"});
}

TEST_F(CheckTest, WarnsOfRulesWithoutAnEffect) {
    temp.write("site/acl.yaml",
               "version: 1\nroles:\n  wearable:\n    publish:\n      - ward/{id}/#\n      - ward/{id}/pulse\n"
               "      - {topic: old, expires: 2020-01-01T00:00:00Z}\n      - secret/x\n    deny:\n"
               "      publish: [secret/+]\n  wearabel: {publish: [a]}\n");
    const Outcome outcome = run("check");
    EXPECT_EQ(outcome.code, 0) << outcome.out;
    for (const char* note :
         {"acl.yaml:6: roles.wearable.publish[1]: it changes nothing: roles.wearable.publish[0] in line 5 covers it",
          "acl.yaml:7: roles.wearable.publish[2]: nobody can use it: it has expired\n",
          "acl.yaml:8: roles.wearable.publish[3]: nobody can use it: roles.wearable.deny.publish[0] in line 10 denies "
          "it",
          "acl.yaml:11: nobody has the role 'wearabel'\n"}) {
        EXPECT_TRUE(contains(outcome.err, note)) << note << " in\n" << outcome.err;
    }
}

TEST_F(CheckTest, SeesAStateFolderThatIsAFileOrOpenToOthers) {
    temp.mode("site/state", 0755);
    expect_problems({"state: is open to users other than its owner; chmod 700 " + site + "/state"});
    fs::remove(site + "/state");
    temp.write("site/state", "");
    expect_problems({"state: is not a folder"});
}

TEST_F(CheckTest, SeesAnAclThatCannotBeParsedAndContinues) {
    temp.write("site/acl.yaml", "version: 1\nrolls: {}\n");
    temp.mode("site/broker/broker.key", 0644);
    expect_problems({"acl.yaml:2: ", "broker.key: has mode 0644"});
}

TEST_F(CheckTest, SeesSettingsThatCannotBeParsed) {
    temp.write("elsewhere.yaml", "version: 1\nregister: x\n");
    expect_problems({"elsewhere.yaml:2: "}, "check --config " + temp / "elsewhere.yaml");
}

TEST_F(CheckTest, SeesWhatIsWrongWithTokens) {
    const std::string settings = temp.read("site/reseal.yaml");
    const std::string tokens =
        "tokens:\n  issuer: https://login.example\n  audience: reseal\n  keys: jwks.json\n  scopes:\n    read: ";
    temp.write("site/reseal.yaml", tokens + "[clinician]\n" + settings);
    expect_problems({"jwks.json: "});
    temp.write("site/jwks.json", token::test::jwks({token::test::TestKey::p256("2026")}));
    const Outcome outcome = run("check");
    EXPECT_EQ(outcome.code, 0) << outcome.out;
    EXPECT_FALSE(contains(outcome.err, "nobody has the role 'clinician'")) << "a token may give it";
    temp.write("site/reseal.yaml", tokens + "[clinican]\n" + settings);
    expect_problems({"reseal.yaml:6: tokens.scopes.read: there is no role 'clinican' in " + site +
                     "/acl.yaml; did you mean 'clinician'?"});
}

TEST_F(CheckTest, SeesFilesOfAPrincipalThatBelongToAnother) {
    expect_success("add other --role wearable");
    temp.write("site/principals/dev/dev.crt", temp.read("site/principals/other/other.crt"));
    temp.mode("site/principals/dev/dev.key", 0604);
    expect_problems({"dev.crt: is not the certificate that is registered for dev", "dev.key: has mode 0604"});
    fs::remove_all(site + "/principals/dev");  // moved to the device, as it should be
    expect_success("check");
}

TEST_F(CheckTest, SeesACertificateThatExpiresSoon) {
    expect_success("add brief --role wearable --days 29");
    expect_problems({"brief.crt: expires on 2"});
}

TEST_F(CheckTest, SeesAFileThatTheBrokersUserDoesNotOwn) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root, to give files away";
    }
    ASSERT_EQ(::chown((site + "/state").c_str(), 65534, 65534), 0);
    expect_problems({"state: belongs to a different user than " + site + "/registry.db; chown --reference="});
}

}  // namespace
}  // namespace reseal::admin
