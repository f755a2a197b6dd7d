// SPDX-License-Identifier: Apache-2.0
#include <reseal/envelope.h>

#include <gtest/gtest.h>

#include "core/test_support.h"

namespace reseal::test {
namespace {

reseal_status parse(const Bytes& message, reseal_envelope *out) {
    return reseal_envelope_parse(view(message), out);
}

reseal_status parse(const Bytes& message) {
    reseal_envelope ignored;
    return parse(message, &ignored);
}

void expect_same_header(const reseal_envelope& a, const reseal_envelope& b) {
    EXPECT_EQ(a.algorithm, b.algorithm);
    EXPECT_EQ(a.direction, b.direction);
    EXPECT_TRUE(std::equal(std::begin(a.key_id), std::end(a.key_id), b.key_id));
    EXPECT_TRUE(reseal_epoch_equal(&a.epoch, &b.epoch));
    EXPECT_EQ(a.counter, b.counter);
}

void expect_read_back(const Draft& draft) {
    const Bytes message = draft.seal();
    reseal_envelope read{};
    ASSERT_EQ(parse(message, &read), RESEAL_OK);
    expect_same_header(read, draft.header());
    EXPECT_EQ(read.sealed.data + read.sealed.size, message.data() + message.size());
    EXPECT_EQ(read.sealed.size, draft.plaintext.size() + RESEAL_TAG_SIZE);
}

TEST(EnvelopeParse, ReadsBackWhatWasSealed) {
    for (const int algorithm : kAlgorithms) {
        for (const std::uint32_t counter : {0U, 1U, 255U, 256U, 65535U, 65536U, 1048575U}) {
            SCOPED_TRACE(testing::Message() << "algorithm " << algorithm << ", counter " << counter);
            expect_read_back(
                {.credentials = credentials(algorithm), .epoch = {0x01020304, {9, 8, 7, 6}}, .counter = counter});
        }
    }
}

TEST(EnvelopeParse, RefusesEveryShorterMessageAndOneByteMore) {
    Bytes message = Draft{}.seal();
    for (std::size_t size = 0; size < message.size(); size++) {
        EXPECT_EQ(parse(Bytes(message.begin(), message.begin() + static_cast<std::ptrdiff_t>(size))), RESEAL_MALFORMED)
            << size;
    }
    message.push_back(0);
    EXPECT_EQ(parse(message), RESEAL_MALFORMED);
}

// Positions in the header of a message with algorithm 30, a counter of one byte, and less than 8 bytes of plaintext.
enum : std::size_t { kAlgorithmAt = 6, kDirectionAt = 17, kCounterAt = 20, kEpochAt = 23, kSealedAt = 32 };

TEST(EnvelopeParse, AcceptsEachValueOnlyInItsPlace) {
    const Bytes message = Draft{}.seal();
    const auto is_value = [](std::size_t at) {
        return (at >= 10 && at <= kDirectionAt) || at == kCounterAt || (at >= kEpochAt && at < kEpochAt + 8);
    };
    for (std::size_t at = 0; at < kSealedAt; at++) {
        for (unsigned mask = 1; mask < 256 && !is_value(at); mask++) {
            Bytes changed = message;
            changed[at] = static_cast<std::uint8_t>(changed[at] ^ mask);
            const bool other_algorithm =
                at == kAlgorithmAt && reseal_algorithm_name(changed[at]) != nullptr && changed[at] >= 24;
            EXPECT_EQ(parse(changed), other_algorithm ? RESEAL_OK : RESEAL_MALFORMED) << at << ' ' << mask;
        }
    }
}

TEST(EnvelopeParse, AcceptsExactlyTwoDirections) {
    Bytes message = Draft{}.seal();
    for (int direction = 0; direction < 256; direction++) {
        message[kDirectionAt] = static_cast<std::uint8_t>(direction);
        EXPECT_EQ(parse(message), direction == 1 || direction == 2 ? RESEAL_OK : RESEAL_MALFORMED) << direction;
    }
}

TEST(EnvelopeParse, RefusesEpochZeroAndACounterAtTheLimit) {
    Bytes message = Draft{.epoch = {0, {1, 2, 3, 4}}}.seal();
    EXPECT_EQ(parse(message), RESEAL_STALE_EPOCH);

    message = Draft{.counter = 0x0FFFFF}.seal();
    EXPECT_EQ(parse(message), RESEAL_OK);
    message[kCounterAt] = 0x10;
    EXPECT_EQ(parse(message), RESEAL_COUNTER_LIMIT);
}

TEST(EnvelopeParse, WritesTheResultOnlyOnSuccess) {
    reseal_envelope out{};
    out.counter = 77;
    EXPECT_EQ(parse(Draft{.epoch = {0, {}}, .counter = 5}.seal(), &out), RESEAL_STALE_EPOCH);
    EXPECT_EQ(out.counter, 77U);
}

void expect_size_told(const Draft& draft) {
    const std::size_t told = reseal_message_size(static_cast<reseal_algorithm>(draft.credentials.algorithm),
                                                 draft.counter, draft.plaintext.size());
    EXPECT_EQ(told, draft.seal().size()) << "counter " << draft.counter << ", size " << draft.plaintext.size();
    EXPECT_LE(told, draft.plaintext.size() + RESEAL_OVERHEAD_MAX);
}

TEST(MessageSize, IsTheSizeThatSealingProduces) {
    for (const int algorithm : kAlgorithms) {
        for (const std::uint32_t counter : {0U, 255U, 256U, 65535U, 65536U, 1048575U}) {
            for (const std::size_t size : {0U, 7U, 8U, 239U, 240U, 65519U, 65520U, 65535U}) {
                expect_size_told(
                    {.credentials = credentials(algorithm), .counter = counter, .plaintext = pattern(size)});
            }
        }
    }
}

TEST(MessageSize, IsWhatTheProtocolStatesForAlgorithm30) {
    EXPECT_EQ(reseal_message_size(RESEAL_AES_CCM_16_128_128, 0, 0), 48U);
    EXPECT_EQ(reseal_message_size(RESEAL_AES_CCM_16_128_128, 1048575, 65519), 65519U + 52);
    EXPECT_EQ(reseal_message_size(RESEAL_AES_CCM_16_128_128, 1048575, 65520), 65520U + 54);
}

TEST(MessageSize, IsZeroBeyondALimit) {
    EXPECT_EQ(reseal_message_size(RESEAL_AES_CCM_16_128_128, 0, 65536), 0U);
    EXPECT_NE(reseal_message_size(RESEAL_A128GCM, 0, (1U << 24) - 1), 0U);
    EXPECT_EQ(reseal_message_size(RESEAL_A128GCM, 0, 1U << 24), 0U);
    EXPECT_EQ(reseal_message_size(RESEAL_A128GCM, 1U << 20, 0), 0U);
    EXPECT_EQ(reseal_message_size(static_cast<reseal_algorithm>(10), 0, 0), 0U);
}

TEST(Topic, Has1To65535BytesAndNoWildcardOrNul) {
    EXPECT_EQ(reseal_topic_check(view("a")), RESEAL_OK);
    EXPECT_EQ(reseal_topic_check(view("$connect/Hôpital 9//")), RESEAL_OK);
    EXPECT_EQ(reseal_topic_check(view(std::string(65535, 'x'))), RESEAL_OK);
    EXPECT_EQ(reseal_topic_check(view("")), RESEAL_BAD_TOPIC);
    EXPECT_EQ(reseal_topic_check(view(std::string(65536, 'x'))), RESEAL_BAD_TOPIC);
    EXPECT_EQ(reseal_topic_check(view("a/+/b")), RESEAL_BAD_TOPIC);
    EXPECT_EQ(reseal_topic_check(view("a/#")), RESEAL_BAD_TOPIC);
    EXPECT_EQ(reseal_topic_check(view(std::string_view("a\0b", 3))), RESEAL_BAD_TOPIC);
}

class Message : public testing::TestWithParam<std::tuple<const reseal_crypto *, int>> {
  protected:
    static const reseal_crypto *crypto() { return std::get<0>(GetParam()); }
    Draft draft{.credentials = credentials(std::get<1>(GetParam()))};

