// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <reseal/posix.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <optional>
#include <set>

#include <gtest/gtest.h>

#include "core/test_support.h"
#include "file_test_support.h"

namespace reseal::test {
namespace {

class Epochs : public testing::Test {
  protected:
    ~Epochs() override { reseal_posix_epochs_close(&epochs); }

    reseal_status open() { return reseal_posix_epochs_open(&epochs, path.c_str()); }

    std::optional<std::uint32_t> load() {
        const reseal_epoch_store port = reseal_posix_epoch_store(&epochs);
        std::uint32_t epoch = 12345;
        const reseal_status status = port.load(port.context, &epoch);
        EXPECT_TRUE(status == RESEAL_OK || status == RESEAL_EPOCH_NOT_STORED);
        return status == RESEAL_OK ? std::optional(epoch) : std::nullopt;
    }

    reseal_status store(std::uint32_t epoch) {
        const reseal_epoch_store port = reseal_posix_epoch_store(&epochs);
        return port.store(port.context, epoch);
    }

    // Refused by the open store and by a new owner; the file is left unchanged.
    void expect_refused(const std::string& text) {
        SCOPED_TRACE(text);
        write_file(path, text);
        EXPECT_EQ(load(), std::nullopt);
        reseal_posix_epochs other{};
        std::filesystem::copy_file(path, path + "-copy", std::filesystem::copy_options::overwrite_existing);
        EXPECT_EQ(reseal_posix_epochs_open(&other, (path + "-copy").c_str()), RESEAL_EPOCH_NOT_STORED);
        EXPECT_FALSE(other.file.opened);
        EXPECT_EQ(read_file(path + "-copy"), text);
    }

