// SPDX-License-Identifier: Apache-2.0
// A new key over the air.
#include <reseal/rekey.h>

#include "app/vitals_fixture.h"

namespace reseal::vitals {
namespace {

reseal_credentials second_generation() {
    reseal_credentials made = test_credentials();
    std::memcpy(made.key_id, "secondk", RESEAL_KEY_ID_SIZE);
    made.master[0] = 2;
    return made;
}

std::string record_of(const reseal_credentials& of) {
    std::string out(RESEAL_REKEY_RECORD_MAX, '\0');
    out.resize(reseal_rekey_record_write(reinterpret_cast<std::uint8_t *>(out.data()), &of));
    return out;
}

TEST_F(Vitals, KeepsANewKeyAndReconnectsWithIt) {
    vitals_close(&app);
    open(RESEAL_LISTENER_SEALED);
    go_online();
    pass(3000);
    arrive();
    pass(1000);
    command("$reseal/pico1/key", record_of(second_generation()));
    EXPECT_EQ(board.driver.disconnects, 1);
    ASSERT_EQ(board.keys.size(), 1U);
    EXPECT_EQ(std::memcmp(board.keys[0].key_id, "secondk", RESEAL_KEY_ID_SIZE), 0);
    board.driver.sent.clear();
    go_online();
    TestBroker fresh(RESEAL_WINDOW_MIN, second_generation());
    EXPECT_EQ(fresh.take("$connect/sealed/pico1", decode(board.driver.passwords.back())), RESEAL_OK);
    pass(1000);
    ASSERT_EQ(board.driver.sent.size(), 2U);
    EXPECT_EQ(broker.take(board.driver.sent[0].topic, board.driver.sent[0].payload), RESEAL_OK)
        << "sealed and sent before";
    EXPECT_EQ(fresh.take(board.driver.sent[1].topic, board.driver.sent[1].payload), RESEAL_OK);
    EXPECT_EQ(board.driver.disconnects, 1) << "once";
}

TEST_F(Vitals, KeepsItsKeyWhenANewOneIsInvalidOrCannotBeStored) {
    go_online();
    board.flash_works = false;
    command("$reseal/pico1/key", record_of(second_generation()));
    board.flash_works = true;
    command("$reseal/pico1/key", "no key");
    command("$reseal/pico1/key", record_of(test_credentials()));
    EXPECT_EQ(app.link.status.refused, 3U);
    EXPECT_TRUE(board.keys.empty());
    EXPECT_EQ(board.driver.disconnects, 0);
    pass(1000);
    arrive();
    EXPECT_EQ(last_status, RESEAL_OK);
}

}  // namespace
}  // namespace reseal::vitals
