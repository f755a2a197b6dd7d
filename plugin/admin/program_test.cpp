// SPDX-License-Identifier: Apache-2.0
#include "admin/program.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <map>
#include <nlohmann/json.hpp>

#include "admin/site.h"
#include "keyring/child_process.h"

namespace reseal::admin {
namespace {

namespace fs = std::filesystem;

TEST_F(ProgramTest, ShowsItsUsageAndExitsWith2) {
    for (const char* arguments : {"", "unknown", "add", "add dev", "init", "export dev", "export dev --format xml",
                                  "add dev --role r --days many", "list --nonsense"}) {
        expect_misuse(arguments);
    }
    EXPECT_EQ(run("--help").code, 0);
}

TEST_F(ProgramTest, NamesTheUnknownWordAndTheKnownOnes) {
    EXPECT_TRUE(contains(run("revok dev").err, "'revok' is not a command; did you mean 'revoke'?"));
    EXPECT_TRUE(contains(run("bogus").err, "'bogus' is not a command; the commands are init, migrate, add, renew"));
    EXPECT_TRUE(contains(run("").err, "a command is missing; the commands are init, migrate, add"));
    EXPECT_TRUE(contains(run("audit verfy").err, "'verfy' is not a command; did you mean 'verify'?"));
    EXPECT_TRUE(
        contains(run("list --fromat csv").err, "'--fromat' is not an option of 'list'; did you mean '--format'?"));
    EXPECT_TRUE(contains(run("--dirr x list").err, "'--dirr' is not an option of 'list'; did you mean '--dir'?"));
    EXPECT_TRUE(contains(run("add dev --role r --days many").err, "--days = many; write a whole number"));
}

TEST_F(ProgramTest, SaysHowToNameTheSiteIfThereIsNone) {
    expect_failure("list", "reseal.yaml: there is no such file; name the site's folder, as in --dir");
}

TEST_F(ProgramTest, AddLeavesALineInTheHistory) {
    make_site();
    expect_success("add dev --role wearable --by alice");
    EXPECT_TRUE(contains(run("show dev").out, "  added by alice\n"));
    expect_failure("add other --role wearable --by \"$(printf 'a\\nb')\"", "--by: it has control characters");
}

TEST_F(ProgramTest, InitMakesASiteWhoseSecretsOnlyItsOwnerReads) {
    make_site();
    const std::map<std::string, unsigned> modes{{"", 0755},          {"master.key", 0600},        {"registry.db", 0600},
                                                {"ca/ca.key", 0600}, {"broker/broker.key", 0600}, {"ca/ca.crt", 0644},
                                                {"state", 0700},     {"principals", 0700}};
    for (const auto& [name, mode] : modes) {
        EXPECT_EQ(temp.mode("site/" + name), mode) << name;
    }
    EXPECT_EQ(temp.read("site/master.key").size(), 32U);
    EXPECT_TRUE(contains(run("list").out, "broker-storage"));
}

TEST_F(ProgramTest, InitNamesTheBrokersHostsInItsCertificate) {
    expect_success("init " + site + " --host broker.example --host 10.1.2.3");
    const std::string text = shell("openssl x509 -noout -ext subjectAltName -in " + site + "/broker/broker.crt").out;
    for (const char* name : {"DNS:localhost", "IP Address:127.0.0.1", "IP Address:0:0:0:0:0:0:0:1",
                             "DNS:broker.example", "IP Address:10.1.2.3"}) {
        EXPECT_TRUE(contains(text, name)) << name << " in " << text;
    }
}

TEST_F(ProgramTest, InitLeavesANonEmptyFolderAlone) {
    make_site();
    const std::string key = temp.read("site/master.key");
    expect_failure("init " + site, "already holds a registry");
    EXPECT_EQ(temp.read("site/master.key"), key);
    fs::create_directories(temp / "full/x");
    expect_failure("init " + temp / "full", "is not an empty folder");
    fs::create_directories(temp / "empty");
    expect_success("init " + temp / "empty/");
}

TEST_F(ProgramTest, InitLeavesNothingBehindWhenItFails) {
    expect_failure("init " + site + " --config-from " + temp / "missing", "missing/reseal.yaml");
    expect_failure("init " + site + " --host 'a b'", "'a b' is not a host");
    expect_failure("init " + site + " --user no-such-user", "is not a user of this host");
    EXPECT_FALSE(fs::exists(site));
    for (const auto& entry : fs::directory_iterator(temp.path())) {
        EXPECT_FALSE(entry.is_directory()) << entry.path();
    }
}

TEST_F(ProgramTest, InitGivesTheBrokersUserWhatItNeedsAndNoMore) {
    without_search_for_leaks();
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root, to give files away";
    }
    temp.mode("", 0755);
    expect_success("init " + site + " --user nobody");
    for (const char* path : {"registry.db", "master.key", "state", "broker/broker.key"}) {
        EXPECT_EQ(owner_of(path), keyring::nobody) << path;
    }
    for (const char* path : {"", "ca/ca.key", "principals", "reseal.yaml", "acl.yaml"}) {
        EXPECT_EQ(owner_of(path), 0U) << path;
    }
    expect_success("add dev --role wearable");  // as root: the registry still belongs to the broker's user
    expect_success("check");
}

TEST_F(ProgramTest, AddIssuesACertificateOfTheAuthority) {
    make_site();
    expect_success("add --role wearable iot_dev_01 --role auditor --days 30");
    const std::string stem = site + "/principals/iot_dev_01/iot_dev_01";
    EXPECT_EQ(temp.mode("site/principals/iot_dev_01/iot_dev_01.key"), 0600U);
    const std::string authority = site + "/ca/ca.crt ";
    EXPECT_EQ(shell("openssl verify -purpose sslclient -CAfile " + authority + stem + ".crt").code, 0);
    EXPECT_EQ(shell("openssl verify -purpose sslserver -CAfile " + authority + site + "/broker/broker.crt").code, 0);
    EXPECT_NE(shell("openssl verify -purpose sslserver -CAfile " + authority + stem + ".crt").code, 0);
    const std::string text = shell("openssl x509 -noout -subject -ext subjectAltName -in " + stem + ".crt").out;
    EXPECT_TRUE(contains(text, "CN = iot_dev_01")) << text;
    EXPECT_TRUE(contains(text, "URI:urn:reseal:principal:iot_dev_01")) << text;
    const std::string from_key = shell("openssl pkey -pubout -in " + stem + ".key").out;
    EXPECT_EQ(shell("openssl x509 -noout -pubkey -in " + stem + ".crt").out, from_key);
}

TEST_F(ProgramTest, AddRefusesTakenAndInvalidNames) {
    make_site();
    expect_success("add dev --role wearable");
    expect_failure("add dev --role wearable", "is already registered");
    expect_success("revoke dev");
    expect_failure("add dev --role wearable", "is registered, but revoked");
    for (const char* name : {"..", ".hidden", "a/b", "'a b'", "''"}) {
        expect_failure(std::string("add --role wearable ") + name, "is not a valid principal name");
    }
    expect_failure("add dev2 --role 'a b'", "is not a valid role name");
    expect_failure("add dev2 --role wearable --days 0", "1 to 3650");
    expect_failure("add dev2 --role wearable --algorithm A192GCM", "AES-CCM-16-128-128 (30)");
    EXPECT_TRUE(fs::exists(site + "/registry.db"));
    EXPECT_FALSE(fs::exists(site + "/principals/dev2"));
}

TEST_F(ProgramTest, AddRefusesAMisspeltRoleAndWarnsOfAnUnknownOne) {
    make_site();
    expect_failure("add dev --role waerable",
                   "acl.yaml: there is no role 'waerable'; did you mean 'wearable'? Its roles: ");
    expect_failure("add dev --role waerable",
                   "dashboard, display, legacy-monitor, wearable; or write the role there first");
    expect_failure("show dev", "no principal is called");
    EXPECT_FALSE(fs::exists(site + "/principals/dev"));
    const Outcome outcome = run("add dev --role porter");
    EXPECT_EQ(outcome.code, 0);
    EXPECT_TRUE(contains(outcome.err, "has no role 'porter', so that role grants nothing; its roles: ")) << outcome.err;
    EXPECT_TRUE(run("add other --role wearable").err.empty());
}

TEST_F(ProgramTest, RolesAreAddedAndRemovedAndNeverAllOfThem) {
    make_site();
    expect_success("add dev --role wearable");
    EXPECT_EQ(run("roles dev --add display --add dashboard --remove wearable --why moved").out,
              "roles of dev: dashboard display\n");
    EXPECT_TRUE(contains(run("show dev").out, "roles changed to dashboard display")) << run("show dev").out;
    expect_failure("roles dev --add displya", "did you mean 'display'?");
    expect_failure("roles dev --remove wearable", "'dev' does not have the role 'wearable'");
    expect_failure("roles dev --remove display --remove dashboard", "it would have no role left");
    expect_failure("roles dev", "neither --add nor --remove is there");
    expect_failure("roles ghost --add display", "no principal is called 'ghost'");
    expect_success("revoke dev");
    expect_failure("roles dev --add wearable", "is already revoked");
}

TEST_F(ProgramTest, ARevocationIsTakenBackWithWhatFellWithIt) {
    make_site();
    expect_success("add dev --role wearable");
    const std::string before = run("show dev").out;
    expect_failure("reinstate dev", "is not revoked");
    expect_success("revoke dev --reason 'the wrong one'");
    EXPECT_TRUE(contains(run("reinstate dev --why 'it was dev2'").out, "reinstated dev"));
    EXPECT_TRUE(contains(run("list --state active").out, "dev "));
    const std::string after = run("show dev").out;
    EXPECT_EQ(after.substr(0, after.find("history")), before.substr(0, before.find("history"))) << after;
    expect_success("decommission dev --why lost");
    expect_failure("reinstate dev", "is decommissioned");
}

TEST_F(ProgramTest, OneCertificateIsRevokedAndTheOthersStay) {
    make_site();
    expect_success("add dev --role wearable");
    const std::string shown = run("show dev").out;
    const std::string sha256 = shown.substr(shown.find("SHA-256 ") + 8, 64);
    expect_success("renew dev");
    EXPECT_FALSE(contains(run("revoke dev --certificate " + sha256).out, "no other certificate"));
    EXPECT_TRUE(contains(run("show dev").out, sha256 + ", revoked")) << run("show dev").out;
    expect_failure("revoke dev --certificate " + sha256,
                   "has no certificate of this fingerprint or serial number in force");
    expect_failure("revoke dev --certificate zz", "is not a SHA-256 or a serial number in hex");
    const std::string list = run("list --format csv --role wearable").out;
    const std::string other = list.substr(list.find("active,") + 7, 64);
    EXPECT_TRUE(contains(run("revoke dev --certificate " + other).out, "'renew dev' makes one")) << other;
    // Taking a revocation back does not bring back what was revoked by itself.
    expect_success("revoke dev");
    expect_success("reinstate dev");
    EXPECT_TRUE(contains(run("show dev").out, sha256 + ", revoked"));
}

TEST_F(ProgramTest, ListShowsOnlyWhatIsAskedFor) {
    make_site();
    expect_success("add dev --role wearable --owner ward-a");
    expect_success("add screen --role display");
    expect_success("revoke screen");
    EXPECT_FALSE(contains(run("list --role wearable").out, "screen"));
    EXPECT_TRUE(contains(run("list --owner ward-a").out, "dev "));
    EXPECT_FALSE(contains(run("list --state revoked").out, "dev "));
    EXPECT_FALSE(contains(run("list --state active --role display").out, "screen"));
    expect_misuse("list --state gone");
}

TEST_F(ProgramTest, WhoNamesEveryPrincipalWithARightAndItsRule) {
    make_site();
    expect_success("add pico1 --role wearable");
    expect_success("add screen --role dashboard");
    expect_success("add lost --role dashboard");
    expect_success("revoke lost");
    const std::string out = run("who ward/pico1/vitals/pulse").out;
    EXPECT_TRUE(contains(out, "publish pico1")) << out;
    EXPECT_TRUE(contains(out, "acl.yaml:")) << out;
    EXPECT_TRUE(contains(out, "subscribe screen")) << out;
    EXPECT_TRUE(contains(out, "deliver screen")) << out;
    EXPECT_FALSE(contains(out, "lost")) << out;
    EXPECT_TRUE(contains(run("who nowhere/at/all").out, "publish nobody"));
    expect_failure("who ward/#", "is not an MQTT topic name");
}

TEST_F(ProgramTest, AddCanBeRepeatedAfterAKillAtAnyInstant) {
    make_site();
    for (int kill = 0; kill < 12; ++kill) {
        const std::string id = std::string("dev").append(std::to_string(kill));
        kill_add_after(kill * 2500, id);
        if (run("show " + id).code != 0) {
            expect_success("add --role wearable " + id);
        }
        EXPECT_TRUE(fs::exists(principal_key(site, id)));
        expect_success("export --format json " + id);
    }
    expect_success("check");
}

TEST_F(ProgramTest, ListHasMachineReadableForms) {
    make_site();
    expect_success("add dev --role wearable --role auditor --algorithm A256GCM");
    const auto all = nlohmann::json::parse(run("list --format json").out);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0]["principal"], "broker-storage");
    EXPECT_TRUE(all[0]["certificate_sha256"].is_null());
    EXPECT_EQ(all[1]["roles"], (std::vector<std::string>{"auditor", "wearable"}));
    EXPECT_EQ(all[1]["algorithm"], "A256GCM");
    const std::string fingerprint = all[1]["certificate_sha256"];
    EXPECT_EQ(fingerprint.size(), 64U);
    const std::string csv = run("list --format csv").out;
    EXPECT_TRUE(csv.starts_with(
        "principal,roles,owner,algorithm,state,certificate_sha256,certificate_serial,certificate_expires\r\n"))
        << csv;
    EXPECT_TRUE(contains(csv, "\r\ndev,\"auditor,wearable\",,A256GCM,active," + fingerprint + ",")) << csv;
}

