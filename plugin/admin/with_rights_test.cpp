// SPDX-License-Identifier: Apache-2.0
// A program run by root works on a site with the rights of the users who own it.
#include <fcntl.h>

#include <array>
#include <filesystem>
#include <vector>

#include "admin/program.h"
#include "keyring/child_process.h"

namespace reseal::admin {
namespace {

namespace fs = std::filesystem;

constexpr auto nobody = keyring::nobody;

// A site owned by root, with a broker that runs as the user nobody, and a folder that only root may use.
class RightsTest : public ProgramTest {
  protected:
    void SetUp() override {
        without_search_for_leaks();
        if (::geteuid() != 0) {
            GTEST_SKIP() << "needs root, to become another user";
        }
        temp.mode("", 0755);
        fs::create_directory(mine);
        fs::permissions(mine, fs::perms(0700));
        expect_success("init " + site + " --user nobody");
    }
    void give(const std::string& name, uid_t user) const {
        ASSERT_EQ(::lchown((site + "/" + name).c_str(), user, user), 0) << name;
    }
    // Everything in the folder has this owner.
    void expect_owner(const std::string& name, uid_t user) const {
        EXPECT_EQ(owner_of(name), user) << name;
        if (!fs::is_directory(site + "/" + name)) {
            return;
        }
        for (const auto& entry : fs::recursive_directory_iterator(site + "/" + name)) {
            const std::string path = fs::relative(entry.path(), site).string();
            EXPECT_EQ(owner_of(path), user) << path;
        }
    }

