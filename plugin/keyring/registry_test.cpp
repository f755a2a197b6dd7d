// SPDX-License-Identifier: Apache-2.0
#include "keyring/admin_registry.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <ctime>
#include <fstream>

#include "base/private_file.h"
#include "base/temp_folder.h"
#include "keyring/child_process.h"
#include "keyring/raw_database.h"
#include "keyring/sample_principal.h"
#include "keyring/schema.h"

namespace reseal::keyring {
namespace {

// The part that the plugin includes has no operator actions.
template <class T>
concept Administers = requires(T& registry) {
    registry.decommission("a", Reason{});
}
|| requires(T& registry) {
    registry.revoke("a", Reason{});
}
|| requires(T& registry) {
    registry.add(PrincipalRecord{});
}
|| requires(T& registry) {
    registry.reinstate("a", 0, Reason{});
};
static_assert(Administers<AdminRegistry> && !Administers<Registry>);

class RegistryTest : public testing::Test {
  protected:
    AdminRegistry make() {
        auto made = AdminRegistry::create(path);
        EXPECT_TRUE(made) << made.error().text();
        return std::move(*made);
    }
    AdminRegistry reopen() {
        auto opened = AdminRegistry::open(path, reader_patience);
        EXPECT_TRUE(opened) << opened.error().text();
        return std::move(*opened);
    }
    [[nodiscard]] std::string refusal() const {
        auto opened = AdminRegistry::open(path, reader_patience);
        return opened ? "opened" : opened.error().text();
    }