constexpr const char* publish_budget = "  within budgets.principal: 2000 messages and 16777216 bytes a second\n";
constexpr const char* subscribe_budget = "  within budgets.principal: 1000 filters for each client\n";

TEST_F(ProgramTest, ExplainNamesTheRuleThatDecides) {
    make_site();
    expect_success("add dev --role wearable");
    temp.write("site/acl.yaml",
               "version: 1\nroles:\n  wearable:\n    publish: [\"ward/{id}/vitals/+\"]\n    subscribe: "
               "[\"commands/{id}/#\"]\n");
    const Outcome yes = run("explain dev publish ward/dev/vitals/pulse");
    EXPECT_EQ(yes.code, 0);
    EXPECT_EQ(yes.out, "yes, sealed\n  " + temp / "site/acl.yaml" +
                           ":4: roles.wearable.publish[0]: ward/dev/vitals/+\n" + publish_budget);
    const Outcome no = run("explain dev publish ward/other/vitals/pulse");
    EXPECT_EQ(no.code, 1);
    EXPECT_TRUE(contains(no.out, "no: publish_not_allowed: No rule lets the principal publish under this topic\n  "))
        << no.out;
    EXPECT_TRUE(contains(no.out, "acl.yaml:4: roles.wearable.publish[0]: ward/dev/vitals/+\n")) << no.out;
    EXPECT_EQ(run("explain dev subscribe 'commands/dev/+'").code, 0);
    EXPECT_EQ(run("explain dev subscribe '$share/group/commands/dev/+'").code, 0);
    EXPECT_EQ(run("explain dev subscribe 'commands/#'").code, 1);
    EXPECT_EQ(run("explain dev deliver commands/dev/rate").code, 0);
    EXPECT_EQ(run("explain dev deliver ward/dev/vitals/pulse").code, 1);
}

