// SPDX-License-Identifier: Apache-2.0
#include <reseal/posix.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

#include <gtest/gtest.h>

#include "core/test_support.h"
#include "file_test_support.h"

namespace reseal::test {
namespace {

// What `body` returns in a child made by `fork`.
int in_child(const std::function<pid_t()>& fork, const std::function<int()>& body) {
    const pid_t child = fork();
    if (child == 0) {
        _exit(body());
    }
    int status = 0;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

pid_t by_fork() {
    return ::fork();
}

// Forks like code that bypasses the C library: no pthread_atfork handler runs.
pid_t by_clone() {
    return static_cast<pid_t>(syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr));
}

class Process : public testing::Test {
  protected:
    Process() {
        EXPECT_EQ(reseal_posix_epochs_open(&epochs, folder.file("device.epoch").c_str()), RESEAL_OK);
        store = reseal_posix_epoch_store(&epochs);
        const reseal_credentials of = credentials();
        EXPECT_EQ(reseal_sender_open(&sender, &of, RESEAL_UPLINK, reseal_crypto_openssl(), &store, &random), RESEAL_OK);
    }
    ~Process() override {
        reseal_sender_close(&sender);
        reseal_posix_epochs_close(&epochs);
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    reseal_status seal() {
        Bytes memory(100);
        reseal_buffer out = room(memory);
        return reseal_sender_seal(&sender, view(std::string_view("t")), view(std::string_view("x")), &out);
    }

    TemporaryFolder folder;
    reseal_posix_epochs epochs{};
    reseal_epoch_store store{};
    reseal_random random = reseal_posix_random();
    reseal_sender sender{};
};

TEST_F(Process, ThatOpenedASenderSealsButAForkedOneDoesNot) {
    for (const bool sealed_before : {false, true}) {
        for (const auto& fork : {by_fork, by_clone}) {
            EXPECT_EQ(in_child(fork, [this] { return static_cast<int>(seal()); }), RESEAL_OTHER_PROCESS)
                << sealed_before;
        }
        EXPECT_EQ(seal(), RESEAL_OK);
    }
}

TEST_F(Process, ForkedTwiceSharesNoIdWithItsAncestors) {
    const std::uint32_t number = reseal_posix_process();
    ASSERT_NE(number, 0U);
    EXPECT_TRUE(reseal_posix_is_process(number));
    const auto grandchild = [number] {
        const std::uint32_t child = reseal_posix_process();
        return in_child(by_fork, [number, child] {
            const std::uint32_t own = reseal_posix_process();
            return own != number && own != child && reseal_posix_is_process(own) && !reseal_posix_is_process(child) &&
                           !reseal_posix_is_process(number)
                       ? 1
                       : 0;
        });
    };
    EXPECT_EQ(in_child(by_fork, grandchild), 1);
    EXPECT_FALSE(reseal_posix_is_process(0));
}

TEST_F(Process, ForkedSealsWithItsOwnSender) {
    const auto body = [this] {
        reseal_posix_epochs own{};
        if (reseal_posix_epochs_open(&own, folder.file("other.epoch").c_str()) != RESEAL_OK) {
            return -1;
        }
        const reseal_epoch_store its = reseal_posix_epoch_store(&own);
        reseal_sender_close(&sender);
        const reseal_credentials of = credentials();
        const reseal_status opened =
            reseal_sender_open(&sender, &of, RESEAL_UPLINK, reseal_crypto_openssl(), &its, &random);
        return static_cast<int>(opened == RESEAL_OK ? seal() : opened);
    };
    EXPECT_EQ(in_child(by_fork, body), RESEAL_OK);
}

}  // namespace
}  // namespace reseal::test
