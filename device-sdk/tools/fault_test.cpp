// SPDX-License-Identifier: Apache-2.0
#include "tools/fault.h"

#include <gtest/gtest.h>

#include <cerrno>

namespace reseal::tools {
namespace {

TEST(Fault, IsOneLineWithoutEmptyParts) {
    EXPECT_EQ((Fault{"c.json:3: realm", "is missing", "export it again"}.text()),
              "c.json:3: realm: is missing; export it again");
    EXPECT_EQ((Fault{"c.json", "is missing"}.text()), "c.json: is missing");
    EXPECT_EQ((Fault{.problem = "stopped"}.text()), "stopped");
}

TEST(Fault, GivesTheSystemsReason) {
    errno = ENOENT;
    EXPECT_EQ(system_fault("out", "cannot be created").text(), "out: cannot be created: No such file or directory");
    errno = EMFILE;
    EXPECT_EQ(system_fault("no pipe").text(), "no pipe: Too many open files");
}

TEST(Fault, EndsTheProgramWithStatusOneUnlessItIsAUsageError) {
    EXPECT_EQ(Fault{}.ending, Ending::failed);
    EXPECT_EQ(misuse("-t", "is empty").ending, Ending::misused);
    EXPECT_EQ(misuse("-t", "is empty").text(), "-t: is empty");
}

}  // namespace
}  // namespace reseal::tools
