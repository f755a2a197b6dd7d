// SPDX-License-Identifier: Apache-2.0
#include "tools/file_limit.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace reseal::tools {
namespace {

TEST(FileLimit, IsRaisedAsFarAsTheSystemAllows) {
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit low = before;
    low.rlim_cur = 100;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
    EXPECT_TRUE(raise_file_limit(140, "20 devices", "use fewer"));
    rlimit after{};
    getrlimit(RLIMIT_NOFILE, &after);
    EXPECT_GE(after.rlim_cur, 140U);
    EXPECT_FALSE(raise_file_limit(before.rlim_max, "all devices", "use fewer"));
    setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace reseal::tools
