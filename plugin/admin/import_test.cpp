// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "admin/program.h"

namespace reseal::admin {
namespace {

using namespace std::string_literals;

class ImportTest : public ProgramTest {
  protected:
    ImportTest() { make_site(); }
    void expect_refused(const std::string& table, const std::string& said) {
        temp.write("table.csv", table);
        expect_failure("import " + temp / "table.csv", said);
        EXPECT_FALSE(contains(run("list").out, "dev")) << "all or nothing";
    }
};

TEST_F(ImportTest, AddsEveryPrincipalOfATable) {
    const std::string fingerprint(64, 'a');
    temp.write(
        "table.csv",
        "roles,principal,owner,algorithm,certificate_sha256\r\n\"wearable,auditor\",dev1,\"Ward \"\"3\"\"\",,\r\n"
        "wearable,dev2,,A256GCM," +
            fingerprint + "\r\n");
    const Outcome outcome = run("import " + temp / "table.csv" + " --owner clinic --by ann");
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_TRUE(contains(outcome.out, "imported 2 principals"));
    EXPECT_TRUE(contains(outcome.out, "no key was exported"));
    const auto all = nlohmann::json::parse(run("list --format json").out);
    ASSERT_EQ(all.size(), 3U);
    EXPECT_EQ(all[1]["roles"], (std::vector<std::string>{"auditor", "wearable"}));
    EXPECT_EQ(all[1]["owner"], "Ward \"3\"");
    EXPECT_EQ(all[2]["owner"], "clinic");
    EXPECT_EQ(all[2]["algorithm"], "A256GCM");
    EXPECT_EQ(all[2]["certificate_sha256"], fingerprint);
    EXPECT_TRUE(contains(run("show dev1").out, "imported from " + temp / "table.csv" + " by ann\n"));
    expect_success("export dev1 --format json");
    expect_success("check");
}

TEST_F(ImportTest, AddsAllOrNothingAndSaysWhatIsWrongAndWhere) {
    const std::string at = temp / "table.csv";
    expect_refused("", "is empty; a first line of column names");
    expect_refused("principal,roles\n", at + ": names no principal; a line for each, below the column names");
    expect_refused("name\ndev1\n", at + ":1: 'name'  is not a column; one each of principal, roles");
    expect_refused("roles\nwearable\n", at + ":1: there  is not a column 'principal'");
    expect_refused("principal\ndev1\ndev/2\n", at + ":3: principal: 'dev/2' is not a valid principal name");
    expect_refused("principal\ndev1\n\ndev1\n", at + ":4: principal: 'dev1' is also in line 2");
    expect_refused("principal,roles\ndev1,a b\n", at + ":2: roles: 'a b' is not a valid role name");
    expect_refused("principal,algorithm\ndev1,DES\n", at + ":2: algorithm: 'DES' is not an algorithm");
    expect_refused("principal,certificate_sha256\ndev1,ab\n", at + ":2: certificate_sha256: 'ab' is not a SHA-256");
    for (const std::string& serial : {"0a1"s, "0x0a"s, "00"s, ":"s, std::string(42, 'a')}) {
        expect_refused("principal,certificate_serial\ndev1," + serial + "\n",
                       at + ":2: certificate_serial: '" + serial + "' is not a serial number");
    }
    expect_refused("principal\ndev1\nbroker-storage\n",
                   at + ":3: principal: the registry already has 'broker-storage'; choose another name");
    expect_refused("principal,role\ndev1,a\n", at + ":1: 'role'  is not a column; did you mean 'roles'?");
    expect_refused("principal\n\033[2J\n", at + ":2: principal: '\\x1b[2J' is not a valid principal name");
}

TEST_F(ImportTest, WritesAllCredentialsToTheRequestedFolder) {
    temp.write("table.csv", "principal,roles\ndev1,wearable\ndev2,wearable\n");
    expect_success("import " + temp / "table.csv" + " --credentials " + temp / "keys.jsonl");
    EXPECT_EQ(temp.mode("keys.jsonl"), 0600U);
    EXPECT_EQ(temp.read("keys.jsonl"), run("export dev1 --format json").out + run("export dev2 --format json").out);
    EXPECT_TRUE(contains(run("show dev1").out, ", exported generation 1 to " + temp / "keys.jsonl"));
}

TEST_F(ImportTest, LeavesNoCredentialsAfterAFailureAndReplacesNone) {
    temp.write("table.csv", "principal\ndev1\n");
    const std::string import = "import " + temp / "table.csv" + " --credentials ";
    expect_success(import + temp / "keys.jsonl");
    const std::string keys = temp.read("keys.jsonl");
    expect_failure(import + temp / "keys.jsonl", "keys.jsonl: making it failed: File exists; move whatever is there");
    EXPECT_EQ(temp.read("keys.jsonl"), keys);
    expect_failure(import + temp / "others.jsonl", "the registry already has 'dev1'");
    EXPECT_FALSE(std::filesystem::exists(temp / "others.jsonl"));
}

TEST_F(ImportTest, NeverUsesTheKeysOfTheOlderProject) {
    const std::string key = "00112233445566778899aabbccddeeff";
    temp.write("DEVICES_KEYS.txt", "iot_dev_01," + key + ",0102030405060708090a0b0c\niot_dev_02," + key + ",0102\n");
    expect_misuse("import --legacy " + temp / "DEVICES_KEYS.txt");
    const Outcome outcome = run("import --legacy " + temp / "DEVICES_KEYS.txt" + " --role wearable");
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_TRUE(contains(outcome.out, "the old keys were not used: delete "));
    const auto first = nlohmann::json::parse(run("export iot_dev_01 --format json").out);
    const auto second = nlohmann::json::parse(run("export iot_dev_02 --format json").out);
    EXPECT_NE(first["master_secret"], second["master_secret"]);
    EXPECT_FALSE(contains(first["master_secret"], key));
    temp.write("empty.txt", "");
    expect_failure("import --legacy --role wearable " + temp / "empty.txt", "empty.txt: names no principal");
    temp.write("wrong.txt", "iot_dev_03," + key + "\n");
    expect_failure("import --legacy --role wearable " + temp / "wrong.txt",
                   "wrong.txt:1: this is not a line 'id,key,iv'");
}

}  // namespace
}  // namespace reseal::admin
