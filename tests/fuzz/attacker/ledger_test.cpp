// SPDX-License-Identifier: Apache-2.0
#include "fuzz/attacker/ledger.h"

#include <gtest/gtest.h>

namespace attacker {
namespace {

class LedgerTest : public testing::Test {
  protected:
    LedgerTest() { ledger.sealed("ward/a", text); }

    Dice dice{1};
    Ledger ledger;
    std::string text = ledger.new_text(dice);
};

TEST_F(LedgerTest, AllowsASealedTextOnceUnderItsTopic) {
    EXPECT_NO_THROW(ledger.arrived("ward/a", text));
    EXPECT_THROW(ledger.arrived("ward/a", text), Finding);
}

TEST_F(LedgerTest, RefusesUnsentTextsAndTextsUnderAnotherTopic) {
    EXPECT_THROW(ledger.arrived("ward/b", text), Finding);
    EXPECT_THROW(ledger.arrived("ward/a", ledger.new_text(dice)), Finding);
    EXPECT_THROW(ledger.arrived("ward/a", "something"), Finding);
    EXPECT_THROW(ledger.check_sent("ward/b", text), Finding);
}

TEST_F(LedgerTest, AllowsARepeatWhereTheBrokerSaysSo) {
    ledger.arrived("ward/a", text);
    EXPECT_NO_THROW(ledger.arrived("ward/a", text, true));
    EXPECT_EQ(ledger.repeated(), 1U);
}

TEST_F(LedgerTest, AllowsARepeatAfterTheBrokerWasKilled) {
    ledger.arrived("ward/a", text);
    ledger.killed();
    EXPECT_NO_THROW(ledger.arrived("ward/a", text));
    EXPECT_NO_THROW(ledger.arrived("ward/a", text));
    EXPECT_THROW(ledger.arrived("ward/a", text), Finding);
    EXPECT_EQ(ledger.repeated(), 3U);
    const std::string later = ledger.new_text(dice);
    ledger.sealed("ward/a", later);
    ledger.arrived("ward/a", later);
    EXPECT_THROW(ledger.arrived("ward/a", later), Finding);
}

}  // namespace
}  // namespace attacker
