// SPDX-License-Identifier: Apache-2.0
// After a loss of power, parts of the file may be from different moments. The broker must still start.
#include <gtest/gtest.h>

#include <cstring>

#include "state/replay_header.h"
#include "state/state_test_support.h"

namespace reseal::state {
namespace {

constexpr std::size_t power_record_size = 128;

class ReplayPower : public testing::Test {
  protected:
    ReplayPower() {
        {
            ReplayStore store = open_store(folder);
            EXPECT_TRUE(accept(store, {1, 1, 5}));
            end(std::move(store));
        }
        ReplayStore store = open_store(folder);
        EXPECT_TRUE(accept(store, {1, 1, 6}));
        EXPECT_TRUE(accept(store, {2, 1, 6}));
        before = folder.read("replay");
        EXPECT_TRUE(accept_unsettled(store, {1, 1, 7}));
        contents = folder.read("replay");
    }
    // As if the machine had been restarted since.
    void restart_machine() {
        Header header;
        std::memcpy(&header, contents.data(), sizeof header);
        const ReplayMac mac(state_key(), header.id, header.base);
        for (SealedProgress& each : header.progress) {
            each.progress.boot = {1};
            each.mac = mac_of(mac, each.progress);
        }
        std::memcpy(contents.data(), &header, sizeof header);
        folder.write("replay", contents);
    }

    TempFolder folder;
    std::string before;
    std::string contents;
};

TEST_F(ReplayPower, ForgetsAMarkThatTheListDoesNotName) {
    contents.replace(page, page, before.substr(page, page));
    folder.write("replay", contents);
    EXPECT_FALSE(try_open(folder.path())) << "without a loss of power that cannot be";
    restart_machine();
    const ReplayStore store = open_store(folder);
    EXPECT_EQ(store.check(envelope({1, 1, 6})), RESEAL_REPLAY);
    EXPECT_EQ(store.check(envelope({1, 1, 7})), RESEAL_OK);
}

TEST_F(ReplayPower, TreatsAMissingRecordAsNeverMade) {
    contents.replace(header_size + power_record_size, power_record_size, power_record_size, '\0');
    folder.write("replay", contents);
    EXPECT_FALSE(try_open(folder.path()));
    restart_machine();
    {
        ReplayStore store = open_store(folder);
        EXPECT_EQ(store.check(envelope({1, 1, 6})), RESEAL_REPLAY);
        EXPECT_TRUE(accept(store, {2, 1, 6}));
        end(std::move(store));
    }
    EXPECT_EQ(open_store(folder).check(envelope({2, 1, 6})), RESEAL_REPLAY);
}

TEST_F(ReplayPower, StillNoticesAMissingRecordOfAnEarlierRun) {
    contents.replace(header_size, power_record_size, power_record_size, '\0');
    restart_machine();
    EXPECT_FALSE(try_open(folder.path()));
}

}  // namespace
}  // namespace reseal::state
