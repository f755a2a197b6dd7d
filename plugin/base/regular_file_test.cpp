// SPDX-License-Identifier: Apache-2.0
// What is no regular file is refused at once, whoever put it there, and said to be what it is.
#include "base/regular_file.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/private_file.h"
#include "base/temp_folder.h"

namespace reseal {
namespace {

namespace fs = std::filesystem;

class RegularFileTest : public testing::Test {
  protected:
    RegularFileTest() {
        folder.write("file", "content");
        fs::create_symlink("file", folder / "link");
        fs::create_symlink("nothing", folder / "dangling");
        fs::create_directory(folder / "folder");
        EXPECT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
        make_socket();
    }
    void make_socket() {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string path = folder / "socket";
        std::copy(path.begin(), path.end(), static_cast<char*>(address.sun_path));
        socket_ = Descriptor(::socket(AF_UNIX, SOCK_STREAM, 0));
        EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    }
    // What is said of the file; empty if it was opened.
    [[nodiscard]] std::string named(const std::string& name) const { return said(open_named(folder / name)); }
    [[nodiscard]] std::string own(const std::string& name, int flags) const {
        return said(open_own(folder / name, flags));
    }
    [[nodiscard]] std::string said(const Checked<Descriptor>& opened) const {
        return opened ? "" : opened.error().text().substr(folder.path().size() + 1);
    }

    TempFolder folder;
    Descriptor socket_;
};

constexpr int read_only = O_RDONLY;
constexpr int append = O_WRONLY | O_APPEND;
constexpr int both = O_RDWR;

TEST_F(RegularFileTest, OpensARegularFile) {
    EXPECT_EQ(named("file"), "");
    for (const int flags : {read_only, append, both}) {
        EXPECT_EQ(own("file", flags), "") << flags;
    }
    EXPECT_EQ(own("new", O_RDWR | O_CREAT), "");
    EXPECT_EQ(folder.mode("new"), 0600U);
}

// None of these waits: a test that hung here would be ended by its time limit.
TEST_F(RegularFileTest, SaysWhatItIsInstead) {
    for (const int flags : {read_only, append, both, O_RDWR | O_CREAT}) {
        EXPECT_EQ(own("fifo", flags), "fifo: is a FIFO; it must be a regular file") << flags;
        EXPECT_EQ(own("socket", flags), "socket: is a socket; it must be a regular file") << flags;
        EXPECT_EQ(own("folder", flags), "folder: is a folder; it must be a regular file") << flags;
        EXPECT_EQ(own("link", flags), "link: is a symbolic link; it must be a regular file") << flags;
        EXPECT_EQ(own("dangling", flags), "dangling: is a symbolic link; it must be a regular file") << flags;
    }
    EXPECT_EQ(named("fifo"), "fifo: is a FIFO; it must be a regular file");
    EXPECT_EQ(named("socket"), "socket: is a socket; it must be a regular file");
    EXPECT_EQ(named("folder"), "folder: is a folder; it must be a regular file");
    EXPECT_EQ(open_named("/dev/null").error().text(), "/dev/null: is a device; it must be a regular file");
    EXPECT_FALSE(fs::exists(folder / "nothing")) << "not made through a link";
}

TEST_F(RegularFileTest, FollowsALinkThatTheOperatorNames) {
    EXPECT_EQ(named("link"), "");
    const auto text = read_file(folder / "link", 100);
    ASSERT_TRUE(text);
    EXPECT_EQ(*text, "content");
}

// What is written through a second name may be a file that its owner keeps elsewhere.
TEST_F(RegularFileTest, WritesNoFileWithASecondName) {
    fs::create_hard_link(folder / "file", folder / "second");
    for (const int flags : {append, both}) {
        EXPECT_EQ(own("second", flags), "second: has a second name (a hard link); put a copy in its place") << flags;
    }
    EXPECT_EQ(own("second", read_only), "") << "as a backup makes it";
}

TEST_F(RegularFileTest, SaysWhatIsMissing) {
    EXPECT_EQ(own("nothing", read_only), "nothing: there is no such file; check the path");
    const auto missing = open_own_if_there(folder / "nothing", read_only);
    ASSERT_TRUE(missing);
    EXPECT_FALSE(*missing);
    EXPECT_FALSE(open_own_if_there(folder / "dangling", read_only)) << "there is something";
    const auto there = open_own_if_there(folder / "file", read_only);
    EXPECT_TRUE(there && *there);
}

// The other ways to a file go through it as well.
TEST_F(RegularFileTest, IsRequiredForWholeAndPrivateReads) {
    const std::string fifo = folder / "fifo";
    EXPECT_EQ(read_file(fifo, 100).error().text(), fifo + ": is a FIFO; it must be a regular file");
    EXPECT_EQ(read_own_file(folder / "link", 100).error().problem, "is a symbolic link");
    EXPECT_EQ(open_private(fifo).error().text(), fifo + ": is a FIFO; it must be a regular file");
    EXPECT_EQ(check_private(fifo).error().text(), fifo + ": is a FIFO; it must be a regular file");
    EXPECT_EQ(open_private(folder / "link").error().problem, "is a symbolic link");
}

}  // namespace
}  // namespace reseal
