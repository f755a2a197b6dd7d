// SPDX-License-Identifier: Apache-2.0
// Another registry in the place of the one that is read.
#include "engine/engine_fixture.h"

#include <algorithm>

namespace reseal::engine::test {
namespace {

namespace fs = std::filesystem;

class SuccessionTest : public EngineTest {
  protected:
    std::string path(const char* name = "registry.db") const { return folder_ + "/" + name; }
    void copy(const char* as) const { fs::copy_file(path(), path(as)); }
    void replace(const char* by) const { fs::rename(path(by), path()); }
    // So many refreshes as it takes to look at what rests there.
    std::vector<std::string> look() {
        for (int i = 0; i < 2; ++i) {
            (void)refresh(now);
        }
        return refresh(now);
    }
    bool said(const std::string& part) const { return log_.find(part) != std::string::npos; }
    bool happened(const std::string& event) const { return std::ranges::count(seen_.events, event) > 0; }
};

TEST_F(SuccessionTest, IsAppliedWithAllChanges) {
    session("pico");
    const SessionId nurse = session("nurse");
    Endpoint nurses(credentials("nurse"));
    copy("other.db");
    replace("other.db");
    ASSERT_TRUE(registry().revoke("pico", {"lost", {}}));
    rotate("nurse", now + 10);
    add("pump", "wearable");
    EXPECT_EQ(look(), std::vector<std::string>{"pico"});
    EXPECT_TRUE(said("alert file_replaced: " + path())) << log_;
    EXPECT_TRUE(happened("revoked pico"));
    EXPECT_TRUE(happened("rotated nurse"));

    const SessionId pump = session("pump");
    Endpoint device(credentials("pump"));
    const auto message = device.seal("72", "ward/pump/pulse");
    ASSERT_EQ(publish(pump, message, "ward/pump/pulse"), Refusal::none) << log_;
    EXPECT_EQ(delivered(nurse, nurses, payload(message), "ward/pump/pulse"), "72");
    ASSERT_TRUE(registry().revoke("nurse", {"left", {}}));
    EXPECT_EQ(refresh(now).size(), 2U) << "it is the one that is read from now on";
}

TEST_F(SuccessionTest, OfOlderRightsIsRefused) {
    copy("older.db");
    ASSERT_TRUE(registry().transfer("pico", "ann", {}));
    (void)refresh(now);
    replace("older.db");
    EXPECT_TRUE(look().empty());
    EXPECT_TRUE(said("alert registry_unreadable: ")) << log_;
    EXPECT_TRUE(said("is older than the one that was read before: its last change is number 7, not 8")) << log_;
}

TEST_F(SuccessionTest, IsRetriedIfItCannotBeRead) {
    copy("other.db");
    replace("other.db");
    fs::permissions(path(), fs::perms(0644));
    for (int i = 0; i < 10; ++i) {
        (void)refresh(now);
    }
    EXPECT_TRUE(said("alert registry_unreadable: ")) << log_;
    EXPECT_TRUE(said("chmod 600")) << log_;
    fs::permissions(path(), fs::perms(0600));
    (void)look();
    EXPECT_TRUE(said("the registry can be read again")) << log_;
}

TEST_F(SuccessionTest, IsNotWritten) {
    copy("other.db");
    replace("other.db");
    rotate("pico", now);
    (void)refresh(now);
    EXPECT_EQ((*registry().find("pico"))->keys.size(), 2U) << "an ended key is wiped once it was taken over";
    (void)look();
    EXPECT_EQ((*registry().find("pico"))->keys.size(), 1U);
}

}  // namespace
}  // namespace reseal::engine::test
