// SPDX-License-Identifier: Apache-2.0
// Reads the whole registry into a keyring.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/temp_folder.h"
#include "keyring/admin_registry.h"
#include "keyring/keyring.h"
#include "keyring/raw_database.h"
#include "keyring/sample_principal.h"

namespace reseal::keyring {
namespace {

class RegistryRead : public testing::Test {
  protected:
    AdminRegistry make() {
        auto made = AdminRegistry::create(path);
        EXPECT_TRUE(made) << made.error().text();
        return std::move(*made);
    }
    AdminRegistry reopen() { return std::move(*AdminRegistry::open(path, reader_patience)); }

    TempFolder folder;
    std::string path = folder / "registry.db";
};

TEST_F(RegistryRead, ReadsAllIntoAKeyringAndThenOnlyTheChanges) {
    AdminRegistry writer = make();
    PrincipalRecord broker = sample_principal("broker", 1);
    broker.storage = true;
    broker.roles.clear();
    PrincipalRecord dev = sample_principal("dev", 2);
    dev.certificates.push_back({sample_fingerprint(9), true});
    dev.keys.insert(dev.keys.begin(), sample_key("dev", 8));
    dev.keys.front().generation = 2;
    dev.keys.front().overlap = 60;
    dev.keys.back().ends = 77;
    ASSERT_TRUE(writer.add(broker));
    ASSERT_TRUE(writer.add(dev));
    ASSERT_TRUE(writer.add(sample_principal("gone", 3)));
    ASSERT_TRUE(writer.revoke("gone", {"lost", "ann"}));

    AdminRegistry reader = reopen();
    Keyring keyring(sample_master_key());
    const auto newest = reader.read_all(keyring);
    ASSERT_TRUE(newest) << newest.error().text();
    EXPECT_EQ(keyring.size(), 3U);
    EXPECT_EQ(keyring.storage(), keyring.find("broker"));
    EXPECT_TRUE(keyring.find("broker")->roles.get().empty());
    EXPECT_TRUE(keyring.find("gone")->revoked);
    EXPECT_EQ(keyring.find("dev")->roles.get(), dev.roles);
    EXPECT_TRUE(keyring.find_certificate(sample_fingerprint(9)).certificate->revoked);
    EXPECT_EQ(keyring.find_certificate(sample_fingerprint(2)).principal, keyring.find("dev"));
    ASSERT_EQ(keyring.find("dev")->keys.size(), 2U);
    EXPECT_EQ(keyring.find("dev")->keys[0].id, sample_key_id(8)) << "newest first";
    EXPECT_EQ(keyring.find("dev")->keys[0].overlap, 60);
    EXPECT_EQ(keyring.find("dev")->keys[1].secret, dev.keys[1].secret);
    EXPECT_EQ(keyring.end_keys(77).size(), 1U);

    std::int64_t since = *newest;
    EXPECT_TRUE(reader.changes(since)->empty());
    ASSERT_TRUE(writer.add(sample_principal("late", 4)));
    EXPECT_TRUE(*reader.changed());
    EXPECT_EQ(reader.changes(since)->front().id, "late");
}

TEST_F(RegistryRead, ReadsARegistryWhoseNumbersHaveGaps) {
    AdminRegistry writer = make();
    for (int number = 1; number <= 4; ++number) {
        ASSERT_TRUE(writer.add(sample_principal("p" + std::to_string(number), number)));
    }
    RawDatabase(path).run(
        "DELETE FROM key WHERE principal = 2; DELETE FROM certificate WHERE principal = 2; "
        "DELETE FROM role WHERE principal = 2; DELETE FROM principal WHERE number = 2;");
    Keyring keyring(sample_master_key());
    ASSERT_TRUE(reopen().read_all(keyring));
    EXPECT_EQ(keyring.size(), 3U);
    for (const int number : {1, 3, 4}) {
        const auto holder = keyring.find_key(sample_key_id(number));
        ASSERT_NE(holder.principal, nullptr) << number;
        EXPECT_EQ(holder.principal->id, "p" + std::to_string(number));
        EXPECT_EQ(keyring.find_certificate(sample_fingerprint(number)).principal, holder.principal);
    }
}

TEST_F(RegistryRead, RefusesRowsThatBelongToNobody) {
    for (const char* table : {"role", "certificate", "key"}) {
        AdminRegistry writer = make();
        ASSERT_TRUE(writer.add(sample_principal("a", 1)));
        RawDatabase(path).run(std::string("PRAGMA foreign_keys = OFF; UPDATE ") + table + " SET principal = 7");
        Keyring keyring(sample_master_key());
        const auto read = writer.read_all(keyring);
        ASSERT_FALSE(read) << table;
        EXPECT_NE(read.error().text().find("is damaged"), std::string::npos) << read.error().text();
        std::filesystem::remove(path);
        std::filesystem::remove(path + "-journal");
    }
}

}  // namespace
}  // namespace reseal::keyring
