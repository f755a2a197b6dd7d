#include "keyring/registry.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>

#include "base/temp_folder.h"
#include "keyring/child_process.h"
#include "keyring/raw_database.h"
#include "keyring/sample_principal.h"

namespace reseal::keyring {
namespace {

class RegistryTest : public testing::Test {
  protected:
    Registry make() {
        auto made = Registry::create(path);
        EXPECT_TRUE(made) << made.error().text();
        return std::move(*made);
    }
    Registry reopen() {
        auto opened = Registry::open(path, reader_patience);
        EXPECT_TRUE(opened) << opened.error().text();
        return std::move(*opened);
    }
    [[nodiscard]] std::string refusal() const {
        auto opened = Registry::open(path, reader_patience);
        return opened ? "opened" : opened.error().text();
    }

    TempFolder folder;
    std::string path = folder / "registry.db";
};

TEST_F(RegistryTest, IsMadeOnceEmptyAndOfMode0600) {
    EXPECT_TRUE(make().all()->empty());
    EXPECT_EQ(folder.mode("registry.db"), 0600U);
    EXPECT_FALSE(Registry::create(path));
    EXPECT_TRUE(reopen().all()->empty());
}

TEST_F(RegistryTest, GivesBackWhatWasAdded) {
    Principal dev = sample_principal("dev", 1);
    Key second = sample_key("dev", 2);
    second.generation = 2;
    second.retired = true;
    dev.keys.insert(dev.keys.begin(), second);
    ASSERT_TRUE(make().add(dev));

    auto found = reopen().find("dev");
    ASSERT_TRUE(found && found->has_value());
    const Principal& got = **found;
    EXPECT_EQ(got.id, "dev");
    EXPECT_EQ(got.roles, dev.roles);
    EXPECT_FALSE(got.revoked);
    EXPECT_FALSE(got.storage);
    ASSERT_EQ(got.certificates.size(), 1U);
    EXPECT_EQ(got.certificates[0].fingerprint, sample_fingerprint(1));
    ASSERT_EQ(got.keys.size(), 2U);
    EXPECT_EQ(got.keys[0].id, sample_key_id(2)) << "newest first";
    EXPECT_TRUE(got.keys[0].retired);
    EXPECT_EQ(got.keys[1].secret, dev.keys[1].secret);
    EXPECT_EQ(got.keys[1].algorithm, RESEAL_AES_CCM_16_128_128);
    EXPECT_FALSE(reopen().find("nobody")->has_value());
}

TEST_F(RegistryTest, ReadsOnlyWhatChangedSince) {
    Registry writer = make();
    ASSERT_TRUE(writer.add(sample_principal("a", 1)));
    ASSERT_TRUE(writer.add(sample_principal("b", 2)));
    Registry reader = reopen();
    std::int64_t since = 0;
    EXPECT_EQ(reader.changes(since)->size(), 2U);
    EXPECT_TRUE(reader.changes(since)->empty());

    ASSERT_TRUE(writer.revoke("a", "lost"));
    ASSERT_TRUE(writer.add(sample_principal("c", 3)));
    const auto changes = reader.changes(since);
    ASSERT_EQ(changes->size(), 2U);
    EXPECT_EQ((*changes)[0].id, "a");
    EXPECT_TRUE((*changes)[0].revoked);
    EXPECT_EQ((*changes)[1].id, "c");
    EXPECT_EQ((*changes)[1].certificates[0].fingerprint, sample_fingerprint(3));
}

TEST_F(RegistryTest, NoticesThatAnotherConnectionCommitted) {
    Registry writer = make();
    Registry reader = reopen();
    EXPECT_FALSE(*reader.changed());
    ASSERT_TRUE(writer.add(sample_principal("a", 1)));
    EXPECT_TRUE(*reader.changed());
    EXPECT_FALSE(*reader.changed());
}

TEST_F(RegistryTest, ForgetsNoChangeThatItCouldNotRead) {
    Registry writer = make();
    Registry reader = reopen();
    ASSERT_TRUE(writer.add(sample_principal("a", 1)));
    EXPECT_TRUE(*reader.changed());
    RawDatabase other(path);
    other.run("BEGIN EXCLUSIVE");
    std::int64_t since = 0;
    const auto failed = reader.changes(since);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().remedy, "try again");
    EXPECT_EQ(since, 0);
    other.run("COMMIT");
    EXPECT_TRUE(*reader.changed());
    EXPECT_EQ(reader.changes(since)->size(), 1U);
}

TEST_F(RegistryTest, RefusesATakenNameKeyCertificateOrStoragePlaceAndChangesNothing) {
    Registry registry = make();
    Principal storage = sample_principal("broker", 9);
    storage.storage = true;
    ASSERT_TRUE(registry.add(storage));
    ASSERT_TRUE(registry.add(sample_principal("a", 1)));
    EXPECT_FALSE(registry.add(sample_principal("a", 2)));
    Principal same_key = sample_principal("b", 2);
    same_key.keys = {sample_key("b", 1)};
    EXPECT_FALSE(registry.add(same_key));
    Principal same_certificate = sample_principal("c", 3);
    same_certificate.certificates[0].fingerprint = sample_fingerprint(1);
    EXPECT_FALSE(registry.add(same_certificate));
    Principal second_storage = sample_principal("d", 4);
    second_storage.storage = true;
    const auto added = registry.add(second_storage);
    ASSERT_FALSE(added);
    EXPECT_NE(added.error().problem.find("'broker'"), std::string::npos);
    EXPECT_EQ(registry.all()->size(), 2U);
}

TEST_F(RegistryTest, RefusesNamesThatTheProtocolDoesNotKnow) {
    Registry registry = make();
    for (const std::string& name : {std::string(), std::string("a/b"), std::string("a b"), std::string("ä"),
                                    std::string(65, 'a'), std::string("a\0b", 3), std::string("a]")}) {
        EXPECT_FALSE(registry.add(sample_principal(name, 1))) << name;
    }
    EXPECT_TRUE(registry.add(sample_principal("-A.z_9", 2)));
    EXPECT_TRUE(registry.add(sample_principal(std::string(64, 'a'), 3)));
}

TEST_F(RegistryTest, RevokesThePrincipalItsCertificatesAndKeysAndRemembersWhy) {
    Registry registry = make();
    ASSERT_TRUE(registry.add(sample_principal("a", 1)));
    EXPECT_FALSE(registry.revocation("a")->has_value());
    ASSERT_TRUE(registry.revoke("a", "lost in ward 3"));
    const auto found = registry.find("a");
    EXPECT_TRUE((*found)->revoked);
    EXPECT_TRUE((*found)->certificates[0].revoked);
    EXPECT_TRUE((*found)->keys[0].retired);
    const auto revocation = registry.revocation("a");
    ASSERT_TRUE(revocation->has_value());
    EXPECT_EQ((*revocation)->reason, "lost in ward 3");
    EXPECT_GT((*revocation)->when, 1'700'000'000);
}

TEST_F(RegistryTest, RevokesNobodyUnknownTwiceOrTheStorageKey) {
    Registry registry = make();
    Principal storage = sample_principal("broker", 9);
    storage.storage = true;
    ASSERT_TRUE(registry.add(storage));
    ASSERT_TRUE(registry.add(sample_principal("a", 1)));
    ASSERT_TRUE(registry.revoke("a", "first"));
    EXPECT_FALSE(registry.revoke("a", "second"));
    EXPECT_EQ((*registry.revocation("a"))->reason, "first");
    EXPECT_FALSE(registry.revoke("nobody", ""));
    EXPECT_FALSE(registry.revoke("broker", ""));
    EXPECT_FALSE((*registry.find("broker"))->revoked);
}

TEST_F(RegistryTest, SaysWhichVersionWasFoundAndWhichIsWanted) {
    make();
    RawDatabase(path).run("PRAGMA user_version = 7");
    EXPECT_NE(refusal().find("version 7, this program wants version 1"), std::string::npos) << refusal();
}

TEST_F(RegistryTest, RefusesWhatIsNoRegistry) {
    EXPECT_NE(refusal().find("No such file"), std::string::npos) << refusal();
    folder.write("registry.db", std::string(4096, 'x'));
    EXPECT_NE(refusal().find("no SQLite file"), std::string::npos) << refusal();
    folder.write("registry.db", "");
    EXPECT_NE(refusal().find("no registry"), std::string::npos) << refusal();
    RawDatabase(path).run("CREATE TABLE somebody_elses (x)");
    EXPECT_NE(refusal().find("no registry"), std::string::npos) << refusal();
}

TEST_F(RegistryTest, RefusesAFileThatOthersMayRead) {
    make();
    folder.mode("registry.db", 0660);
    EXPECT_NE(refusal().find("0660"), std::string::npos);
    EXPECT_NE(refusal().find("chmod 600 " + path), std::string::npos);
}

TEST_F(RegistryTest, SaysThatARowIsDamaged) {
    Registry registry = make();
    ASSERT_TRUE(registry.add(sample_principal("a", 1)));
    RawDatabase(path).run("PRAGMA ignore_check_constraints = 1; UPDATE key SET secret = x'00'");
    const auto read = registry.all();
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().problem.find("damaged"), std::string::npos) << read.error().text();
}

// Leaves pages of an uncommitted change in the file, and the journal that takes it back.
void die_half_way(const std::string& path) {
    const int code = exit_code_of([&] {
        RawDatabase raw(path);
        raw.run("PRAGMA journal_mode = TRUNCATE; BEGIN IMMEDIATE; UPDATE principal SET name = 'changed'");
        raw.flush();
        return ::kill(::getpid(), SIGKILL);
    });
    ASSERT_EQ(code, -1);
}

TEST_F(RegistryTest, TakesBackWhatAKilledWriterLeftHalfDone) {
    ASSERT_TRUE(make().add(sample_principal("a", 1)));
    die_half_way(path);
    ASSERT_GT(std::filesystem::file_size(path + "-journal"), 0U);
    EXPECT_EQ(reopen().all()->front().id, "a");
}

TEST_F(RegistryTest, TakesItBackEvenIfTheReaderMayNotWriteToTheFolder) {
    if (::geteuid() != 0) {
        GTEST_SKIP() << "needs root, to become another user";
    }
    ASSERT_TRUE(make().add(sample_principal("a", 1)));
    ASSERT_EQ(::chown(path.c_str(), nobody, nobody), 0);
    ASSERT_EQ(::chown((path + "-journal").c_str(), nobody, nobody), 0);
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
    die_half_way(path);
    EXPECT_EQ(exit_code_of([&] { return become_nobody() && reopen().all()->front().id == "a" ? 0 : 1; }), 0);
}

}  // namespace
}  // namespace reseal::keyring
