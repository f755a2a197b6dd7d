// SPDX-License-Identifier: Apache-2.0
// Whatever is changed in the file, no message is accepted twice.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>

#include "state/replay_header.h"
#include "state/replay_record.h"
#include "state/state_test_support.h"

namespace reseal::state {
namespace {

constexpr std::size_t version_at = 8;
constexpr std::size_t record_size = 128;
constexpr std::size_t half_size = record_size / 2;

// These tests open thousands of files, each durably. In memory, if there is such a folder, that takes a tenth.
class InMemory {
  public:
    InMemory() {
        if (::access("/dev/shm", W_OK) == 0) {
            ::setenv("TMPDIR", "/dev/shm", 1);  // NOLINT(concurrency-mt-unsafe): one thread
        }
    }
    ~InMemory() {
        if (before_) {
            ::setenv("TMPDIR", before_->c_str(), 1);  // NOLINT(concurrency-mt-unsafe): one thread
        } else {
            ::unsetenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe): one thread
        }
    }
    InMemory(const InMemory&) = delete;
    InMemory& operator=(const InMemory&) = delete;

  private:
    static std::optional<std::string> now() {
        const char* const value = std::getenv("TMPDIR");  // NOLINT(concurrency-mt-unsafe): one thread
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    }
    std::optional<std::string> before_ = now();
};

class ReplayDamage : public testing::TestWithParam<bool> {
  protected:
    // Three keys, the last of them new in this run. The run ends in order, or is killed.
    ReplayDamage() {
        {
            ReplayStore store = open_store(folder);
            accept_all(store, {{1, 1, 4}, {2, 1, 5}, {1, 1, 5}});
            end(std::move(store));
        }
        earlier = folder.read("replay");
        ReplayStore store = open_store(folder);
        accept_all(store, {{1, 1, 6}, {2, 2, 0}});
        first_half = folder.read("replay");
        accept_all(store, {{1, 1, 7}, {3, 1, 5}, {2, 2, 1}, {1, 1, 8}, {2, 2, 2}, {1, 1, 9}, {2, 2, 3}});
        if (GetParam()) {
            end(std::move(store));
        }
    }
    void SetUp() override { good = folder.read("replay"); }

    void accept_all(ReplayStore& store, const std::vector<Message>& messages) {
        for (const Message& message : messages) {
            ASSERT_TRUE(accept(store, message));
            accepted.push_back(message);
        }
    }
    // Which accepted messages would be accepted again with these contents? None if the file does not open.
    std::vector<std::uint32_t> accepted_twice(const std::string& contents) {
        folder.write("replay", contents);
        std::vector<std::uint32_t> out;
        const auto opened = try_open(folder.path());
        for (const Message& message : accepted) {
            if (opened && opened->check(envelope(message)) == RESEAL_OK) {
                out.push_back(message.key);
            }
        }
        return out;
    }
    static std::string with_bit_flipped(std::string contents, std::size_t bit) {
        contents.at(bit / 8) = static_cast<char>(static_cast<unsigned char>(contents.at(bit / 8)) ^ 1U << bit % 8);
        return contents;
    }
    [[nodiscard]] std::string with(std::size_t at, const std::string& bytes) const {
        return std::string(good).replace(at, bytes.size(), bytes);
    }
    static constexpr std::size_t place(std::size_t index) { return header_size + index * record_size; }
    static std::string record(const std::string& contents, std::size_t index) {
        return contents.substr(place(index), record_size);
    }
    [[nodiscard]] std::string refusal_of(const std::string& contents) const {
        folder.write("replay", contents);
        const auto opened = try_open(folder.path());
        EXPECT_EQ(folder.read("replay").substr(0, header_size), contents.substr(0, header_size)) << "never begun anew";
        return opened ? "opened" : opened.error().text();
    }
    static void expect_damage(const std::string& refusal) {
        EXPECT_NE(refusal.find("/replay: is damaged"), std::string::npos) << refusal;
        EXPECT_NE(refusal.find("run 'provision distrust'"), std::string::npos) << refusal;
    }