    TemporaryFolder folder;
    std::string path = folder.file("device.epoch");
    reseal_posix_epochs epochs{};
};

// What `body` returns in a child process, as a number below 256.
int in_child(const std::function<int()>& body) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::_exit(body());
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(Epochs, StartAtZero) {
    ASSERT_EQ(open(), RESEAL_OK);
    EXPECT_EQ(load(), 0U);
}

TEST_F(Epochs, ComeBackAfterARestart) {
    ASSERT_EQ(open(), RESEAL_OK);
    for (const std::uint32_t epoch : {1U, 2U, 1000U, UINT32_MAX}) {
        EXPECT_EQ(store(epoch), RESEAL_OK);
        reseal_posix_epochs_close(&epochs);
        EXPECT_EQ(open(), RESEAL_OK);
        EXPECT_EQ(load(), epoch);
    }
}

TEST_F(Epochs, AreInAFileThatOnlyItsOwnerCanRead) {
    const mode_t before = ::umask(0);
    ASSERT_EQ(open(), RESEAL_OK);
    ASSERT_EQ(store(4711), RESEAL_OK);
    ::umask(before);
    struct stat found {};
    ASSERT_EQ(::stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777U, 0600U);
    EXPECT_EQ(read_file(path).substr(0, 18), "reseal epoch 4711\n");
    EXPECT_FALSE(std::filesystem::exists(path + ".tmp"));
}

TEST_F(Epochs, BelongToOneProcess) {
    ASSERT_EQ(open(), RESEAL_OK);
    ASSERT_EQ(store(1), RESEAL_OK);  // replaces the file; the lock must not go with it
    const auto open_another = [this] {
        reseal_posix_epochs other{};
        return static_cast<int>(reseal_posix_epochs_open(&other, path.c_str()));
    };
    EXPECT_EQ(in_child(open_another), RESEAL_IN_USE);
    EXPECT_EQ(open_another(), RESEAL_IN_USE) << "nor to two owners in one process";
    reseal_posix_epochs_close(&epochs);
    EXPECT_EQ(in_child(open_another), RESEAL_OK);
}

TEST_F(Epochs, AreFreeAgainAfterTheirProcessIsKilled) {
    in_child([this] {
        EXPECT_EQ(open(), RESEAL_OK);
        return ::kill(::getpid(), SIGKILL);
    });
    EXPECT_EQ(open(), RESEAL_OK);
}

TEST_F(Epochs, AreRefusedAndLeftUnchangedWhenTheFileIsDamaged) {
    ASSERT_EQ(open(), RESEAL_OK);
    ASSERT_EQ(store(4711), RESEAL_OK);
    const std::string good = read_file(path);
    std::vector<std::string> damaged{"", "0\n", good + "\n", good + std::string(1, '\0'), good + good, " " + good};
    for (std::size_t i = 0; i < good.size(); i++) {
        damaged.push_back(good.substr(0, i));
        std::string flipped = good;
        flipped[i] = static_cast<char>(flipped[i] ^ 1);
        damaged.push_back(flipped);
    }
    damaged.emplace_back(5000, '7');
    for (const std::string& text : damaged) {
        expect_refused(text);
    }
    write_file(path, good);
    EXPECT_EQ(load(), 4711U);
    EXPECT_EQ(store(4712), RESEAL_OK);
}

TEST_F(Epochs, AreRefusedWhereNoFileCanBe) {
    write_file(folder.file("file"), "");
    for (const std::string& name : {folder.file("file/epoch"), folder.file("missing/epoch")}) {
        path = name;
        EXPECT_EQ(open(), RESEAL_EPOCH_NOT_STORED) << name;
    }
    std::filesystem::create_directory(folder.file("folder"));
    path = folder.file("folder");
    EXPECT_EQ(open(), RESEAL_EPOCH_NOT_STORED) << "the epoch's own name is a folder";
}

TEST_F(Epochs, AreNotStoredWhenTheirFolderIsGone) {
    std::filesystem::create_directory(folder.file("gone"));
    path = folder.file("gone/epoch");
    ASSERT_EQ(open(), RESEAL_OK);
    std::filesystem::remove_all(folder.file("gone"));
    EXPECT_EQ(store(1), RESEAL_EPOCH_NOT_STORED);
}

// From now on a write past the tenth byte of a file fails, as on a full disk.
bool forbid_long_files() {
    const rlimit ten_bytes{10, 10};
    // NOLINTNEXTLINE(performance-no-int-to-ptr): the macro of the C library
    return std::signal(SIGXFSZ, SIG_IGN) != SIG_ERR && ::setrlimit(RLIMIT_FSIZE, &ten_bytes) == 0;
}

TEST_F(Epochs, StayAsTheyWereWhenTheDiskIsFull) {
    ASSERT_EQ(open(), RESEAL_OK);
    ASSERT_EQ(store(41), RESEAL_OK);
    const auto store_on_full_disk = [this] { return forbid_long_files() ? static_cast<int>(store(42)) : -1; };
    EXPECT_EQ(in_child(store_on_full_disk), RESEAL_EPOCH_NOT_STORED);
    EXPECT_EQ(load(), 41U);
    EXPECT_EQ(store(42), RESEAL_OK) << "once there is room again";
}

TEST_F(Epochs, CannotBeUsedBeforeOpenOrAfterClose) {
    EXPECT_EQ(load(), std::nullopt);
    EXPECT_EQ(store(1), RESEAL_EPOCH_NOT_STORED);
    ASSERT_EQ(open(), RESEAL_OK);
    reseal_posix_epochs_close(&epochs);
    reseal_posix_epochs_close(&epochs);
    reseal_posix_epochs_close(nullptr);
    EXPECT_EQ(load(), std::nullopt);
    EXPECT_EQ(store(1), RESEAL_EPOCH_NOT_STORED);
}

TEST_F(Epochs, NeedAPlaceAndAPath) {
    EXPECT_EQ(reseal_posix_epochs_open(nullptr, path.c_str()), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(reseal_posix_epochs_open(&epochs, nullptr), RESEAL_BAD_ARGUMENT);
}

TEST_F(Epochs, NeedANameOf1To250Bytes) {
    for (const std::string& name : {std::string(), folder.file(""), folder.file(std::string(251, 'x'))}) {
        path = name;
        EXPECT_EQ(open(), RESEAL_BAD_ARGUMENT) << name;
    }
    path = folder.file(std::string(250, 'x'));
    ASSERT_EQ(open(), RESEAL_OK);
    EXPECT_EQ(store(7), RESEAL_OK);
    EXPECT_EQ(load(), 7U);
}

// Raises the epoch as a sender does, until it is killed. Tells the parent each epoch before it would be used.
[[noreturn]] void raise_and_tell(const std::string& path, int pipe_end) {
    reseal_posix_epochs own{};
    if (reseal_posix_epochs_open(&own, path.c_str()) != RESEAL_OK) {
        ::_exit(1);
    }
    const reseal_epoch_store port = reseal_posix_epoch_store(&own);
    for (;;) {
        std::uint32_t epoch = 0;
        if (port.load(port.context, &epoch) != RESEAL_OK || port.store(port.context, epoch + 1) != RESEAL_OK) {
            ::_exit(2);
        }
        epoch++;
        if (::write(pipe_end, &epoch, sizeof epoch) != sizeof epoch) {
            ::_exit(3);
        }
    }
}

// Waits until such a child reports an epoch, kills it `after` microseconds later, and adds all it reported to `told`.
// Returns whether it lived until then.
bool kill_one(const std::string& path, useconds_t after, std::vector<std::uint32_t>& told) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        raise_and_tell(path, ends[1]);
    }
    ::close(ends[1]);
    std::uint32_t epoch = 0;
    bool killed = false;
    while (::read(ends[0], &epoch, sizeof epoch) == sizeof epoch) {
        told.push_back(epoch);
        if (!killed) {
            ::usleep(after);
            killed = ::kill(child, SIGKILL) == 0;
        }
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(ends[0]);
    return WIFSIGNALED(status);
}

TEST_F(Epochs, NeverRepeatHoweverOftenTheirProcessIsKilled) {
    std::vector<std::uint32_t> told;
    for (useconds_t round = 0; round < 60; round++) {
        ASSERT_TRUE(kill_one(path, round * 53, told)) << "round " << round;
    }
    for (std::size_t i = 1; i < told.size(); i++) {
        ASSERT_GT(told[i], told[i - 1]);
    }
}

TEST_F(Epochs, CarryASenderThroughRestarts) {
    const reseal_credentials of = credentials();
    const reseal_random random = reseal_posix_random();
    std::set<std::uint32_t> seen;
    for (int run = 0; run < 3; run++) {
        ASSERT_EQ(open(), RESEAL_OK);
        const reseal_epoch_store port = reseal_posix_epoch_store(&epochs);
        reseal_sender sender;
        ASSERT_EQ(reseal_sender_open(&sender, &of, RESEAL_UPLINK, reseal_crypto_openssl(), &port, &random), RESEAL_OK);
        Bytes out(100);
        reseal_buffer buffer = room(out);
        ASSERT_EQ(reseal_sender_seal(&sender, view("a"), view("b"), &buffer), RESEAL_OK);
        seen.insert(sender.epoch.number);
        reseal_sender_close(&sender);
        reseal_posix_epochs_close(&epochs);
    }
    EXPECT_EQ(seen, (std::set<std::uint32_t>{1, 2, 3}));
}

}  // namespace
}  // namespace reseal::test
