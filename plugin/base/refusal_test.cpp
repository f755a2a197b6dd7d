// SPDX-License-Identifier: Apache-2.0
#include "base/refusal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace reseal {
namespace {

Refusal refusal(std::size_t index) {
    return static_cast<Refusal>(index);
}

TEST(Refusal, EachHasANameOfItsOwn) {
    std::set<std::string_view> names;
    for (std::size_t i = 0; i < refusal_count; ++i) {
        const std::string_view text = name_of(refusal(i));
        EXPECT_FALSE(text.empty()) << i;
        EXPECT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos) << text;
        EXPECT_TRUE(names.insert(text).second) << text << " stands twice";
    }
}

TEST(Refusal, EachHasASentenceOfItsOwn) {
    std::set<std::string_view> sentences;
    for (std::size_t i = 0; i < refusal_count; ++i) {
        const std::string_view text = sentence_of(refusal(i));
        ASSERT_GT(text.size(), 10U) << name_of(refusal(i));
        EXPECT_TRUE('A' <= text.front() && text.front() <= 'Z') << text;
        EXPECT_NE(text.back(), '.') << text;
        EXPECT_TRUE(sentences.insert(text).second) << text << " stands twice";
    }
}

TEST(Refusal, IsNamedAfterItsEnumerator) {
    EXPECT_EQ(name_of(Refusal::none), "none");
    EXPECT_EQ(name_of(Refusal::client_id_not_tied), "client_id_not_tied");
    EXPECT_EQ(name_of(Refusal::publish_not_allowed), "publish_not_allowed");
    EXPECT_EQ(name_of(Refusal::stale_epoch), "stale_epoch");
    EXPECT_EQ(name_of(Refusal::bad_topic), "bad_topic");
    EXPECT_EQ(name_of(Refusal::internal), "internal");
}

TEST(Refusal, OfAnUnknownNumberIsInternal) {
    EXPECT_EQ(name_of(refusal(refusal_count)), "internal");
    EXPECT_EQ(sentence_of(refusal(255)), sentence_of(Refusal::internal));
}

TEST(FromStatus, KeepsWhatTheMessageDidWrong) {
    EXPECT_EQ(refusal_of(RESEAL_OK), Refusal::none);
    EXPECT_EQ(refusal_of(RESEAL_MALFORMED), Refusal::malformed);
    EXPECT_EQ(refusal_of(RESEAL_UNKNOWN_KEY), Refusal::unknown_key);
    EXPECT_EQ(refusal_of(RESEAL_WRONG_DIRECTION), Refusal::wrong_direction);
    EXPECT_EQ(refusal_of(RESEAL_WRONG_ALGORITHM), Refusal::wrong_algorithm);
    EXPECT_EQ(refusal_of(RESEAL_STALE_EPOCH), Refusal::stale_epoch);
    EXPECT_EQ(refusal_of(RESEAL_COUNTER_LIMIT), Refusal::counter_limit);
    EXPECT_EQ(refusal_of(RESEAL_REPLAY), Refusal::replay);
    EXPECT_EQ(refusal_of(RESEAL_BAD_TAG), Refusal::bad_tag);
    EXPECT_EQ(refusal_of(RESEAL_TOO_LONG), Refusal::oversized);
    EXPECT_EQ(refusal_of(RESEAL_BAD_TOPIC), Refusal::bad_topic);
}

TEST(FromStatus, KnowsWhatCouldNotBeStored) {
    EXPECT_EQ(refusal_of(RESEAL_EPOCH_NOT_STORED), Refusal::state_unavailable);
    EXPECT_EQ(refusal_of(RESEAL_WINDOW_NOT_STORED), Refusal::state_unavailable);
    EXPECT_EQ(refusal_of(RESEAL_IN_USE), Refusal::state_unavailable);
}

TEST(FromStatus, RefusesWhateverElseIsNotOk) {
    for (int status = 1; status < 32; ++status) {
        EXPECT_NE(refusal_of(static_cast<reseal_status>(status)), Refusal::none) << status;
    }
    for (const reseal_status status :
         {RESEAL_BUFFER_TOO_SMALL, RESEAL_EPOCH_EXHAUSTED, RESEAL_NO_RANDOM, RESEAL_BAD_ARGUMENT, RESEAL_CRYPTO_FAILED,
          RESEAL_BAD_CREDENTIALS, RESEAL_CLOSED}) {
        EXPECT_EQ(refusal_of(status), Refusal::internal) << status;
    }
}

}  // namespace
}  // namespace reseal