TEST_F(ProgramTest, ExplainNamesDenialsLimitsAndWhatBlocksAFilter) {
    make_site();
    expect_success("add dev --role wearable");
    temp.write("site/acl.yaml",
               "version: 1\nroles:\n  wearable:\n    publish: [{topic: \"w/{ward}/#\", qos: 1, retain: false}]\n"
               "    subscribe: [\"{role}/#\"]\n    deny: {publish: [\"w/+/dose\"], subscribe: [\"wearable/x\"]}\n"
               "principals:\n  dev: {attributes: {ward: icu}}\n");
    const std::string acl = temp / "site/acl.yaml";
    EXPECT_EQ(run("explain dev publish w/icu/pulse").out, "yes, sealed; up to QoS 1; not retained\n  " + acl +
                                                              ":4: roles.wearable.publish[0]: w/icu/#\n" +
                                                              publish_budget);
    EXPECT_EQ(run("explain dev publish w/icu/dose").out,
              "no: denied: A rule under deny forbids it\n  " + acl + ":6: roles.wearable.deny.publish[0]: w/+/dose\n");
    EXPECT_EQ(run("explain dev subscribe 'wearable/+'").out,
              "no: filter_too_wide: The filter also matches topics that the principal may not read\n  " + acl +
                  ":6: roles.wearable.deny.subscribe[0]: wearable/x\n");
    EXPECT_EQ(run("explain dev subscribe 'wearable/y'").out,
              "yes, sealed\n  " + acl + ":5: roles.wearable.subscribe[0]: wearable/#\n" + subscribe_budget);
}

