// SPDX-License-Identifier: Apache-2.0
// Setting the machine's clock forward or back while the broker runs must not change any of this.
#include "harness/ward.h"

namespace harness {
namespace {

using std::chrono::seconds;

class Clock : public Ward, public testing::WithParamInterface<seconds> {
  protected:
    WallClock clock{site.path("clock")};
    Broker broker{site, {}, &clock};
};

INSTANTIATE_TEST_SUITE_P(SetBackAndForward, Clock,
                         testing::Values(seconds(-40), seconds(-3600), seconds(-86400L * 365 * 20), seconds(3600)),
                         [](const auto& wrong) {
                             const auto wrong_by = wrong.param.count();
                             return (wrong_by < 0 ? "Back" : "Forward") + std::to_string(std::abs(wrong_by)) + "s";
                         });

TEST_P(Clock, HidesNoRevocation) {
    Client pico(site, broker, "pico1");
    ASSERT_EQ(pico.connect(), 0);
    clock.set(GetParam());
    site.revoke("pico1");
    ASSERT_TRUE(pico.dropped()) << broker.log();
    // Mosquitto 2.0.21 counts keepalives by the wall clock, and may have dropped it before.
    EXPECT_TRUE(eventually([&] {
        const bool refused = pico.connect() != 0;
        pico.disconnect();
        return refused;
    })) << broker.log();
}

TEST_P(Clock, HidesNoRevocationFromAnIdleBroker) {
    clock.set(GetParam());
    site.revoke("pico1");
    EXPECT_TRUE(eventually([&] {
        return site.provision({"audit", "show", "--event", "revoked"}).find("pico1") != std::string::npos;
    })) << broker.log();
}

TEST_P(Clock, HidesNoOtherRights) {
    clock.set(GetParam());
    site.write_acl(read_all(site.path("acl.yaml")) + "\n# another one\n");
    EXPECT_TRUE(broker.logs("reloaded")) << broker.log();
}

TEST_P(Clock, JumpRaisesAnAlert) {
    clock.set(GetParam());
    EXPECT_TRUE(broker.logs("alert clock_set: the machine's clock was set")) << broker.log();
}

TEST_P(Clock, EndsNoOverlapBeforeItCanBeCorrected) {
    Device before(site, "pico1");
    site.provision({"rotate", "pico1", "--overlap", "30m"});
    clock.set(GetParam());
    ASSERT_TRUE(broker.logs("alert clock_set")) << broker.log();
    clock.set(seconds(0));
    Client pico(site, broker, "pico1");
    ASSERT_TRUE(comes_to(0, pico)) << broker.log();
    ASSERT_EQ(pico.connect(), 0);
    EXPECT_EQ(pico.publish(pulse_topic, before.seal(pulse_topic, reading)), 0) << broker.log();
}

TEST_P(Clock, CorrectedAgainHidesNoRevocation) {
    Client pico(site, broker, "pico1");
    ASSERT_EQ(pico.connect(), 0);
    clock.set(GetParam());
    site.write_acl(read_all(site.path("acl.yaml")) + "\n# another one\n");
    ASSERT_TRUE(broker.logs("reloaded")) << broker.log();
    clock.set(seconds(0));
    site.revoke("pico1");
    EXPECT_TRUE(pico.dropped()) << broker.log();
}

}  // namespace
}  // namespace harness
