// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "admin/site_broker.h"

namespace reseal::admin {
namespace {

class BackupProgramTest : public StateProgramTest {
  protected:
    std::string file = temp / "saved";
};

TEST_F(BackupProgramTest, RestoreBringsBackThePrincipals) {
    const std::string credentials = run("export dev --format json").out;
    const Outcome saved = run("backup " + file);
    EXPECT_EQ(saved.code, 0) << saved.err;
    EXPECT_TRUE(contains(saved.out, "not in it: " + site + "/master.key")) << saved.out;
    EXPECT_EQ(temp.mode("saved"), 0600U);
    expect_success("add later --role wearable");
    std::filesystem::remove(site + "/registry.db");
    const Outcome restored = run("restore " + file);
    EXPECT_EQ(restored.code, 0) << restored.err;
    EXPECT_TRUE(contains(restored.out, "restored 2 principals as of 20")) << restored.out;
    EXPECT_EQ(run("export dev --format json").out, credentials);
    expect_failure("show later", "no principal is called");
    expect_success("check");
    EXPECT_FALSE(std::filesystem::exists(site + "/registry.db.restore"));
}

TEST_F(BackupProgramTest, ABackupThatCannotBeWrittenLeavesNothingBehind) {
    std::filesystem::create_directory(file);
    expect_failure("backup " + file, "saved: replacing it failed: Is a directory; it must be a file");
    EXPECT_FALSE(std::filesystem::exists(file + ".new"));
    expect_failure("backup " + temp / "none/saved", "none/saved: making it failed: No such file or directory");
}

TEST_F(BackupProgramTest, RestoreRequiresEachSendersNextEpoch) {
    ASSERT_TRUE(accepts(3, 0));
    expect_success("backup " + file);
    ASSERT_TRUE(accepts(3, 1));
    ASSERT_TRUE(accepts(4, 0));
    std::filesystem::remove_all(site + "/state/replay");  // the disk is lost, the backup is not
    std::filesystem::remove_all(site + "/state/epoch");
    expect_success("restore " + file);
    EXPECT_FALSE(accepts(3, 1)) << "captured after the backup";
    EXPECT_FALSE(accepts(4, 0)) << "captured after the backup";
    EXPECT_FALSE(accepts(4, 1));
    EXPECT_TRUE(accepts(5, 0));
}

TEST_F(BackupProgramTest, ARestoredRegistryKnowsTheStateFolderEvenIfItWasDamaged) {
    ASSERT_TRUE(accepts(3, 0));
    expect_success("backup " + file);
    ASSERT_TRUE(accepts(3, 1));
    temp.write("site/state/replay", "x");
    temp.write("site/state/epoch", "x");
    expect_success("restore " + file);
    expect_success("check");
    EXPECT_FALSE(accepts(3, 1));
    EXPECT_FALSE(accepts(4, 0)) << "shown";
    EXPECT_TRUE(accepts(5, 0));
}

TEST_F(BackupProgramTest, ARegistryThatWasCopiedBackIsRefused) {
    ASSERT_TRUE(accepts(3, 0));
    ASSERT_EQ(shell("cp -p " + site + "/registry.db " + file).code, 0);
    ASSERT_TRUE(accepts(3, 1));
    ASSERT_EQ(shell("cp -p " + file + " " + site + "/registry.db").code, 0);
    EXPECT_TRUE(contains(refusal(), "registry.db: is older than " + site +
                                        "/state/replay says (generation 5 here, 3 there)"
                                        "; put it back with 'provision restore'"))
        << refusal();
}

TEST_F(BackupProgramTest, APrincipalRevokedSinceTheBackupStaysRevoked) {
    expect_success("add gone --role wearable");
    expect_success("backup " + file);
    expect_success("revoke dev --reason stolen");
    expect_success("decommission gone --why scrapped");
    EXPECT_TRUE(contains(run("restore " + file).out, "2 of them were revoked since then, and stay revoked"));
    EXPECT_TRUE(contains(run("show dev").out, "state        revoked\n"));
    EXPECT_TRUE(contains(run("show gone").out, "state        decommissioned\n"));
    expect_failure("export gone --format json", "is revoked");
    expect_success("restore " + file);
}

TEST_F(BackupProgramTest, RestoreChangesNothingUnlessItCanReplaceTheWholeFile) {
    expect_success("backup " + file);
    expect_success("add later --role wearable");
    const SiteBroker broker(site);
    ASSERT_EQ(broker.refusal(), "");
    expect_failure("restore " + file, "is in use by another process; stop the other broker");
    expect_failure("restore " + site + "/registry.db", "not a backup of a registry");
    expect_failure("restore " + temp / "missing", "missing");
    temp.mode("saved", 0644);
    expect_failure("restore " + file, "chmod 600");
    EXPECT_EQ(run("show later").code, 0);
}

TEST_F(BackupProgramTest, RestoreRequiresTheMasterKeyOfTheBackup) {
    expect_success("backup " + file);
    expect_success("init " + temp / "other");
    std::filesystem::copy_file(temp / "other/master.key", site + "/master.key",
                               std::filesystem::copy_options::overwrite_existing);
    expect_failure("restore " + file, "does not open; restore " + site + "/master.key as it was");
}

}  // namespace
}  // namespace reseal::admin
