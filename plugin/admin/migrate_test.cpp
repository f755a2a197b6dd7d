// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "admin/program.h"
#include "admin/site.h"

namespace reseal::admin {
namespace {

// A site of version 1: reseal.yaml names no realm.
class MigrateTest : public ProgramTest {
  protected:
    MigrateTest() {
        make_site();
        run("add pico --role wearable");
        run("add gone --role wearable");
        run("revoke gone --reason lost");
        std::string yaml = temp.read("site/reseal.yaml");
        const std::size_t at = yaml.find("\nrealm:");
        yaml.erase(at, yaml.find('\n', at + 1) - at);
        temp.write("site/reseal.yaml", yaml);
    }
};

TEST_F(MigrateTest, GivesASiteItsRealmAndSaysWhoNeedsCredentials) {
    EXPECT_TRUE(contains(run("check").out, "realm: the key is missing"));
    const Outcome done = run("migrate --realm ward-7");
    EXPECT_EQ(done.code, 0) << done.err;
    EXPECT_TRUE(contains(done.out, "\n  pico\n")) << done.out;
    EXPECT_FALSE(contains(done.out, "gone")) << done.out;
    EXPECT_FALSE(contains(done.out, "broker-storage")) << done.out;
    EXPECT_TRUE(contains(done.out, "the realm is ward-7; restart the broker")) << done.out;
    EXPECT_TRUE(contains(run("export pico --format json").out, "\"realm\":\"ward-7\""));
    expect_success("check");
    EXPECT_TRUE(contains(run("migrate --realm other").out, "nothing to do, the realm is ward-7"));
}

TEST_F(MigrateTest, ChangesNothingIfAnythingElseIsWrong) {
    temp.write("site/reseal.yaml", "version: 1\nregister: x\n");
    expect_failure("migrate", "'register' is not a known key");
    EXPECT_EQ(temp.read("site/reseal.yaml"), "version: 1\nregister: x\n");
    expect_failure("migrate --realm a/b", "is not a valid realm name");
}

}  // namespace
}  // namespace reseal::admin
