// SPDX-License-Identifier: Apache-2.0
// Files that the broker's user can put beside a registry must not lead whoever opens it to another file.
#include "keyring/careful_vfs.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <span>

#include "base/temp_folder.h"
#include "keyring/admin_registry.h"
#include "keyring/backup_file.h"
#include "keyring/raw_database.h"
#include "keyring/sample_principal.h"

namespace reseal::keyring {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view magic("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8);

std::string number(std::uint32_t value) {
    const std::array<std::uint32_t, 4> bytes{value >> 24U, value >> 16U, value >> 8U, value};
    std::string out;
    for (const std::uint32_t byte : bytes) {
        out += static_cast<char>(byte & 0xffU);
    }
    return out;
}

// A rollback journal without a page. It names `super`, as SQLite does in a change of several files.
std::string forged_journal(std::uint32_t pages, const std::string& super) {
    constexpr std::uint32_t sector = 512;
    constexpr std::uint32_t page = 4096;
    constexpr std::uint32_t lock_page = 0x40000000 / page + 1;
    std::string out = std::string(magic) + number(0) + number(0) + number(pages) + number(sector) + number(page);
    out.resize(sector, '\0');
    std::uint32_t sum = 0;
    for (const char each : super) {
        sum += static_cast<std::uint32_t>(each);
    }
    return out + number(lock_page) + super + number(static_cast<std::uint32_t>(super.size())) + number(sum) +
           std::string(magic);
}

class CarefulVfsTest : public testing::Test {
  protected:
    CarefulVfsTest() {
        auto made = AdminRegistry::create(path);
        EXPECT_TRUE(made && made->add(sample_principal("a", 1)));
    }
    [[nodiscard]] std::string refusal() const {
        auto opened = AdminRegistry::open(path, reader_patience);
        return opened ? "opened" : opened.error().text();
    }
    void forge() const {
        const auto pages = static_cast<std::uint32_t>(fs::file_size(path) / 4096);
        folder.write("registry.db-journal", forged_journal(pages, victim));
    }

    TempFolder folder;
    std::string path = folder / "registry.db";
    std::string journal = path + "-journal";
    std::string victim = folder.write("victim", "what its owner needs");
};

// Shows that SQLite itself believes the forged journal.
TEST_F(CarefulVfsTest, AForgedJournalMakesSqliteDeleteAFile) {
    forge();
    RawDatabase(path).run("SELECT * FROM principal");
    EXPECT_FALSE(fs::exists(victim));
}

TEST_F(CarefulVfsTest, AJournalThatNamesAFileDeletesNothing) {
    forge();
    EXPECT_EQ(refusal(), victim +
                             ": is named by the journal of a registry, which never names a file; "
                             "somebody forged that journal: find out who could write it, then try again");
    EXPECT_EQ(folder.read("victim"), "what its owner needs");
    forge();
    EXPECT_FALSE(NewBackup::make(folder / "backup")->fill(path, {}));
    EXPECT_EQ(folder.read("victim"), "what its owner needs");
    EXPECT_EQ(refusal(), "opened") << "SQLite has emptied the journal first";
}

TEST_F(CarefulVfsTest, AJournalThatIsNotARegularFileIsRefusedAtOnce) {
    fs::remove(journal);
    ASSERT_EQ(::mkfifo(journal.c_str(), 0600), 0);
    EXPECT_EQ(refusal(), journal + ": is a FIFO; it must be a regular file");
    fs::remove(journal);
    fs::create_symlink(victim, journal);
    EXPECT_EQ(refusal(), journal + ": is a symbolic link; it must be a regular file");
    fs::remove(journal);
    fs::create_hard_link(victim, journal);
    EXPECT_EQ(refusal(), journal + ": has a second name (a hard link); put a copy in its place");
    fs::remove(journal);
    fs::create_directory(journal);
    EXPECT_EQ(refusal(), journal + ": is a folder; it must be a regular file");
    EXPECT_EQ(folder.read("victim"), "what its owner needs");
}

// The journal is truncated and keeps its name, so a change would write to whatever has that name.
TEST_F(CarefulVfsTest, AJournalThatIsReplacedWhileTheRegistryIsOpenIsNotWritten) {
    auto registry = AdminRegistry::open(path, reader_patience);
    ASSERT_TRUE(registry);
    fs::remove(journal);
    fs::create_hard_link(victim, journal);
    EXPECT_FALSE(registry->add(sample_principal("b", 2)));
    EXPECT_EQ(folder.read("victim"), "what its owner needs");
}

TEST_F(CarefulVfsTest, ARegistryThatIsNotARegularFileIsRefusedAtOnce) {
    fs::rename(path, folder / "elsewhere");
    fs::create_symlink("elsewhere", path);
    EXPECT_EQ(refusal(), path + ": is a symbolic link; it must be a regular file");
    fs::remove(path);
    fs::create_hard_link(folder / "elsewhere", path);
    EXPECT_EQ(refusal(), path + ": has a second name (a hard link); put a copy in its place");
    fs::remove(path);
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    EXPECT_EQ(refusal(), path + ": is a FIFO; it must be a regular file");
}

TEST_F(CarefulVfsTest, AWriteAheadLogIsRefused) {
    RawDatabase(path).run("PRAGMA journal_mode = WAL");
    EXPECT_EQ(refusal(), path +
                             "-wal: is a write-ahead log, which no registry has; write it into the registry with the "
                             "program that left it, then move it away");
}

}  // namespace
}  // namespace reseal::keyring
