// SPDX-License-Identifier: Apache-2.0
#include "keyring/backup_file.h"

#include <gtest/gtest.h>

#include "base/temp_folder.h"
#include "keyring/admin_registry.h"
#include "keyring/raw_database.h"
#include "keyring/sample_principal.h"

namespace reseal::keyring {
namespace {

Checked<Done> write_backup(const std::string& registry, const std::string& file, const BackupState& state) {
    auto backup = NewBackup::make(file);
    const auto filled = backup ? backup->fill(registry, state) : backup.error();
    return filled ? backup->put_in_place() : filled;
}

Checked<BackupState> unpack_backup(const std::string& file, const std::string& copy) {
    auto backup = Backup::open(file);
    return backup ? backup->unpack(copy) : backup.error();
}

class BackupTest : public testing::Test {
  protected:
    BackupTest() {
        auto made = AdminRegistry::create(path);
        EXPECT_TRUE(made && made->add(sample_principal("a", 1)));
    }
    [[nodiscard]] std::size_t principals(const std::string& of) const {
        auto registry = AdminRegistry::open(of, reader_patience);
        EXPECT_TRUE(registry) << registry.error().text();
        return registry->all()->size();
    }

    TempFolder folder;
    std::string path = folder / "registry.db";
    std::string file = folder / "backup";
    std::string copy = folder / "copy";
    BackupState state{1'800'000'000, 8192, {{sample_key_id(1), 7}}};
};

TEST_F(BackupTest, RestoresWhatItWasMadeFrom) {
    ASSERT_TRUE(write_backup(path, file, state));
    EXPECT_EQ(folder.mode("backup"), 0600U);
    ASSERT_TRUE(AdminRegistry::open(path, reader_patience)->add(sample_principal("b", 2)));
    const auto unpacked = unpack_backup(file, copy);
    ASSERT_TRUE(unpacked) << unpacked.error().text();
    EXPECT_EQ(unpacked->made, state.made);
    EXPECT_EQ(unpacked->broker_epoch, 8192U);
    ASSERT_EQ(unpacked->key_epochs.size(), 1U);
    EXPECT_EQ(unpacked->key_epochs[0].key, sample_key_id(1));
    EXPECT_EQ(unpacked->key_epochs[0].epoch, 7U);
    EXPECT_EQ(principals(copy), 1U);
    ASSERT_TRUE(replace_content(path, copy));
    EXPECT_EQ(principals(path), 1U);
    EXPECT_EQ(folder.mode("registry.db"), 0600U);
}

TEST_F(BackupTest, IsMadeWhileTheRegistryIsInUseAndReplacesAnOlderOneWhole) {
    AdminRegistry reader = std::move(*AdminRegistry::open(path, reader_patience));
    ASSERT_TRUE(write_backup(path, file, state));
    ASSERT_TRUE(reader.add(sample_principal("b", 2)));
    ASSERT_TRUE(write_backup(path, file, state));
    ASSERT_TRUE(unpack_backup(file, copy));
    EXPECT_EQ(principals(copy), 2U);
    EXPECT_FALSE(std::filesystem::exists(file + ".new"));
}

TEST_F(BackupTest, CannotBeUsedAsARegistryByMistake) {
    ASSERT_TRUE(write_backup(path, file, state));
    EXPECT_FALSE(AdminRegistry::open(file, reader_patience));
    const auto registry = unpack_backup(path, copy);
    ASSERT_FALSE(registry);
    EXPECT_NE(registry.error().text().find("not a backup of a registry; name a file that 'provision backup' wrote"),
              std::string::npos);
}

TEST_F(BackupTest, IsRefusedIfOthersMayReadItOrItIsDamaged) {
    ASSERT_TRUE(write_backup(path, file, state));
    folder.mode("backup", 0640);
    EXPECT_FALSE(unpack_backup(file, copy));
    folder.mode("backup", 0600);
    std::string bytes = folder.read("backup");
    bytes.resize(bytes.size() / 2);
    folder.write("backup", bytes);
    EXPECT_FALSE(unpack_backup(file, copy));
    folder.write("backup", "x");
    EXPECT_FALSE(unpack_backup(file, copy));
    EXPECT_EQ(principals(path), 1U);
}

}  // namespace
}  // namespace reseal::keyring
