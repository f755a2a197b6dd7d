// SPDX-License-Identifier: Apache-2.0
#include "broker/shutdown_hold.h"

#include <gtest/gtest.h>

#include <csignal>

namespace reseal::broker {
namespace {

volatile std::sig_atomic_t ended = 0;

class ShutdownHoldTest : public testing::Test {
  protected:
    ShutdownHoldTest() {
        ended = 0;
        previous_ = std::signal(SIGTERM, [](int) { ended = 1; });
    }
    ~ShutdownHoldTest() override { (void)std::signal(SIGTERM, previous_); }

    ShutdownHold hold_;

  private:
    void (*previous_)(int);
};

TEST_F(ShutdownHoldTest, LetsASignalThroughWhenNothingIsInProgress) {
    hold_.tick();
    (void)raise(SIGTERM);
    hold_.tick();
    EXPECT_EQ(ended, 1);
}

TEST_F(ShutdownHoldTest, HoldsASignalUntilTheRoundAfterTheDelivery) {
    hold_.tick();
    (void)raise(SIGTERM);  // while the broker waits for the packets of this round
    for (int round = 0; round < 100 && !hold_.closing(); ++round) {
        hold_.published();
        hold_.tick();
        EXPECT_EQ(ended, 0) << "the broker has not queued the delivery yet";
    }
    EXPECT_TRUE(hold_.closing()) << "nothing new is taken meanwhile";
    hold_.tick();
    EXPECT_EQ(ended, 1);
}

TEST_F(ShutdownHoldTest, EndsEvenIfDeliveriesNeverCease) {
    hold_.tick();
    (void)raise(SIGTERM);
    for (int round = 0; round < 100 && ended == 0; ++round) {
        hold_.published();
        hold_.tick();
    }
    EXPECT_EQ(ended, 1);
}

}  // namespace
}  // namespace reseal::broker