    reseal_status seal(const reseal_envelope& header, std::string_view topic, const Bytes& plaintext,
                       Bytes& out) const {
        EpochKeys keys(crypto(), draft.credentials, draft.direction, draft.epoch, RESEAL_USE_SEAL);
        reseal_buffer buffer = room(out);
        const reseal_status status = reseal_message_seal(keys.get(), &header, view(topic), view(plaintext), &buffer);
        EXPECT_EQ(buffer.size != 0, status == RESEAL_OK);
        return status;
    }

    reseal_status open(const Bytes& message, std::string_view topic, Bytes& out) const {
        EpochKeys keys(crypto(), draft.credentials, draft.direction, draft.epoch, RESEAL_USE_OPEN);
        reseal_envelope envelope{};
        EXPECT_EQ(parse(message, &envelope), RESEAL_OK);
        reseal_buffer buffer = room(out);
        const reseal_status status = reseal_message_open(keys.get(), &envelope, view(topic), &buffer);
        EXPECT_EQ(buffer.size, status == RESEAL_OK ? message.size() - (message.size() - envelope.sealed.size + 16) : 0);
        return status;
    }
};

TEST_P(Message, OpensToTheOriginalAtAnySize) {
    const std::size_t limit = reseal_plaintext_max(draft.credentials.algorithm);
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{16}, std::size_t{65535}, limit}) {
        draft.plaintext = pattern(size);
        Bytes message(reseal_message_size(static_cast<reseal_algorithm>(draft.credentials.algorithm), 0, size));
        ASSERT_EQ(seal(draft.header(), draft.topic, draft.plaintext, message), RESEAL_OK) << size;
        Bytes opened(size);
        ASSERT_EQ(open(message, draft.topic, opened), RESEAL_OK) << size;
        EXPECT_EQ(opened, draft.plaintext);
    }
}