TEST_F(ProgramTest, ExplainDistinguishesNoFromAnError) {
    make_site();
    expect_success("add dev --role wearable");
    EXPECT_EQ(run("explain nobody publish ward/dev/pulse").code, 2);
    EXPECT_EQ(run("explain dev publish 'ward/+'").code, 2);
    EXPECT_EQ(run("explain dev read ward/dev/pulse").code, 2);
    expect_success("revoke dev --reason lost");
    const Outcome revoked = run("explain dev publish ward/dev/vitals/pulse");
    EXPECT_EQ(revoked.code, 1);
    EXPECT_EQ(revoked.out, "no: principal_revoked: The principal is revoked\n");
}

TEST_F(ProgramTest, ListAndShowPrintEverythingButSecrets) {
    make_site();
    expect_success("add dev --role wearable --role auditor --algorithm A256GCM");
    const auto exported = nlohmann::json::parse(run("export dev --format json").out);
    const std::string listed = run("list").out;
    const std::string shown = run("show dev").out;
    for (const std::string& text : {listed, shown}) {
        for (const char* part : {"dev", "auditor,wearable", "A256GCM", "active"}) {
            EXPECT_TRUE(contains(text, part)) << part << " in\n" << text;
        }
        EXPECT_FALSE(contains(text, exported["master_secret"]));
    }
    EXPECT_TRUE(contains(shown, exported["key_id"]));
    expect_failure("show nobody", "no principal is called 'nobody'");
}

