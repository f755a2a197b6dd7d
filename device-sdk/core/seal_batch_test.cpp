// SPDX-License-Identifier: Apache-2.0
// Messages of many senders, sealed together and one by one.
#include <reseal/seal_batch.h>

#include <memory>

#include <gtest/gtest.h>

#include "core/test_support.h"

namespace reseal::test {
namespace {

// An adapter on OpenSSL's functions that seals many, records how many, and refuses the job whose text is `refused`.
struct ManySealer {
    static inline std::vector<std::size_t> calls;
    static inline std::string refused;

    static void seal_many(reseal_seal_job *const *jobs, std::size_t count) {
        calls.push_back(count);
        for (std::size_t i = 0; i < count; i++) {
            reseal_seal_job& job = *jobs[i];
            const std::string text(job.plaintext.data, job.plaintext.data + job.plaintext.size);
            job.status = text == refused ? RESEAL_CRYPTO_FAILED
                                         : job.aead->crypto->seal(job.aead, job.nonce, job.aad, job.plaintext, job.out);
        }
    }

    static reseal_status init(reseal_aead *aead, reseal_algorithm algorithm, reseal_use use, const std::uint8_t *key) {
        const reseal_status status = reseal_crypto_openssl()->init(aead, algorithm, use, key);
        aead->crypto = adapter();
        return status;
    }

    static const reseal_crypto *adapter() {
        static const reseal_crypto made = [] {
            reseal_crypto copy = *reseal_crypto_openssl();
            copy.name = "Together";
            copy.init = init;
            copy.seal_many = seal_many;
            return copy;
        }();
        return &made;
    }
};

// A sender and the twin that seals the same messages alone: same credentials, epochs and salts.
class Twins {
  public:
    Twins(const reseal_crypto *crypto, std::uint8_t number, int algorithm) {
        reseal_credentials of = credentials(algorithm);
        of.master[0] = number;
        open(together, first_, crypto, of);
        open(alone, second_, crypto, of);
    }
    ~Twins() {
        reseal_sender_close(&together);
        reseal_sender_close(&alone);
    }
    Twins(const Twins&) = delete;
    Twins& operator=(const Twins&) = delete;
    Twins(Twins&&) = delete;
    Twins& operator=(Twins&&) = delete;

    Bytes sealed_alone(std::string_view topic, std::string_view text) {
        Bytes message(text.size() + RESEAL_OVERHEAD_MAX);
        reseal_buffer out = room(message);
        EXPECT_EQ(reseal_sender_seal(&alone, view(topic), view(text), &out), RESEAL_OK);
        message.resize(out.size);
        return message;
    }

    reseal_sender together{};
    reseal_sender alone{};

  private:
    struct Ports {
        MemoryEpochs epochs;
        CountingRandom random;
    };

    static void open(reseal_sender& sender, Ports& ports, const reseal_crypto *crypto, const reseal_credentials& of) {
        const reseal_epoch_store store = ports.epochs.port();
        const reseal_random source = ports.random.port();
        ASSERT_EQ(reseal_sender_open(&sender, &of, RESEAL_DOWNLINK, crypto, &store, &source), RESEAL_OK);
    }

    Ports first_;
    Ports second_;
};

class Batch : public testing::TestWithParam<const reseal_crypto *> {
  protected:
    void SetUp() override {
        ManySealer::calls.clear();
        ManySealer::refused = "nothing";
    }

    Twins& add_sender(int algorithm = RESEAL_AES_CCM_16_128_128) {
        senders_.push_back(std::make_unique<Twins>(GetParam(), static_cast<std::uint8_t>(senders_.size()), algorithm));
        return *senders_.back();
    }

    // `text` is borrowed until seal().
    reseal_status begin(Twins& of, std::string_view text, std::string_view topic = "ward/7") {
        Bytes& message = messages.emplace_back(text.size() + RESEAL_OVERHEAD_MAX, 0xAA);
        reseal_buffer out = room(message);
        out.size = 99;
        const reseal_status status =
            reseal_sender_seal_begin(&of.together, view(topic), view(text), &out, &jobs.emplace_back());
        EXPECT_EQ(jobs.back().status, status);
        message.resize(out.size);
        return status;
    }