    std::string mine = temp / "mine";
};

// Root itself could read it. But the registry and its neighbours are opened as the broker's user, whoever calls.
TEST_F(RightsTest, ReadsNothingThatTheBrokersUserMayNotRead) {
    expect_success("add dev --role wearable");
    expect_success("distrust");
    for (const char* name : {"master.key", "state", "audit"}) {
        give(name, 0);
    }
    const std::vector<std::string> commands{"export dev --format json",
                                            "rotate dev",
                                            "add dev2 --role wearable",
                                            "audit show",
                                            "audit verify",
                                            "distrust",
                                            "adopt",
                                            "backup " + mine + "/b"};
    for (const std::string& command : commands) {
        const Outcome outcome = run(command);
        EXPECT_NE(outcome.code, 0) << command << "\n" << outcome.out;
        EXPECT_TRUE(contains(outcome.err, "Permission denied")) << command << "\n" << outcome.err;
    }
    EXPECT_TRUE(
        contains(run("rotate dev").err, "started by root, but works as nobody, who owns " + site + "/registry.db"))
        << run("rotate dev").err;
}

// In a folder that belongs to the user nobody, so do the authority and everything that is made.
TEST_F(RightsTest, UsesOnlyTheOwnersRightsInAFolderOfAnotherUser) {
    give("", nobody);
    for (const auto& entry : fs::recursive_directory_iterator(site)) {
        ASSERT_EQ(::lchown(entry.path().c_str(), nobody, nobody), 0);
    }
    expect_success("add dev --role wearable");
    expect_success("rotate dev");
    expect_success("check");
    expect_owner("", nobody);
    expect_owner("principals", nobody);
    fs::rename(site + "/acl.yaml", mine + "/acl.yaml");
    fs::create_symlink(mine + "/acl.yaml", site + "/acl.yaml");
    EXPECT_TRUE(contains(run("explain dev publish a/b").err, "Permission denied"));
}

// Whoever owns the folder could have written any path into reseal.yaml.
TEST_F(RightsTest, AFolderOfAnotherUserCannotLeadToAFileOfAThird) {
    for (const char* name : {"", "reseal.yaml", "acl.yaml", "master.key"}) {
        give(name, 1);
    }
    expect_failure("show broker-storage", "Permission denied");
    EXPECT_TRUE(contains(run("show broker-storage").err, "works as daemon, who owns " + site));
}

TEST_F(RightsTest, FilesThatRootMakesBelongToTheirUser) {
    expect_success("add dev --role wearable");
    expect_success("renew dev");
    expect_success("distrust");
    expect_success("distrust --own-epochs");
    expect_success("adopt");
    expect_owner("state", nobody);
    expect_owner("audit", nobody);
    expect_owner("principals", 0);
    for (const char* name : {"registry.db", "registry.db-journal"}) {
        expect_owner(name, nobody);
    }
    EXPECT_TRUE(contains(run("show dev").out, "in " + site + "/principals/dev/dev.crt"));
    EXPECT_TRUE(contains(run("list --format csv").out, ",active,"));
    expect_success("check");
    expect_success("decommission dev --why lost");
    EXPECT_FALSE(fs::exists(site + "/principals/dev/dev.key"));
    EXPECT_TRUE(contains(run("show dev").out, " by root: lost")) << "the caller stands in the history";
}

// Files named on the command line are root's own.
TEST_F(RightsTest, NamedFilesMayLieWhereOnlyRootHasAccess) {
    expect_success("add dev --role wearable");
    expect_success("export dev --format json --output " + mine + "/dev.json");
    temp.write("mine/table", "principal,roles\na,wearable\nb,wearable\n");
    expect_success("import " + mine + "/table --credentials " + mine + "/keys");
    expect_success("distrust");
    expect_success("backup " + mine + "/backup");
    for (const char* name : {"dev.json", "keys", "backup"}) {
        struct stat status {};
        ASSERT_EQ(::stat((mine + "/" + name).c_str(), &status), 0) << name;
        EXPECT_EQ(status.st_uid, 0U) << name;
        EXPECT_EQ(status.st_mode & 07777U, 0600U) << name;
    }
    EXPECT_FALSE(fs::exists(mine + "/backup.new"));
    fs::copy_file(site + "/reseal.yaml", mine + "/reseal.yaml");
    shell("openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + mine + "/c.key -subj /CN=c" +
          " -out " + mine + "/c.csr");
    expect_success("add c --role wearable --csr " + mine + "/c.csr");
    expect_success("distrust --backup " + mine + "/backup");
    expect_success("restore " + mine + "/backup");
    EXPECT_TRUE(contains(run("list").out, "b "));
    expect_owner("state", nobody);
    fs::rename(site + "/audit", mine + "/audit");
    EXPECT_EQ(run("audit show " + mine + "/audit").code, 0);
}

TEST_F(RightsTest, AMissingRegistryIsMadeForTheBrokersUser) {
    expect_success("add dev --role wearable");
    expect_success("distrust");
    expect_success("backup " + mine + "/backup");
    fs::remove(site + "/registry.db");
    fs::remove(site + "/registry.db-journal");
    expect_success("restore " + mine + "/backup");
    for (const char* name : {"registry.db", "registry.db-journal", "state"}) {
        expect_owner(name, nobody);
    }
    expect_success("rotate dev");
    expect_success("check");
}

// reseal.yaml stays root's. The registry is read as the broker's user.
TEST_F(RightsTest, ASiteIsMigratedWithTheRightsOfBothUsers) {
    std::string yaml = temp.read("site/reseal.yaml");
    const std::size_t at = yaml.find("\nrealm:");
    ASSERT_NE(at, std::string::npos);
    yaml.erase(at, yaml.find('\n', at + 1) - at);
    temp.write("site/reseal.yaml", yaml);
    temp.mode("site/reseal.yaml", 0644);
    temp.mode("site/registry.db", 0);
    expect_failure("migrate --realm ward-7", "registry.db: cannot be used");
    temp.mode("site/registry.db", 0600);
    expect_success("migrate --realm ward-7");
    EXPECT_EQ(owner_of("reseal.yaml"), 0U);
    expect_success("check");
}

// The broker's user plants something in the place of a file that root reads or writes.
TEST_F(RightsTest, NeverFollowsOrWaitsForFilesPlantedByTheBrokersUser) {
    const std::string secret = temp.write("mine/secret", "root's own\n");
    expect_success("add dev --role wearable");
    expect_success("distrust");
    const std::array<std::string, 5> planted{"state/replay", "state/epoch", "state/audit",
                                             "audit/audit-000000000001-x.jsonl", "registry.db-journal"};
    for (const std::string& name : planted) {
        const std::string path = site + "/" + name;
        const std::string kept = temp / "kept";
        const bool there = fs::exists(path);
        if (there) {
            fs::rename(path, kept);
        }
        for (const bool fifo : {true, false}) {
            if (fifo) {
                ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
            } else {
                fs::create_symlink(secret, path);
            }
            ASSERT_EQ(::lchown(path.c_str(), nobody, nobody), 0);
            for (const char* command : {"list", "check", "show dev", "audit verify", "audit show",
                                        "audit verify --no-key", "adopt", "rotate dev"}) {
                const Outcome outcome = shell("RESEAL_DIR=" + site + " timeout 20 " RESEAL_ADMIN " " + command);
                EXPECT_NE(outcome.code, 124) << name << ": " << command << " waits";
                EXPECT_FALSE(contains(outcome.out + outcome.err, "root's own")) << name << ": " << command;
            }
            EXPECT_EQ(temp.read("mine/secret"), "root's own\n");
            fs::remove(path);
        }
        if (there) {
            fs::rename(kept, path);
        }
    }
    expect_success("check");
}

}  // namespace
}  // namespace reseal::admin
