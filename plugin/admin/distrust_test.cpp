// SPDX-License-Identifier: Apache-2.0
// A state folder that is not the one that the registry knows: the messages, and what helps.
#include <gtest/gtest.h>

#include <filesystem>

#include "admin/site_broker.h"

namespace reseal::admin {
namespace {

namespace fs = std::filesystem;

class DistrustProgramTest : public StateProgramTest {
  protected:
    // A broker has run and accepted a message from dev in epoch 3.
    DistrustProgramTest() { EXPECT_TRUE(accepts(3, 0)); }

    // The start stops and `check` reports it, both with these words.
    void expect_stopped(const std::string& said) const {
        EXPECT_TRUE(contains(refusal(), said)) << refusal();
        const Outcome checked = run("check");
        EXPECT_EQ(checked.code, 1);
        EXPECT_TRUE(contains(checked.out, said)) << checked.out;
    }
    void copy(const std::string& from, const std::string& to) const {
        ASSERT_EQ(shell("cp -p " + site + "/state/" + from + " " + site + "/state/" + to).code, 0);
    }
};

TEST_F(DistrustProgramTest, OfAMissingReplayFileIsSuggestedAndHelps) {
    fs::remove(site + "/state/replay");
    expect_stopped("state/replay: is missing, but " + site +
                   "/registry.db knows of one; put the newest one back, or "
                   "run 'provision distrust'");
    EXPECT_FALSE(fs::exists(site + "/state/replay")) << "never begun anew by itself";
    const Outcome outcome = run("distrust --by ann");
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_TRUE(contains(outcome.out, "each device must begin its next epoch")) << outcome.out;
    expect_success("check");
    EXPECT_TRUE(contains(run("show broker-storage").out, "replay windows begun under distrust by ann"));
    EXPECT_FALSE(accepts(3, 0)) << "nothing is known: this epoch is shown, and closed";
    EXPECT_FALSE(accepts(3, 1));
    EXPECT_TRUE(accepts(4, 0));
}

TEST_F(DistrustProgramTest, KnowsTheEpochsFromABackup) {
    ASSERT_TRUE(accepts(9, 0));
    expect_success("backup " + temp / "saved");
    fs::remove(site + "/state/replay");
    expect_failure("distrust --backup " + temp / "none", "none: ");
    expect_success("distrust --backup " + temp / "saved");
    EXPECT_FALSE(accepts(8, 0)) << "without a backup this would show an epoch";
    EXPECT_FALSE(accepts(9, 1));
    EXPECT_FALSE(accepts(10, 0)) << "shown";
    EXPECT_TRUE(accepts(11, 0));
}

TEST_F(DistrustProgramTest, IsNeededForAnEmptiedFolder) {
    fs::remove(site + "/state/replay");
    fs::remove(site + "/state/epoch");
    expect_stopped("state/replay: is missing");
    expect_success("distrust");
    expect_success("check");
    EXPECT_FALSE(accepts(3, 0));
}

TEST_F(DistrustProgramTest, IsNeededForAnOlderReplayFile) {
    copy("replay", "older");
    ASSERT_TRUE(accepts(3, 1));
    copy("older", "replay");
    expect_stopped("state/replay: is older than " + site +
                   "/registry.db knows (generation 3 here, 5 there); put the "
                   "newest one back, or run 'provision distrust'");
    expect_failure("adopt", "is older than");
    expect_success("distrust");
    EXPECT_FALSE(accepts(3, 1));
    copy("older", "replay");
    expect_stopped("is not the one that " + site + "/registry.db knows");
}

TEST_F(DistrustProgramTest, IsNeededForAnotherFile) {
    EXPECT_EQ(shell("RESEAL_DIR=" + temp / "other" + " " RESEAL_ADMIN " init " + temp / "other").code, 0);
    fs::copy_file(site + "/master.key", temp / "other/master.key", fs::copy_options::overwrite_existing);
    fs::copy_file(site + "/registry.db", temp / "other/registry.db", fs::copy_options::overwrite_existing);
    EXPECT_EQ(shell("RESEAL_DIR=" + temp / "other" + " " RESEAL_ADMIN " distrust").code, 0);
    fs::copy_file(temp / "other/state/replay", site + "/state/replay", fs::copy_options::overwrite_existing);
    expect_stopped("state/replay: is not the one that " + site + "/registry.db knows");
}

TEST_F(DistrustProgramTest, IsNeededForADamagedReplayFile) {
    std::string contents = temp.read("site/state/replay");
    contents.at(8192 + 40) ^= 1;
    temp.write("site/state/replay", contents);
    EXPECT_TRUE(contains(refusal(), "state/replay: is damaged: record 0 is not as it was written")) << refusal();
    const Outcome checked = run("check");
    EXPECT_TRUE(contains(checked.out,
                         "state/replay: is damaged: 1 windows are not as they were written, the first is "
                         "record 0; run 'provision distrust'"))
        << checked.out;
    expect_success("distrust");
    EXPECT_FALSE(accepts(3, 1));
}

TEST_F(DistrustProgramTest, OfTheBrokersEpochsAloneLetsDevicesContinue) {
    const std::string epochs = temp.read("site/state/epoch");
    fs::remove(site + "/state/epoch");
    expect_stopped("state/epoch: is missing, but " + site +
                   "/registry.db knows of it; put the newest one back, or run "
                   "'provision distrust --own-epochs'");
    expect_success("distrust --own-epochs");
    expect_success("check");
    EXPECT_TRUE(contains(run("show broker-storage").out, "the broker's epochs raised"));
    EXPECT_FALSE(accepts(3, 0));
    EXPECT_TRUE(accepts(3, 1));
    temp.write("site/state/epoch", epochs);
    expect_stopped("state/epoch: is older than " + site + "/registry.db knows: it should be ");
    temp.write("site/state/epoch", "damaged");
    expect_stopped("state/epoch: is damaged");
    expect_success("distrust --own-epochs");
    EXPECT_TRUE(accepts(3, 2));
    fs::remove(site + "/state/replay");
    expect_failure("distrust --own-epochs", "state/replay: ");
    expect_misuse("distrust --own-epochs --another-broker");
}

TEST_F(DistrustProgramTest, IsRefusedWhileABrokerUsesTheFolder) {
    const SiteBroker broker(site);
    for (const char* command : {"distrust", "distrust --own-epochs", "adopt"}) {
        expect_failure(command, "is in use by another process; stop the other broker");
    }
    expect_success("check");
}

TEST_F(DistrustProgramTest, RequiresTheMasterKeyOfTheRegistry) {
    std::string key = temp.read("site/master.key");
    key.at(5) ^= 1;
    temp.write("site/master.key", key);
    for (const char* command : {"distrust", "adopt"}) {
        expect_failure(command, "master.key: does not open the key of broker-storage in " + site + "/registry.db");
    }
}

TEST_F(DistrustProgramTest, OfAnotherBrokerLetsTheFirstOneContinue) {
    expect_failure("distrust --another-broker", "state/replay: already exists: a broker has used this folder");
    fs::rename(site + "/state", site + "/first");
    fs::create_directory(site + "/state", site + "/first");
    expect_stopped("for another broker of this registry run 'provision distrust --another-broker'");
    expect_success("distrust --another-broker");
    EXPECT_FALSE(accepts(3, 0)) << "it may have been accepted by the first: this epoch is shown, and closed";
    EXPECT_FALSE(accepts(3, 1));
    EXPECT_TRUE(accepts(4, 0));
    fs::rename(site + "/state", site + "/second");
    fs::rename(site + "/first", site + "/state");
    EXPECT_FALSE(accepts(3, 0));
    EXPECT_TRUE(accepts(3, 1));
}

TEST_F(DistrustProgramTest, TellsARegistryCopiedFromAnotherBrokerAboutTheFolder) {
    fs::copy(site + "/state", temp / "kept", fs::copy_options::recursive);
    EXPECT_EQ(
        shell("sqlite3 " + site + "/registry.db \"UPDATE state SET file = x'" + std::string(32, '5') + "'\"").code, 0);
    expect_stopped("if the registry was copied from another broker run 'provision adopt', else 'provision distrust'");
    const Outcome outcome = run("adopt");
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(outcome.out, site + "/registry.db now knows " + site + "/state\n");
    expect_success("check");
    EXPECT_FALSE(accepts(3, 0));
    EXPECT_TRUE(accepts(3, 1));
    fs::remove(site + "/state/replay");
    expect_failure("adopt", "state/replay: ");
}

}  // namespace
}  // namespace reseal::admin
