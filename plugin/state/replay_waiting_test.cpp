// SPDX-License-Identifier: Apache-2.0
// QoS 2 messages that were let in but not yet delivered.
#include <gtest/gtest.h>

#include "state/replay_store.h"
#include "state/state_test_support.h"

namespace reseal::state {
namespace {

const Message first{1, 1, 5};
const Message second{1, 1, 6};

TEST(ReplayWaiting, IsKnownToANewProcessAtOnce) {
    const TempFolder folder;
    {
        ReplayStore store = open_store(folder);
        store.let_in(envelope(first));
        EXPECT_TRUE(store.waits(envelope(first)));
    }
    const ReplayStore store = open_store(folder);
    EXPECT_TRUE(store.waits(envelope(first)));
    EXPECT_FALSE(store.waits(envelope(second)));
}

TEST(ReplayWaiting, EndsWithTheDelivery) {
    const TempFolder folder;
    {
        ReplayStore store = open_store(folder);
        store.let_in(envelope(first));
        store.delivered(envelope(first));
        EXPECT_FALSE(store.waits(envelope(first)));
        store.settle();
        EXPECT_FALSE(store.waits(envelope(first)));
    }
    EXPECT_FALSE(open_store(folder).waits(envelope(first)));
}

// let_in() of the next message is certain at once. It must not make this one stop waiting, as its mark is not certain.
TEST(ReplayWaiting, ResumesIfTheProcessDiesBeforeTheDeliveryIsCertain) {
    const TempFolder folder;
    {
        ReplayStore store = open_store(folder);
        store.let_in(envelope(first));
        ASSERT_TRUE(accept_unsettled(store, first));
        store.delivered(envelope(first));
        store.let_in(envelope(second));
    }
    const ReplayStore store = open_store(folder);
    EXPECT_TRUE(store.waits(envelope(first)));
    EXPECT_TRUE(store.waits(envelope(second)));
    EXPECT_FALSE(store.marked(envelope(first)));
}

TEST(ReplayWaiting, ContinuesForAMessageOfALaterEpochWithTheSameCounter) {
    const TempFolder folder;
    const Message later{1, 2, first.counter};
    ReplayStore store = open_store(folder);
    store.let_in(envelope(first));
    store.delivered(envelope(first));
    store.let_in(envelope(later));
    EXPECT_TRUE(store.waits(envelope(later)));
    store.settle();
    EXPECT_TRUE(store.waits(envelope(later)));
}

}  // namespace
}  // namespace reseal::state