TEST_F(ProgramTest, RevokeIsPermanentAndRecordsWhenAndWhy) {
    make_site();
    expect_success("add dev --role wearable");
    expect_success("revoke dev --reason 'lost in ward 3' --by root");
    const std::string shown = run("show dev").out;
    EXPECT_TRUE(contains(shown, "state        revoked\n")) << shown;
    EXPECT_TRUE(contains(shown, " UTC  revoked by root: lost in ward 3\n")) << shown;
    expect_failure("export dev --format json", "is revoked");
    expect_failure("revoke dev", "is already revoked");
    expect_failure("revoke broker-storage", "cannot be revoked");
    expect_failure("revoke nobody", "no principal is called 'nobody'");
    expect_failure("revoke dev --reason \"$(printf 'a\\033b')\"", "control characters");
}

TEST_F(ProgramTest, DecommissionDestroysTheKeysAndKeepsWhoWhenAndWhy) {
    make_site();
    expect_success("add dev --role wearable");
    const std::string key_id = nlohmann::json::parse(run("export dev --format json").out).at("key_id");
    expect_failure("decommission dev --why ''", "say why");
    expect_misuse("decommission dev");
    expect_success("decommission dev --why 'ward 3 is closed' --by ann");
    EXPECT_FALSE(fs::exists(principal_key(site, "dev")));
    const std::string shown = run("show dev").out;
    EXPECT_FALSE(contains(shown, key_id)) << shown;
    EXPECT_TRUE(contains(shown, "decommissioned, keys destroyed by ann: ward 3 is closed\n")) << shown;
    EXPECT_TRUE(contains(run("list").out, "decommissioned"));
    EXPECT_TRUE(contains(run("explain dev publish ward/dev/x").out, "no: principal_revoked"));
    expect_failure("decommission dev --why again", "is already decommissioned");
    expect_failure("decommission broker-storage --why x", "holds the broker's storage key");
    expect_failure("add dev --role wearable", "is registered, but revoked");
}

TEST_F(ProgramTest, ARevokedPrincipalCanStillBeDecommissioned) {
    make_site();
    expect_success("add dev --role wearable");
    expect_success("revoke dev --reason lost");
    expect_success("decommission dev --why 'not found again'");
    EXPECT_TRUE(contains(run("show dev").out, "state        decommissioned\n"));
}

TEST_F(ProgramTest, TransferNamesAnotherOwner) {
    make_site();
    expect_success("add dev --role wearable --owner 'Ward 3'");
    expect_success("transfer dev --owner 'Ward \"4\"' --by ann");
    EXPECT_TRUE(contains(run("show dev").out, "owner        Ward \"4\"\n"));
    EXPECT_TRUE(contains(run("show dev").out, "transferred to Ward \"4\" by ann\n"));
    EXPECT_TRUE(contains(run("list --format csv").out, "\"Ward \"\"4\"\"\""));
    expect_failure("transfer dev --owner ''", "1 to 200");
    expect_failure("transfer nobody --owner x", "no principal is called 'nobody'");
}