    TempFolder folder;
    std::string path = folder / "registry.db";
};

TEST_F(RegistryTest, IsMadeOnceEmptyAndWithMode0600) {
    EXPECT_TRUE(make().all()->empty());
    EXPECT_EQ(folder.mode("registry.db"), 0600U);
    EXPECT_FALSE(AdminRegistry::create(path));
    EXPECT_TRUE(reopen().all()->empty());
}

TEST_F(RegistryTest, GivesBackWhatWasAdded) {
    PrincipalRecord dev = sample_principal("dev", 1);
    Key second = sample_key("dev", 2);
    second.generation = 2;
    second.retired = true;
    dev.keys.insert(dev.keys.begin(), second);
    ASSERT_TRUE(make().add(dev));

    auto found = reopen().find("dev");
    ASSERT_TRUE(found && found->has_value());
    const PrincipalRecord& got = **found;
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

TEST_F(RegistryTest, ReadsOnlyLaterChanges) {
    AdminRegistry writer = make();
    ASSERT_TRUE(writer.add(sample_principal("a", 1)));
    ASSERT_TRUE(writer.add(sample_principal("b", 2)));
    AdminRegistry reader = reopen();
    std::int64_t since = 0;
    EXPECT_EQ(reader.changes(since)->size(), 2U);
    EXPECT_TRUE(reader.changes(since)->empty());

    ASSERT_TRUE(writer.revoke("a", {"lost", "ann"}));
    ASSERT_TRUE(writer.add(sample_principal("c", 3)));
    const auto changes = reader.changes(since);
    ASSERT_EQ(changes->size(), 2U);
    EXPECT_EQ((*changes)[0].id, "a");
    EXPECT_TRUE((*changes)[0].revoked);
    EXPECT_EQ((*changes)[1].id, "c");
    EXPECT_EQ((*changes)[1].certificates[0].fingerprint, sample_fingerprint(3));
}

TEST_F(RegistryTest, ReadsManyChangesInBatches) {
    AdminRegistry writer = make();
    AdminRegistry reader = reopen();
    std::vector<PrincipalRecord> many;
    for (int number = 1; number <= 5; ++number) {
        many.push_back(sample_principal("p" + std::to_string(number), number));
    }
    ASSERT_TRUE(writer.add_all(many, "imported", {{}, "ann"}));
    std::int64_t since = 0;
    std::string order;
    for (int part = 0; part < 3; ++part) {
        EXPECT_TRUE(*reader.changed());
        const auto read = reader.changes(since, 2);
        ASSERT_TRUE(read);
        for (const PrincipalRecord& each : *read) {
            order += each.id + " ";
        }
    }
    EXPECT_EQ(order, "p1 p2 p3 p4 p5 ");
    EXPECT_FALSE(*reader.changed());
    EXPECT_EQ(writer.history("p3")->front().what, "imported");
}

TEST_F(RegistryTest, AddsAllOrNone) {
    AdminRegistry registry = make();
    const std::vector<PrincipalRecord> twice{sample_principal("a", 1), sample_principal("b", 2),
                                             sample_principal("a", 3)};
    EXPECT_FALSE(registry.add_all(twice, "imported", {}));
    EXPECT_TRUE(registry.all()->empty());
}

TEST_F(RegistryTest, NoticesThatAnotherConnectionCommitted) {
    AdminRegistry writer = make();
    AdminRegistry reader = reopen();
    EXPECT_FALSE(*reader.changed());
    ASSERT_TRUE(writer.add(sample_principal("a", 1)));
    EXPECT_TRUE(*reader.changed());
    EXPECT_FALSE(*reader.changed());
}

TEST_F(RegistryTest, ForgetsNoChangeThatItCouldNotRead) {
    AdminRegistry writer = make();
    AdminRegistry reader = reopen();
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
    AdminRegistry registry = make();
    PrincipalRecord storage = sample_principal("broker", 9);
    storage.storage = true;
    ASSERT_TRUE(registry.add(storage));
    ASSERT_TRUE(registry.add(sample_principal("a", 1)));
    EXPECT_FALSE(registry.add(sample_principal("a", 2)));
    PrincipalRecord same_key = sample_principal("b", 2);
    same_key.keys = {sample_key("b", 1)};
    EXPECT_FALSE(registry.add(same_key));
    PrincipalRecord same_certificate = sample_principal("c", 3);
    same_certificate.certificates[0].fingerprint = sample_fingerprint(1);
    EXPECT_FALSE(registry.add(same_certificate));
    PrincipalRecord second_storage = sample_principal("d", 4);
    second_storage.storage = true;
    const auto added = registry.add(second_storage);
    ASSERT_FALSE(added);
    EXPECT_NE(added.error().problem.find("'broker'"), std::string::npos);
    EXPECT_EQ(registry.all()->size(), 2U);
}

TEST_F(RegistryTest, RefusesNamesThatTheProtocolDoesNotKnow) {
    AdminRegistry registry = make();
    for (const std::string& name : {std::string(), std::string("a/b"), std::string("a b"), std::string("ä"),
                                    std::string(65, 'a'), std::string("a\0b", 3), std::string("a]")}) {
        EXPECT_FALSE(registry.add(sample_principal(name, 1))) << name;
    }
    EXPECT_TRUE(registry.add(sample_principal("-A.z_9", 2)));
    EXPECT_TRUE(registry.add(sample_principal(std::string(64, 'a'), 3)));
}

TEST_F(RegistryTest, RevokesThePrincipalItsCertificatesAndKeysAndRemembersWhy) {
    AdminRegistry registry = make();
    ASSERT_TRUE(registry.add(sample_principal("a", 1)));
    EXPECT_TRUE(registry.history("a")->empty());
    ASSERT_TRUE(registry.revoke("a", {"lost in ward 3", "ann"}));
    const auto found = registry.find("a");
    EXPECT_TRUE((*found)->revoked);
    EXPECT_TRUE((*found)->certificates[0].revoked);
    EXPECT_TRUE((*found)->keys[0].retired);
    const auto history = registry.history("a");
    ASSERT_EQ(history->size(), 1U);
    EXPECT_EQ(history->front().what, "revoked");
    EXPECT_EQ(history->front().reason.why, "lost in ward 3");
    EXPECT_EQ(history->front().reason.who, "ann");
    EXPECT_GT(history->front().when, 1'700'000'000);
}

TEST_F(RegistryTest, ReinstatesWhatFellWithThePrincipalAndNothingElse) {
    AdminRegistry registry = make();
    PrincipalRecord principal = sample_principal("a", 1);
    principal.certificates.push_back({sample_principal("b", 2).certificates[0].fingerprint, false});
    ASSERT_TRUE(registry.add(principal));
    Key second = sample_principal("a", 3).keys[0];
    second.generation = 2;
    ASSERT_TRUE(registry.rotate("a", second, 0, {})) << "the first key is retired";
    ASSERT_TRUE(registry.revoke_certificate("a", principal.certificates[1].fingerprint, {"stolen", "ann"}));
    const auto before = registry.find("a");
    ASSERT_TRUE(registry.revoke("a", {"the wrong one", "ann"}));
    ASSERT_TRUE(registry.reinstate("a", 0, {"it was b", "ann"}));
    const auto after = registry.find("a");
    EXPECT_FALSE((*after)->revoked);
    ASSERT_EQ((*after)->certificates.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ((*after)->certificates[i].revoked, (*before)->certificates[i].revoked) << i;
        EXPECT_EQ((*after)->keys[i].retired, (*before)->keys[i].retired) << i;
    }
    EXPECT_EQ(registry.history("a")->back().what, "reinstated");
}

TEST_F(RegistryTest, ReinstatesNobodyWhoIsNotRevokedOrWasTooLongAgoOrIsDecommissioned) {
    AdminRegistry registry = make();
    ASSERT_TRUE(registry.add(sample_principal("a", 1)));
    EXPECT_FALSE(registry.reinstate("nobody", 0, {}));
    EXPECT_FALSE(registry.reinstate("a", 0, {}));
    ASSERT_TRUE(registry.revoke("a", {}));
    const std::int64_t tomorrow = std::int64_t{std::time(nullptr)} + 86400;
    EXPECT_FALSE(registry.reinstate("a", tomorrow, {}));
    EXPECT_TRUE((*registry.find("a"))->revoked);
    ASSERT_TRUE(registry.decommission("a", {"gone", "ann"}));
    EXPECT_FALSE(registry.reinstate("a", 0, {}));
    EXPECT_TRUE((*registry.find("a"))->revoked);
}

TEST_F(RegistryTest, ChangesRolesAndOneCertificateAndTellsReaders) {
    AdminRegistry registry = make();
    ASSERT_TRUE(registry.add(sample_principal("a", 1)));
    std::int64_t since = *registry.newest();
    const std::vector<std::string> roles{"nurse", "porter"};
    ASSERT_TRUE(registry.change_roles("a", roles, {"moved", "ann"}));
    const auto changes = registry.changes(since);
    ASSERT_EQ(changes->size(), 1U);
    EXPECT_EQ(changes->front().roles, roles);
    EXPECT_FALSE(registry.revoke_certificate("a", sample_principal("b", 2).certificates[0].fingerprint, {}));
    ASSERT_TRUE(registry.revoke_certificate("a", sample_principal("a", 1).certificates[0].fingerprint, {}));
    EXPECT_TRUE(registry.changes(since)->front().certificates[0].revoked);
    EXPECT_FALSE(registry.revoke_certificate("a", sample_principal("a", 1).certificates[0].fingerprint, {}));
    ASSERT_TRUE(registry.revoke("a", {}));
    EXPECT_FALSE(registry.change_roles("a", roles, {}));
}

TEST_F(RegistryTest, DoesNotRevokeTheUnknownTheRevokedOrTheStorageKey) {
    AdminRegistry registry = make();
    PrincipalRecord storage = sample_principal("broker", 9);
    storage.storage = true;
    ASSERT_TRUE(registry.add(storage));
    ASSERT_TRUE(registry.add(sample_principal("a", 1)));
    ASSERT_TRUE(registry.revoke("a", {"first", "ann"}));
    EXPECT_FALSE(registry.revoke("a", {"second", "ann"}));
    EXPECT_EQ(registry.history("a")->front().reason.why, "first");
    EXPECT_FALSE(registry.revoke("nobody", {}));
    EXPECT_FALSE(registry.revoke("broker", {}));
    EXPECT_FALSE((*registry.find("broker"))->revoked);
}

TEST_F(RegistryTest, WipesAnOlderKeyWhenItsOverlapIsOver) {
    AdminRegistry registry = make();
    ASSERT_TRUE(registry.add(sample_principal("a", 1)));
    Key second = sample_key("a", 2);
    second.generation = 2;
    ASSERT_TRUE(registry.rotate("a", second, 5000, {"yearly", "ann"}));
    Key third = sample_key("a", 3);
    third.generation = 3;
    ASSERT_TRUE(registry.rotate("a", third, 7000, {}));
    EXPECT_EQ((*registry.find("a"))->keys[2].ends, 5000) << "never longer than first said";
    EXPECT_EQ((*registry.find("a"))->keys[1].ends, 7000);

    AdminRegistry reader = reopen();
    std::int64_t since = 0;
    ASSERT_TRUE(reader.changes(since));
    EXPECT_EQ(*registry.wipe_ended(4999), 0U);
    EXPECT_EQ(*registry.wipe_ended(5000), 1U);
    EXPECT_TRUE(*reader.changed());
    ASSERT_EQ(reader.changes(since)->size(), 1U);
    EXPECT_EQ((*registry.find("a"))->keys.size(), 2U);
    EXPECT_EQ(registry.history("a")->back().what, "overlap over, older keys wiped");
    ASSERT_TRUE(registry.end_overlap("a", {"done", "ann"}));
    EXPECT_EQ((*registry.find("a"))->keys.size(), 1U);
    EXPECT_FALSE(registry.end_overlap("a", {}));
}

TEST_F(RegistryTest, KeepsTheOlderKeyUntilAKeySentOverTheAirIsUsed) {
    AdminRegistry registry = make();
    ASSERT_TRUE(registry.add(sample_principal("a", 1)));
    Key second = sample_key("a", 2);
    second.generation = 2;
    second.overlap = 600;
    ASSERT_TRUE(registry.rotate_over_the_air("a", second, {"yearly", "ann"}));
    EXPECT_EQ((*registry.find("a"))->keys[0].overlap, 600);
    EXPECT_EQ((*registry.find("a"))->keys[1].ends, 0);
    EXPECT_FALSE((*registry.find("a"))->keys[1].retired);
    EXPECT_EQ(registry.history("a")->back().what, "rotated to generation 2, over the air");
    EXPECT_FALSE(registry.end_overlap("a", {})) << "its device may not have the new one";

    ASSERT_TRUE(registry.begin_overlaps(std::vector<AdminRegistry::Overlap>{{"a", 2, 5000}, {"nobody", 2, 5000}}));
    EXPECT_EQ((*registry.find("a"))->keys[1].ends, 5000);
    EXPECT_EQ((*registry.find("a"))->keys[0].ends, 0);
    EXPECT_EQ(registry.history("a")->back().what, "generation 2 used for the first time");
    ASSERT_TRUE(registry.begin_overlaps(std::vector<AdminRegistry::Overlap>{{"a", 2, 6000}}));
    EXPECT_EQ((*registry.find("a"))->keys[1].ends, 5000) << "never longer than first said";
    EXPECT_EQ(*registry.wipe_ended(5000), 1U);
    EXPECT_EQ((*registry.find("a"))->keys.size(), 1U);
}

// Reads a whole file of any kind.
std::string bytes_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST_F(RegistryTest, LeavesNoTraceOfADestroyedKeyInFileOrJournal) {
    AdminRegistry registry = make();
    for (int number = 1; number <= 50; ++number) {
        ASSERT_TRUE(registry.add(sample_principal("p" + std::to_string(number), number)));
    }
    const SealedSecret secret = (*registry.find("p25"))->keys[0].secret;
    const std::string needle(secret.begin(), secret.end());
    ASSERT_NE(bytes_of(path).find(needle), std::string::npos);
    ASSERT_TRUE(registry.decommission("p25", {"scrapped", "ann"}));
    EXPECT_EQ(bytes_of(path).find(needle), std::string::npos);
    EXPECT_EQ(bytes_of(path + "-journal").find_first_not_of('\0'), std::string::npos) << "overwritten";
    EXPECT_TRUE((*registry.find("p25"))->decommissioned);
    EXPECT_TRUE((*registry.find("p25"))->keys.empty());
    EXPECT_FALSE(registry.decommission("p25", {"again", "ann"}));
    EXPECT_TRUE(reopen().add(sample_principal("next", 51))) << "others can go on";
}

TEST_F(RegistryTest, UpgradesAnOlderVersion) {
    ASSERT_TRUE(create_file(path, {}));
    RawDatabase old(path);
    old.run(schema_of_version_1);
    old.run("PRAGMA application_id = 1383294316; PRAGMA user_version = 1");
    old.run("INSERT INTO principal VALUES (1, 'a', 0, 1, 1700000000, 'lost'), (2, 'b', 0, 2, NULL, NULL)");
    AdminRegistry registry = reopen();
    EXPECT_TRUE((*registry.find("a"))->revoked);
    EXPECT_EQ(registry.history("a")->front().reason.why, "lost");
    EXPECT_EQ(registry.history("a")->front().when, 1'700'000'000);
    EXPECT_TRUE(registry.revoke("b", {"too", "ann"}));
    EXPECT_EQ(reopen().all()->size(), 2U);
}

TEST_F(RegistryTest, SaysWhichVersionWasFoundAndWhichIsWanted) {
    make();
    RawDatabase(path).run("PRAGMA user_version = 7");
    EXPECT_NE(refusal().find("version 7, this program needs version 5"), std::string::npos) << refusal();
}

TEST_F(RegistryTest, RefusesAFileThatIsNotARegistry) {
    EXPECT_NE(refusal().find("No such file"), std::string::npos) << refusal();
    folder.write("registry.db", std::string(4096, 'x'));
    EXPECT_NE(refusal().find("not an SQLite file"), std::string::npos) << refusal();
    folder.write("registry.db", "");
    EXPECT_NE(refusal().find("not a registry"), std::string::npos) << refusal();
    RawDatabase(path).run("CREATE TABLE somebody_elses (x)");
    EXPECT_NE(refusal().find("not a registry"), std::string::npos) << refusal();
}

TEST_F(RegistryTest, RefusesAFileThatOthersMayRead) {
    make();
    folder.mode("registry.db", 0660);
    EXPECT_NE(refusal().find("0660"), std::string::npos);
    EXPECT_NE(refusal().find("chmod 600 " + path), std::string::npos);
}

TEST_F(RegistryTest, SaysThatARowIsDamaged) {
    AdminRegistry registry = make();
    ASSERT_TRUE(registry.add(sample_principal("a", 1)));
    RawDatabase(path).run("PRAGMA ignore_check_constraints = 1; UPDATE key SET secret = x'00'");
    const auto read = registry.all();
    ASSERT_FALSE(read);
    EXPECT_NE(read.error().problem.find("damaged"), std::string::npos) << read.error().text();
}

// The broker's user owns the file, but root may display it.
TEST_F(RegistryTest, TreatsANameWithTerminalCommandsAsDamage) {
    for (const char* change : {"UPDATE principal SET name = char(27) || '[2J'", "UPDATE principal SET owner = char(27)",
                               "UPDATE role SET name = 'a' || char(10) || 'b'"}) {
        AdminRegistry registry = make();
        PrincipalRecord principal = sample_principal("a", 1);
        principal.roles = {"wearable"};
        ASSERT_TRUE(registry.add(principal));
        RawDatabase(path).run(std::string("PRAGMA ignore_check_constraints = 1; ") + change);
        const auto read = registry.all();
        ASSERT_FALSE(read) << change;
        EXPECT_NE(read.error().problem.find("damaged"), std::string::npos) << read.error().text();
        std::filesystem::remove(path);
        std::filesystem::remove(path + "-journal");
    }
}

// Leaves pages of an uncommitted change in the file, and the journal that undoes it.
void die_half_way(const std::string& path) {
    const int code = exit_code_of([&] {
        RawDatabase raw(path);
        raw.run("PRAGMA journal_mode = TRUNCATE; BEGIN IMMEDIATE; UPDATE principal SET name = 'changed'");
        raw.flush();
        return ::kill(::getpid(), SIGKILL);
    });
    ASSERT_EQ(code, -1);
}

TEST_F(RegistryTest, RollsBackWhatAKilledWriterLeftHalfDone) {
    ASSERT_TRUE(make().add(sample_principal("a", 1)));
    die_half_way(path);
    ASSERT_GT(std::filesystem::file_size(path + "-journal"), 0U);
    EXPECT_EQ(reopen().all()->front().id, "a");
}

TEST_F(RegistryTest, RollsBackEvenIfTheReaderMayNotWriteToTheFolder) {
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
