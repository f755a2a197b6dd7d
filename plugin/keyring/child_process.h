// SPDX-License-Identifier: Apache-2.0
// For tests: work in its own process.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>

namespace reseal::keyring {

// A user who owns nothing.
constexpr uid_t nobody = 65534;

// Runs `work` in a child. Answers its exit status, or -1 if a signal ended it.
inline int exit_code_of(const std::function<int()>& work) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::_exit(work());
    }
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// Makes this process `nobody`, if it was root. False if that failed.
inline bool become_nobody() {
    return ::geteuid() != 0 || (::setgid(nobody) == 0 && ::setuid(nobody) == 0);
}

}  // namespace reseal::keyring