TEST_P(Message, IsNotSealedIntoABufferOneByteTooSmall) {
    Bytes small(reseal_message_size(static_cast<reseal_algorithm>(draft.credentials.algorithm), 0, 5) - 1);
    EXPECT_EQ(seal(draft.header(), draft.topic, draft.plaintext, small), RESEAL_BUFFER_TOO_SMALL);
    EXPECT_TRUE(all_zero(small));
}

TEST_P(Message, IsNotOpenedIntoABufferOneByteTooSmall) {
    Bytes small(draft.plaintext.size() - 1);
    EXPECT_EQ(open(draft.seal(), draft.topic, small), RESEAL_BUFFER_TOO_SMALL);
    EXPECT_TRUE(all_zero(small));
}

TEST_P(Message, IsNotSealedBeyondALimit) {
    Bytes out((1U << 24) + RESEAL_OVERHEAD_MAX);
    const Bytes long_one(reseal_plaintext_max(draft.credentials.algorithm) + 1);
    EXPECT_EQ(seal(draft.header(), draft.topic, long_one, out), RESEAL_TOO_LONG);
    EXPECT_EQ(seal(draft.header(), "a/#", draft.plaintext, out), RESEAL_BAD_TOPIC);
    reseal_envelope header = draft.header();
    header.counter = RESEAL_COUNTER_LIMIT_VALUE;
    EXPECT_EQ(seal(header, draft.topic, draft.plaintext, out), RESEAL_COUNTER_LIMIT);
    header = draft.header();
    header.algorithm = header.algorithm == RESEAL_A256GCM ? RESEAL_A128GCM : RESEAL_A256GCM;
    EXPECT_EQ(seal(header, draft.topic, draft.plaintext, out), RESEAL_WRONG_ALGORITHM);
    EXPECT_TRUE(all_zero(out));
}

TEST_P(Message, AcceptsTheLongestTopicUnlessTheLibraryCannot) {
    const std::string topic(RESEAL_TOPIC_MAX, 'x');
    const auto algorithm = static_cast<reseal_algorithm>(draft.credentials.algorithm);
    const bool limited = is_mbedtls(crypto()) && reseal_algorithm_sizes(algorithm).nonce == 13;
    Bytes message(reseal_message_size(algorithm, 0, draft.plaintext.size()));
    EXPECT_EQ(seal(draft.header(), topic, draft.plaintext, message), limited ? RESEAL_TOO_LONG : RESEAL_OK);
    EXPECT_EQ(all_zero(message), limited) << "a message that cannot be sealed leaves no trace";
    if (!limited) {
        Bytes opened(draft.plaintext.size());
        EXPECT_EQ(open(message, topic, opened), RESEAL_OK);
        EXPECT_EQ(opened, draft.plaintext);
    }
}

TEST_P(Message, DoesNotOpenUnderAnotherTopic) {
    for (const std::string& topic : {draft.topic + "x", draft.topic.substr(1), std::string("a")}) {
        Bytes opened(5, 0xAA);
        EXPECT_EQ(open(draft.seal(), topic, opened), RESEAL_BAD_TAG) << topic;
        EXPECT_TRUE(all_zero(opened));
    }
    Bytes opened(5);
    EXPECT_EQ(open(draft.seal(), "a/+", opened), RESEAL_BAD_TOPIC);
}

TEST_P(Message, DoesNotOpenWithoutKeys) {
    const Bytes message = draft.seal();
    reseal_envelope envelope{};
    ASSERT_EQ(parse(message, &envelope), RESEAL_OK);
    reseal_epoch_keys none{};
    Bytes out(RESEAL_OVERHEAD_MAX);
    reseal_buffer buffer = room(out);
    EXPECT_EQ(reseal_message_open(&none, &envelope, view(draft.topic), &buffer), RESEAL_WRONG_ALGORITHM);
    EXPECT_EQ(reseal_message_seal(&none, &envelope, view(draft.topic), {}, &buffer), RESEAL_WRONG_ALGORITHM);
}

INSTANTIATE_TEST_SUITE_P(AllBackends, Message,
                         testing::Combine(testing::ValuesIn(backends()), testing::ValuesIn(kAlgorithms)));

}  // namespace
}  // namespace reseal::test
