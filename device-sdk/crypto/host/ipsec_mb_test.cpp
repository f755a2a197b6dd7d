// SPDX-License-Identifier: Apache-2.0
// What crypto.h promises about sealing many: at each level, Intel's library produces OpenSSL's bytes.
#include "crypto/host/ipsec_mb.h"

#include <deque>
#include <thread>

#include <gtest/gtest.h>

#include "core/test_support.h"
#include "tools/file.h"
#include "tools/vectors/vector_file.h"

namespace reseal::test {
namespace {

constexpr std::size_t kAadMax = 46;  // the library's limit; OpenSSL takes longer ones

// A sealing key of the host's adapter, and the same one of OpenSSL's.
class KeyPair {
  public:
    KeyPair(int algorithm, std::size_t number) {
        Bytes key = pattern(32);
        key[0] = static_cast<std::uint8_t>(number);
        key[1] = static_cast<std::uint8_t>(number >> 8);
        const auto which = static_cast<reseal_algorithm>(algorithm);
        EXPECT_EQ(reseal_crypto_host()->init(&many, which, RESEAL_USE_SEAL, key.data()), RESEAL_OK);
        EXPECT_EQ(reseal_crypto_openssl()->init(&alone, which, RESEAL_USE_SEAL, key.data()), RESEAL_OK);
    }
    ~KeyPair() {
        many.crypto->wipe(&many);
        alone.crypto->wipe(&alone);
    }
    KeyPair(const KeyPair&) = delete;
    KeyPair& operator=(const KeyPair&) = delete;
    KeyPair(KeyPair&&) = delete;
    KeyPair& operator=(KeyPair&&) = delete;

    reseal_aead many{};
    reseal_aead alone{};
};

// A message and its output buffer.
struct Message {
    Message(int algorithm, std::size_t number, std::size_t aad_size, std::size_t text_size)
        : keys(algorithm, number),
          nonce(RESEAL_NONCE_SIZE_MAX, static_cast<std::uint8_t>(number)),
          aad(pattern(aad_size)),
          text(pattern(text_size)),
          out(text_size + RESEAL_TAG_SIZE, 0xAA) {}

    reseal_seal_job *to_job() {
        job = {&keys.many, nonce.data(), view(aad), view(text), out.data(), RESEAL_BAD_ARGUMENT};
        return &job;
    }

    reseal_seal_job *to_job_in_place() {
        std::copy(text.begin(), text.end(), out.begin());
        to_job()->plaintext.data = out.data();
        return &job;
    }

    Bytes expected() {
        Bytes sealed(out.size());
        EXPECT_EQ(keys.alone.crypto->seal(&keys.alone, nonce.data(), view(aad), view(text), sealed.data()), RESEAL_OK);
        return sealed;
    }

    KeyPair keys;
    Bytes nonce;
    Bytes aad;
    Bytes text;
    Bytes out;
    reseal_seal_job job{};
};

class Messages {
  public:
    void add(int algorithm, std::size_t aad_size, std::size_t text_size) {
        messages_.emplace_back(algorithm, messages_.size(), aad_size, text_size);
    }

    void seal(reseal_seal_job *(Message::*to_job)() = &Message::to_job) {
        std::vector<reseal_seal_job *> jobs;
        for (Message& message : messages_) {
            jobs.push_back((message.*to_job)());
        }
        reseal_crypto_host()->seal_many(jobs.data(), jobs.size());
    }

    void expect_the_bytes_of_openssl() {
        for (Message& message : messages_) {
            ASSERT_EQ(message.job.status, RESEAL_OK) << message.text.size();
            ASSERT_EQ(message.out, message.expected()) << message.text.size() << " bytes, aad " << message.aad.size();
        }
    }

    Message& operator[](std::size_t i) { return messages_.at(i); }

