// SPDX-License-Identifier: Apache-2.0
#include "base/private_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/temp_folder.h"

namespace reseal {
namespace {

TEST(PrivateFile, OpensARegularFileOfMode0600) {
    const TempFolder folder;
    EXPECT_TRUE(open_private(folder.write("key", "x")));
    EXPECT_TRUE(check_private(folder / "key"));
}

TEST(PrivateFile, RefusesEveryGroupOrOtherBitAndSaysHowToFixIt) {
    const TempFolder folder;
    const std::string path = folder.write("key", "x");
    for (const unsigned bit : {040U, 020U, 010U, 04U, 02U, 01U}) {
        folder.mode("key", 0600 | bit);
        const auto opened = open_private(path);
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().remedy, "chmod 600 " + path);
        EXPECT_FALSE(check_private(path));
    }
    folder.mode("key", 0640);
    EXPECT_NE(check_private(path).error().problem.find("0640"), std::string::npos);
}

TEST(PrivateFile, SaysHowToMakeAFolderPrivate) {
    const TempFolder folder;
    const std::string path = folder / "state";
    EXPECT_EQ(check_private_folder(path).error().remedy, "mkdir -m 700 " + path + ", for the broker's user");
    std::filesystem::create_directory(path);
    folder.mode("state", 0701);
    EXPECT_EQ(check_private_folder(path).error().remedy, "chmod 700 " + path);
    folder.mode("state", 0700);
    EXPECT_TRUE(check_private_folder(path));
}

TEST(PrivateFile, RefusesSymbolicLinksFoldersPipesAndMissingFiles) {
    const TempFolder folder;
    folder.write("key", "x");
    std::filesystem::create_symlink("key", folder / "link");
    std::filesystem::create_directory(folder / "folder");
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    for (const char* name : {"link", "folder", "pipe", "missing"}) {
        const auto opened = open_private(folder / name);
        ASSERT_FALSE(opened) << name;
        EXPECT_EQ(opened.error().file, folder / name);
        EXPECT_FALSE(check_private(folder / name)) << name;
    }
}

TEST(PrivateFile, MakesAFileOnce) {
    const TempFolder folder;
    ASSERT_TRUE(create_file(folder / "key", as_bytes("first")));
    EXPECT_FALSE(create_file(folder / "key", as_bytes("second")));
    EXPECT_EQ(folder.read("key"), "first");
    EXPECT_EQ(folder.mode("key"), 0600U);
    EXPECT_FALSE(std::filesystem::exists(folder / "key.new"));
}

TEST(PrivateFile, ReplacesAFileEvenIfAnEarlierAttemptWasKilled) {
    const TempFolder folder;
    folder.write("key", "first");
    folder.write("key.new", "half");
    ASSERT_TRUE(replace_file(folder / "key", as_bytes("second"), std::filesystem::perms(0644)));
    EXPECT_EQ(folder.read("key"), "second");
    EXPECT_EQ(folder.mode("key"), 0644U);
    EXPECT_FALSE(std::filesystem::exists(folder / "key.new"));
}

TEST(PrivateFile, SaysWhichFolderIsMissing) {
    const TempFolder folder;
    const auto made = create_file(folder / "no/key", as_bytes("x"));
    ASSERT_FALSE(made);
    EXPECT_NE(made.error().text().find("No such file or directory"), std::string::npos);
}

}  // namespace
}  // namespace reseal