    void seal() { reseal_seal_batch(jobs.data(), jobs.size()); }

    std::vector<Bytes> messages;
    std::vector<reseal_sealing> jobs;

  private:
    std::vector<std::unique_ptr<Twins>> senders_;
};

TEST_P(Batch, SealsTheSameBytesAsEachSenderAlone) {
    const std::string text = "the same text for everybody";
    std::vector<Bytes> expected;
    for (int i = 0; i < 300; i++) {
        Twins& sender = add_sender(kAlgorithms.at(static_cast<std::size_t>(i) % kAlgorithms.size()));
        ASSERT_EQ(begin(sender, text), RESEAL_OK);
        expected.push_back(sender.sealed_alone("ward/7", text));
    }
    seal();
    EXPECT_EQ(messages, expected);
    for (const reseal_sealing& job : jobs) {
        EXPECT_EQ(job.status, RESEAL_OK);
    }
}

TEST_P(Batch, AcceptsSeveralMessagesFromOneSender) {
    Twins& sender = add_sender();
    for (const char *text : {"", "a", "bb"}) {
        ASSERT_EQ(begin(sender, text), RESEAL_OK);
    }
    seal();
    EXPECT_EQ(messages, (std::vector<Bytes>{sender.sealed_alone("ward/7", ""), sender.sealed_alone("ward/7", "a"),
                                            sender.sealed_alone("ward/7", "bb")}));
}

TEST_P(Batch, AcceptsTopicsOfEveryLength) {
    Twins& sender = add_sender();
    std::vector<Bytes> expected;
    for (const std::size_t size : {1U, 25U, 26U, 102U, 103U, 104U, 300U, 60000U}) {
        const std::string topic(size, 't');
        ASSERT_EQ(begin(sender, "text", topic), RESEAL_OK);
        expected.push_back(sender.sealed_alone(topic, "text"));
    }
    seal();
    EXPECT_EQ(messages, expected);
}

TEST_P(Batch, RefusesEarlyWhatASenderWouldRefuseAndSealsTheRest) {
    Twins& sender = add_sender();
    ASSERT_EQ(begin(sender, "first"), RESEAL_OK);
    EXPECT_EQ(begin(sender, "no", "ward/+"), RESEAL_BAD_TOPIC);
    EXPECT_EQ(begin(sender, std::string(65536, 'x')), RESEAL_TOO_LONG);
    EXPECT_EQ(begin(sender, "no", std::string(200, '#')), RESEAL_BAD_TOPIC);
    ASSERT_EQ(begin(sender, "last"), RESEAL_OK);
    seal();
    EXPECT_EQ(jobs[1].status, RESEAL_BAD_TOPIC);
    EXPECT_EQ(jobs[2].status, RESEAL_TOO_LONG);
    EXPECT_EQ(messages,
              (std::vector<Bytes>{
                  sender.sealed_alone("ward/7", "first"), {}, {}, {}, sender.sealed_alone("ward/7", "last")}));
}

TEST_P(Batch, RefusesAndWipesAMessageWhoseSenderWasClosed) {
    Twins& first = add_sender();
    Twins& second = add_sender();
    ASSERT_EQ(begin(first, "first"), RESEAL_OK);
    ASSERT_EQ(begin(second, "second"), RESEAL_OK);
    reseal_sender_close(&first.together);
    seal();
    EXPECT_EQ(jobs[0].status, RESEAL_CLOSED);
    EXPECT_TRUE(all_zero(messages[0]));
    EXPECT_EQ(messages[1], second.sealed_alone("ward/7", "second"));
}

TEST_P(Batch, RefusesAndWipesAMessageWhoseSenderChangedItsEpoch) {
    Twins& sender = add_sender();
    EXPECT_TRUE(reseal_sender_raises_epoch(&sender.together));
    ASSERT_EQ(begin(sender, "old epoch"), RESEAL_OK);
    EXPECT_FALSE(reseal_sender_raises_epoch(&sender.together));
    sender.together.counter = RESEAL_COUNTER_LIMIT_VALUE;
    EXPECT_TRUE(reseal_sender_raises_epoch(&sender.together));
    ASSERT_EQ(begin(sender, "new epoch"), RESEAL_OK);
    seal();
    EXPECT_EQ(jobs[0].status, RESEAL_CLOSED);
    EXPECT_TRUE(all_zero(messages[0]));
    EXPECT_EQ(jobs[1].status, RESEAL_OK);
}

TEST_P(Batch, LeavesEarlierResultsAlone) {
    Twins& sender = add_sender();
    ASSERT_EQ(begin(sender, "once"), RESEAL_OK);
    seal();
    const Bytes sealed = messages[0];
    reseal_sender_close(&sender.together);
    seal();
    EXPECT_EQ(jobs[0].status, RESEAL_OK);
    EXPECT_EQ(messages[0], sealed);
}

TEST_P(Batch, NeverUsesACounterTwice) {
    Twins& sender = add_sender();
    ASSERT_EQ(begin(sender, "never completed"), RESEAL_OK);
    jobs.clear();
    messages.clear();
    sender.sealed_alone("ward/7", "never completed");
    ASSERT_EQ(begin(sender, "next"), RESEAL_OK);
    seal();
    EXPECT_EQ(messages[0], sender.sealed_alone("ward/7", "next"));
}

std::vector<const reseal_crypto *> all_adapters() {
    std::vector<const reseal_crypto *> all = backends();
    std::erase(all, reseal_crypto_psa());  // mbedTLS keeps 32 keys of PSA Crypto, fewer than the senders here
    all.push_back(ManySealer::adapter());
    return all;
}

INSTANTIATE_TEST_SUITE_P(AllBackends, Batch, testing::ValuesIn(all_adapters()),
                         [](const auto& each) { return std::string(each.param->name); });

// What the port is called with.
class SealMany : public Batch {};

TEST_P(SealMany, ReceivesNoMoreThan128AtOnce) {
    Twins& sender = add_sender();
    for (int i = 0; i < 300; i++) {
        ASSERT_EQ(begin(sender, "text"), RESEAL_OK);
    }
    seal();
    EXPECT_EQ(ManySealer::calls, (std::vector<std::size_t>{128, 128, 44}));
}

TEST_P(SealMany, MayRefuseOneMessageAndOnlyThatOneIsWiped) {
    ManySealer::refused = "second";
    Twins& sender = add_sender();
    for (const char *text : {"first", "second", "third"}) {
        ASSERT_EQ(begin(sender, text), RESEAL_OK);
    }
    seal();
    EXPECT_EQ(jobs[1].status, RESEAL_CRYPTO_FAILED);
    EXPECT_EQ(messages[0], sender.sealed_alone("ward/7", "first"));
    EXPECT_TRUE(all_zero(messages[1]));
    sender.sealed_alone("ward/7", "second");
    EXPECT_EQ(messages[2], sender.sealed_alone("ward/7", "third"));
}

TEST_P(SealMany, IsCalledForItsOwnKeysOnly) {
    ASSERT_EQ(begin(add_sender(), "its own"), RESEAL_OK);
    Twins foreign(reseal_crypto_openssl(), 99, RESEAL_AES_CCM_16_128_128);
    ASSERT_EQ(begin(foreign, "OpenSSL's"), RESEAL_OK);
    seal();
    EXPECT_EQ(ManySealer::calls, std::vector<std::size_t>{1});
    EXPECT_EQ(messages[1], foreign.sealed_alone("ward/7", "OpenSSL's"));
}

INSTANTIATE_TEST_SUITE_P(OneBackend, SealMany, testing::Values(ManySealer::adapter()));

TEST(BatchArguments, AreChecked) {
    EXPECT_EQ(reseal_sender_seal_begin(nullptr, view("a"), view("b"), nullptr, nullptr), RESEAL_BAD_ARGUMENT);
    reseal_sealing job{};
    EXPECT_EQ(reseal_sender_seal_begin(nullptr, view("a"), view("b"), nullptr, &job), RESEAL_BAD_ARGUMENT);
    EXPECT_EQ(job.status, RESEAL_BAD_ARGUMENT);
    EXPECT_FALSE(reseal_sender_raises_epoch(nullptr));
    reseal_seal_batch(&job, 1);
    reseal_seal_batch(nullptr, 0);
    EXPECT_EQ(job.status, RESEAL_BAD_ARGUMENT);
}

}  // namespace
}  // namespace reseal::test
