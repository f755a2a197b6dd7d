// SPDX-License-Identifier: Apache-2.0
// For tests: runs the built program, on its own site.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <string>

#include "base/temp_folder.h"

namespace reseal::admin {

struct Outcome {
    int code = -1;
    std::string out;
    std::string err;
};

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

class ProgramTest : public testing::Test {
  protected:
    // A program that changed its user cannot be traced, but the sanitizers' leak search traces it.
    static void without_search_for_leaks() {
        (void)::setenv("ASAN_OPTIONS", "detect_leaks=0", 1);  // NOLINT(concurrency-mt-unsafe): one thread
    }
    // A command line for the shell.
    Outcome shell(const std::string& command) const {
        const std::string line = command + " >" + temp / "out" + " 2>" + temp / "err";
        const int status = std::system(line.c_str());  // NOLINT(cert-env33-c): a test's own command
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, temp.read("out"), temp.read("err")};
    }
    Outcome run(const std::string& arguments) const {
        return shell("RESEAL_DIR=" + site + " " RESEAL_ADMIN " " + arguments);
    }
    void expect_success(const std::string& arguments) const {
        const Outcome outcome = run(arguments);
        EXPECT_EQ(outcome.code, 0) << arguments << "\n" << outcome.err;
    }
    // The program fails as expected: exit code 1, and a message that contains `said`.
    void expect_failure(const std::string& arguments, const std::string& said) const {
        const Outcome outcome = run(arguments);
        EXPECT_EQ(outcome.code, 1) << arguments << "\n" << outcome.out;
        EXPECT_TRUE(contains(outcome.err, said)) << arguments << "\n" << outcome.err;
    }
    // The program was called wrongly: exit code 2, and its usage on standard error.
    void expect_misuse(const std::string& arguments) const {
        const Outcome outcome = run(arguments);
        EXPECT_EQ(outcome.code, 2) << arguments;
        EXPECT_TRUE(contains(outcome.err, "Usage:")) << arguments << "\n" << outcome.err;
        EXPECT_TRUE(outcome.out.empty()) << arguments;
    }
    // Starts `add ID` and kills it after that many microseconds.
    void kill_add_after(int microseconds, const std::string& id) const {
        const pid_t child = ::fork();
        if (child == 0) {
            ::execl(RESEAL_ADMIN, "reseal-provision", "--dir", site.c_str(), "add", id.c_str(), "--role", "wearable",
                    nullptr);
            ::_exit(127);
        }
        ::usleep(static_cast<useconds_t>(microseconds));
        ::kill(child, SIGKILL);
        EXPECT_EQ(::waitpid(child, nullptr, 0), child);
    }
    [[nodiscard]] uid_t owner_of(const std::string& name) const {
        struct stat status {};
        EXPECT_EQ(::stat((site + "/" + name).c_str(), &status), 0) << name;
        return status.st_uid;
    }
    void make_site() const { expect_success("init " + site); }

    TempFolder temp;
    std::string site = temp / "site";
};

}  // namespace reseal::admin
