// For tests: runs the built program, in a site of its own.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <string>

#include "keyring/temp_folder.h"

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
    // The program fails as it should: exit code 1, and a message with `said` in it.
    void expect_failure(const std::string& arguments, const std::string& said) const {
        const Outcome outcome = run(arguments);
        EXPECT_EQ(outcome.code, 1) << arguments << "\n" << outcome.out;
        EXPECT_TRUE(contains(outcome.err, said)) << arguments << "\n" << outcome.err;
    }
    void make_site() const { expect_success("init " + site); }

    keyring::TempFolder temp;
    std::string site = temp / "site";
};

}  // namespace reseal::admin