  private:
    std::deque<Message> messages_;
};

class Level : public testing::TestWithParam<reseal_ipsec_mb_level> {
  protected:
    void SetUp() override {
        if (reseal_crypto_host() == reseal_crypto_openssl() || !reseal_ipsec_mb_set_level(GetParam())) {
            GTEST_SKIP() << "this processor has not what the level needs";
        }
    }
    void TearDown() override {
        for (const int level : {RESEAL_IPSEC_MB_SSE, RESEAL_IPSEC_MB_AVX, RESEAL_IPSEC_MB_AVX512}) {
            reseal_ipsec_mb_set_level(static_cast<reseal_ipsec_mb_level>(level));
        }
    }
};

TEST_P(Level, GivesTheBytesOfOpensslForEverySmallSize) {
    for (const int algorithm : kAlgorithms) {
        Messages messages;
        for (std::size_t size = 0; size <= 300; size++) {
            messages.add(algorithm, 36, size);
        }
        messages.seal();
        messages.expect_the_bytes_of_openssl();
    }
}

TEST_P(Level, GivesTheBytesOfOpensslForLargeMessages) {
    for (const int algorithm : kAlgorithms) {
        Messages messages;
        for (const std::size_t size : {1024U, 4096U, 16384U, 32767U, 65279U, 65280U, 65519U, 65533U, 65534U, 65535U}) {
            messages.add(algorithm, kAadMax, size);
        }
        messages.seal();
        messages.expect_the_bytes_of_openssl();
    }
}

TEST_P(Level, GivesTheBytesOfOpensslForEverySizeOfAdditionalData) {
    for (const int algorithm : kAlgorithms) {
        Messages messages;
        for (std::size_t size = 0; size <= 2 * kAadMax; size++) {
            messages.add(algorithm, size, 100);
        }
        messages.seal();
        messages.expect_the_bytes_of_openssl();
    }
}

TEST_P(Level, AcceptsBatchesOfEverySizeWithAllAlgorithms) {
    for (std::size_t count = 0; count <= 70; count++) {
        Messages messages;
        for (std::size_t i = 0; i < count; i++) {
            messages.add(kAlgorithms.at(i % kAlgorithms.size()), i % 50, i * 37 % 700);
        }
        messages.seal();
        messages.expect_the_bytes_of_openssl();
    }
}

TEST_P(Level, SealsInPlace) {
    Messages messages;
    for (std::size_t i = 0; i < 100; i++) {
        messages.add(kAlgorithms.at(i % kAlgorithms.size()), i % 50, i * 7);
    }
    messages.seal(&Message::to_job_in_place);
    messages.expect_the_bytes_of_openssl();
}

TEST_P(Level, RefusesAndWipesOneMessageAndSealsTheOthers) {
    for (const int algorithm : kAlgorithms) {
        Messages messages;
        for (std::size_t i = 0; i < 20; i++) {
            messages.add(algorithm, 36, 64);
        }
        messages[7].keys.many.use = RESEAL_USE_OPEN;
        messages.seal();
        messages[7].keys.many.use = RESEAL_USE_SEAL;
        EXPECT_EQ(messages[7].job.status, RESEAL_CRYPTO_FAILED);
        EXPECT_TRUE(all_zero(messages[7].out));
        messages[7].to_job();
        messages.seal();
        messages.expect_the_bytes_of_openssl();
    }
}

TEST_P(Level, AcceptsSeveralMessagesUnderOneKey) {
    Messages messages;
    messages.add(RESEAL_AES_CCM_16_128_128, 36, 64);
    constexpr std::size_t count = 40;
    std::vector<Bytes> sealed(count, Bytes(64 + RESEAL_TAG_SIZE));
    std::vector<reseal_seal_job> jobs(count, *messages[0].to_job());
    std::vector<reseal_seal_job *> pointers(count);
    for (std::size_t i = 0; i < count; i++) {
        jobs[i].out = sealed[i].data();
        pointers[i] = &jobs[i];
    }
    reseal_crypto_host()->seal_many(pointers.data(), pointers.size());
    EXPECT_EQ(sealed, std::vector<Bytes>(count, messages[0].expected()));
}

TEST_P(Level, SealsThePublishedVectorsTogether) {
    const vectors::VectorFile file = *vectors::read_vectors(*tools::read_whole_file(RESEAL_VECTORS));
    std::deque<reseal_aead> keys;
    std::deque<Bytes> outs;
    std::deque<reseal_seal_job> jobs;
    std::vector<reseal_seal_job *> pointers;
    for (const vectors::Vector& vector : file.vectors) {
        const vectors::Message& message = vector.message;
        const auto algorithm = static_cast<reseal_algorithm>(message.credentials.algorithm);
        ASSERT_EQ(reseal_crypto_host()->init(&keys.emplace_back(), algorithm, RESEAL_USE_SEAL, vector.steps.key.data()),
                  RESEAL_OK);
        Bytes& out = outs.emplace_back(message.plaintext.size() + RESEAL_TAG_SIZE);
        jobs.push_back({&keys.back(), vector.steps.nonce.data(), view(vector.steps.aad), view(message.plaintext),
                        out.data(), RESEAL_BAD_ARGUMENT});
        pointers.push_back(&jobs.back());
    }
    reseal_crypto_host()->seal_many(pointers.data(), pointers.size());
    for (std::size_t i = 0; i < jobs.size(); i++) {
        const Bytes& envelope = file.vectors[i].message.envelope;
        EXPECT_EQ(jobs[i].status, RESEAL_OK);
        EXPECT_TRUE(std::equal(outs[i].rbegin(), outs[i].rend(), envelope.rbegin())) << file.vectors[i].message.name;
        keys[i].crypto->wipe(&keys[i]);
    }
}

TEST_P(Level, MayBeUsedBySeveralThreads) {
    std::array<Messages, 8> all;
    std::vector<std::thread> threads;
    threads.reserve(all.size());
    for (Messages& messages : all) {
        for (std::size_t i = 0; i < 64; i++) {
            messages.add(RESEAL_AES_CCM_16_128_128, 36, 1024);
        }
    }
    for (Messages& messages : all) {
        threads.emplace_back([&messages] {
            for (int round = 0; round < 50; round++) {
                messages.seal();
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (Messages& messages : all) {
        messages.expect_the_bytes_of_openssl();
    }
}

INSTANTIATE_TEST_SUITE_P(AllLevels, Level,
                         testing::Values(RESEAL_IPSEC_MB_SSE, RESEAL_IPSEC_MB_AVX, RESEAL_IPSEC_MB_AVX512));

}  // namespace
}  // namespace reseal::test
