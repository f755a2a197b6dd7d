// SPDX-License-Identifier: Apache-2.0
// Rotations, at once, with an overlap and over the air.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "admin/program.h"

namespace reseal::admin {
namespace {

using RotateTest = ProgramTest;

TEST_F(RotateTest, RotateGivesANewKeyAndRetiresTheOldOne) {
    make_site();
    expect_success("add dev --role wearable");
    const std::string before = run("export dev --format json").out;
    EXPECT_TRUE(contains(run("rotate dev").out, "to generation 2"));
    const auto after = nlohmann::json::parse(run("export dev --format json").out);
    EXPECT_NE(after.at("key_id"), nlohmann::json::parse(before).at("key_id"));
    EXPECT_NE(after.at("master_secret"), nlohmann::json::parse(before).at("master_secret"));
    expect_failure("rotate nobody", "no principal is called 'nobody'");
    for (const char* finish : {"", " --finish"}) {
        expect_failure(std::string("rotate dev --why 'a\nb'") + finish, "--why: it has control characters");
    }
    expect_failure("rotate broker-storage", "holds the broker's storage key");
    expect_success("revoke dev");
    expect_failure("rotate dev", "is already revoked");
}

TEST_F(RotateTest, RotateWithAnOverlapKeepsTheOldKeyForExactlyThatLong) {
    make_site();
    expect_success("add dev --role wearable");
    const std::string old_id = nlohmann::json::parse(run("export dev --format json").out).at("key_id");
    const Outcome rotated = run("rotate dev --overlap 7d");
    EXPECT_EQ(rotated.code, 0) << rotated.err;
    EXPECT_TRUE(contains(rotated.out, "the older one is accepted until 20")) << rotated.out;
    const std::string shown = run("show dev").out;
    EXPECT_TRUE(contains(shown, old_id + ", generation 1, AES-CCM-16-128-128 (30), wiped on 20")) << shown;
    expect_success("rotate dev --finish --by ann --why 'the new one is in'");
    EXPECT_FALSE(contains(run("show dev").out, old_id));
    EXPECT_TRUE(contains(run("show dev").out, "older keys wiped by ann: the new one is in\n"));
    expect_failure("rotate dev --finish", "no generation whose overlap is still running");
    for (const char* wrong : {"7", "d", "0d", "-1d", "7w", "7d ", "99999d"}) {
        expect_failure(std::string("rotate dev --overlap '") + wrong + "'", "is not a length of time; such as 7d");
    }
    expect_misuse("rotate dev --finish --overlap 7d");
}

TEST_F(RotateTest, RotateOverTheAirKeepsTheOldKeyUntilTheNewOneIsUsed) {
    make_site();
    expect_success("add dev --role wearable");
    const Outcome rotated = run("rotate dev --over-the-air --overlap 7d --by ann");
    EXPECT_EQ(rotated.code, 0) << rotated.err;
    EXPECT_TRUE(contains(rotated.out, "the broker sends it to $reseal/dev/key")) << rotated.out;
    EXPECT_TRUE(contains(rotated.out, "and then for 7d more")) << rotated.out;
    const std::string shown = run("show dev").out;
    EXPECT_TRUE(contains(shown, ", generation 2, AES-CCM-16-128-128 (30), over the air, not used yet\n")) << shown;
    EXPECT_TRUE(contains(shown, ", generation 1, AES-CCM-16-128-128 (30)\n")) << shown;
    EXPECT_TRUE(contains(shown, "rotated to generation 2, over the air by ann\n")) << shown;
    expect_failure("rotate dev --finish", "begins when the new key is first used");
    EXPECT_TRUE(contains(run("rotate dev --over-the-air").out, "and then for 30d more"));
    expect_failure("rotate dev --over-the-air --overlap 1w", "is not a length of time; such as 7d");
    expect_failure("rotate nobody --over-the-air", "no principal is called 'nobody'");
    expect_misuse("rotate dev --finish --over-the-air");
}

TEST_F(RotateTest, ExplainSaysWhoMayReadTheTopicOfAKey) {
    make_site();
    expect_success("add dev --role wearable");
    expect_success("add other --role wearable");
    const Outcome own = run("explain dev subscribe '$reseal/dev/key'");
    EXPECT_EQ(own.code, 0);
    EXPECT_TRUE(contains(own.out, "yes, sealed\n  the broker sends principals their new keys there")) << own.out;
    const Outcome foreign = run("explain other subscribe '$reseal/dev/key'");
    EXPECT_EQ(foreign.code, 1);
    EXPECT_TRUE(contains(foreign.out, "no: reserved_topic")) << foreign.out;
    EXPECT_EQ(run("explain dev publish '$reseal/dev/key'").code, 1);
    EXPECT_EQ(run("explain dev deliver '$reseal/dev/key'").code, 0);
    EXPECT_EQ(run("explain dev subscribe '$reseal/#'").code, 1);
}

}  // namespace
}  // namespace reseal::admin