    const std::vector<std::uint32_t> none;
    InMemory in_memory;
    TempFolder folder;
    std::vector<Message> accepted;
    std::string earlier;     // as the previous run left it
    std::string first_half;  // as it was in the middle of this run
    std::string good;
};

TEST_P(ReplayDamage, OpensTheUndamagedFile) {
    EXPECT_EQ(accepted_twice(good), none);
    EXPECT_TRUE(try_open(folder.path()));
}

TEST_P(ReplayDamage, OfAnyBitOfARecord) {
    for (std::size_t bit = 8 * place(0); bit < 8 * place(1); ++bit) {
        EXPECT_EQ(accepted_twice(with_bit_flipped(good, bit)), none) << bit - 8 * place(0);
    }
}

TEST_P(ReplayDamage, OfAnyBitOfTheHeader) {
    for (std::size_t bit = 0; bit < 8 * offsetof(Header, fences) + 64; ++bit) {
        EXPECT_EQ(accepted_twice(with_bit_flipped(good, bit)), none) << bit;
    }
    for (std::size_t bit = 8 * page; bit < 8 * page + 64; ++bit) {
        EXPECT_EQ(accepted_twice(with_bit_flipped(good, bit)), none) << "in the list of those that are ahead, " << bit;
    }
}

TEST_P(ReplayDamage, OfSwappedCopiedZeroedOrTruncatedRecords) {
    EXPECT_EQ(accepted_twice(with(place(0), record(good, 1) + record(good, 0))), none);
    EXPECT_EQ(accepted_twice(with(place(0), record(good, 1))), none);
    for (const std::size_t index : {0U, 1U, 2U}) {
        EXPECT_EQ(accepted_twice(with(place(index), std::string(record_size, '\0'))), none) << index;
        EXPECT_EQ(accepted_twice(with(place(index), std::string(half_size, '\0'))), none) << index;
        EXPECT_EQ(accepted_twice(with(place(index) + half_size, std::string(half_size, '\0'))), none) << index;
        EXPECT_EQ(accepted_twice(good.substr(0, place(index))), none) << index;
    }
    EXPECT_EQ(accepted_twice(with(header_size, std::string(good.size() - header_size, '\0'))), none);
}

TEST_P(ReplayDamage, OfAHalfCopiedOverTheOther) {
    for (const std::size_t index : {0U, 1U, 2U}) {
        const std::string both = record(good, index);
        const std::string first = both.substr(0, half_size);
        const std::string second = both.substr(half_size);
        EXPECT_EQ(accepted_twice(with(place(index), first + first)), none) << index;
        EXPECT_EQ(accepted_twice(with(place(index), second + second)), none) << index;
        EXPECT_EQ(accepted_twice(with(place(index), second + first)), none) << index;
    }
}

TEST_P(ReplayDamage, OfContentFromAnEarlierRun) {
    EXPECT_EQ(accepted_twice(with(place(0), record(earlier, 0))), none);
    EXPECT_EQ(accepted_twice(with(place(1), record(earlier, 1))), none);
    EXPECT_EQ(accepted_twice(with(place(0), record(earlier, 0).substr(0, half_size))), none);
    EXPECT_EQ(accepted_twice(with(0, earlier.substr(0, header_size))), none) << "its header";
}

TEST_P(ReplayDamage, OfAHalfFromEarlierInTheSameRun) {
    for (const std::size_t index : {0U, 1U}) {
        const std::string then = record(first_half, index);
        EXPECT_EQ(accepted_twice(with(place(index), then.substr(0, half_size))), none) << index;
        EXPECT_EQ(accepted_twice(with(place(index) + half_size, then.substr(half_size))), none) << index;
    }
}

// Not detected: a record is bound to the generation of the file, which a mark does not change.
TEST_P(ReplayDamage, CannotSeeAWholeRecordFromEarlierInTheSameRun) {
    EXPECT_FALSE(accepted_twice(with(place(0), record(first_half, 0))).empty());
}

TEST_P(ReplayDamage, IsReportedWithARemedy) {
    expect_damage(refusal_of(""));
    expect_damage(refusal_of(good.substr(0, header_size - 1)));
    expect_damage(refusal_of(std::string(16384, 'x')));
    expect_damage(refusal_of(good.substr(0, place(2))));
    expect_damage(refusal_of(with(place(1) + 40, "x")));
    const std::string said = refusal_of(with(version_at, std::string(1, 7)));
    EXPECT_NE(said.find("version 7, this program needs version 2"), std::string::npos) << said;
}

TEST_P(ReplayDamage, IsReportedUnderAnotherMasterKey) {
    keyring::MasterKey other;
    other.expose()[0] = 1;
    auto lock = FolderLock::take(folder.path());
    const auto opened = ReplayStore::open(std::move(*lock), 128, derive_state_key(other));
    ASSERT_FALSE(opened);
    expect_damage(opened.error().text());
}

TEST_P(ReplayDamage, AfterTheCountedRecordsIsHarmless) {
    EXPECT_EQ(accepted_twice(with(place(3), std::string(64, 'x'))), none);
    {
        ReplayStore store = open_store(folder);
        EXPECT_TRUE(accept(store, {4, 1, 5}));
    }
    const ReplayStore store = open_store(folder);
    EXPECT_EQ(store.check(envelope({4, 1, 5})), RESEAL_REPLAY);
    EXPECT_EQ(store.check(envelope({4, 1, 6})), RESEAL_OK);
}

INSTANTIATE_TEST_SUITE_P(AfterAnOrderlyEnd, ReplayDamage, testing::Values(true));
INSTANTIATE_TEST_SUITE_P(AfterAKill, ReplayDamage, testing::Values(false));

}  // namespace
}  // namespace reseal::state