TEST_F(ProgramTest, ExportSaysInTheHistoryWhereTheKeyWent) {
    make_site();
    expect_success("add dev --role wearable");
    expect_success("export dev --format c-header --by ann --output " + temp / "dev.h");
    EXPECT_TRUE(contains(run("show dev").out, "exported generation 1 as c-header to " + temp / "dev.h" + " by ann\n"));
}

TEST_F(ProgramTest, ExportWritesTheSameCredentialsAsJsonAndAsCHeader) {
    make_site();
    expect_success("add iot_dev_01 --role wearable");
    const std::string text = run("export iot_dev_01 --format json").out;
    const auto json = nlohmann::json::parse(text);
    EXPECT_EQ(json.size(), 6U);
    EXPECT_EQ(text,
              "{\"format\":\"reseal-credentials/"
              "2\",\"principal\":\"iot_dev_01\",\"realm\":\"main\",\"algorithm\":30,\"key_id\":\"" +
                  json["key_id"].get<std::string>() + "\",\"master_secret\":\"" +
                  json["master_secret"].get<std::string>() + "\"}\n");
    EXPECT_EQ(json["key_id"].get<std::string>().size(), 14U);
    EXPECT_EQ(json["master_secret"].get<std::string>().size(), 64U);

    expect_success("export iot_dev_01 --format c-header --output " + temp / "credentials.h");
    EXPECT_EQ(temp.mode("credentials.h"), 0600U);
    temp.write("print.c",
               "#include <stdio.h>\n#include \"credentials.h\"\n#include \"credentials.h\"\n"
               "int main(void) {\n"
               "    const struct reseal_credentials *c = &reseal_device_credentials;\n"
               "    printf(\"%s %s %d \", c->principal, c->realm, c->algorithm);\n"
               "    for (size_t i = 0; i < sizeof c->key_id; i++) printf(\"%02x\", c->key_id[i]);\n"
               "    printf(\" \");\n"
               "    for (size_t i = 0; i < sizeof c->master; i++) printf(\"%02x\", c->master[i]);\n"
               "    return 0;\n}\n");
    const std::string strict = " -Wall -Wextra -Wpedantic -Wconversion -Werror -I " RESEAL_SDK_HEADERS " ";
    const Outcome compiled = shell("cc -std=c99" + strict + "-o " + temp / "print" + " " + temp / "print.c");
    ASSERT_EQ(compiled.code, 0) << compiled.err;
    const Outcome in_cpp = shell("c++ -std=c++17" + strict + "-fsyntax-only -x c++ " + temp / "print.c");
    EXPECT_EQ(in_cpp.code, 0) << in_cpp.err;
    EXPECT_EQ(shell(temp / "print").out, "iot_dev_01 main 30 " + json["key_id"].get<std::string>() + " " +
                                             json["master_secret"].get<std::string>());
}

TEST_F(ProgramTest, ExportNeverHandsOutTheStorageKey) {
    make_site();
    expect_failure("export broker-storage --format json", "never exported");
    expect_failure("export broker-storage --format c-header", "never exported");
    EXPECT_TRUE(run("export broker-storage --format json").out.empty());
}

TEST_F(ProgramTest, TheFolderComesFromOptionEnvironmentOrWorkingFolder) {
    make_site();
    EXPECT_EQ(shell(RESEAL_ADMIN " --dir " + site + " list").code, 0);
    EXPECT_EQ(shell(RESEAL_ADMIN " list --dir " + site).code, 0);
    EXPECT_EQ(shell("cd " + site + " && " RESEAL_ADMIN " list").code, 0);
    const Outcome outcome = shell(RESEAL_ADMIN " --dir " + temp / "missing" + " list");
    EXPECT_EQ(outcome.code, 1);
    EXPECT_TRUE(contains(outcome.err, "missing/reseal.yaml")) << outcome.err;
}

TEST_F(ProgramTest, ProvisionFindsTheProgramOrSaysHowToBuildIt) {
    EXPECT_EQ(shell("RESEAL_ADMIN=" RESEAL_ADMIN " " RESEAL_PROVISION " --help").code, 0);
    const Outcome outcome = shell("RESEAL_ADMIN=" + temp / "none" + " " RESEAL_PROVISION " list");
    EXPECT_EQ(outcome.code, 2);
    EXPECT_TRUE(contains(outcome.err, "cmake --preset release")) << outcome.err;
}

}  // namespace
}  // namespace reseal::admin
