// SPDX-License-Identifier: Apache-2.0
// ctest's "vectors" tests that the vectors pass. These tests make sure that the checks find errors.
#include <functional>

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/test_support.h"
#include "tools/file.h"
#include "tools/vectors/checks.h"

namespace reseal::vectors {
namespace {

const VectorFile& published() {
    static const VectorFile file = *read_vectors(*tools::read_whole_file(RESEAL_VECTORS));
    return file;
}

class Vectors : public testing::TestWithParam<const reseal_crypto*> {
  protected:
    static Outcome run(const VectorFile& file) {
        Outcome outcome;
        check_all(file, GetParam(), outcome);
        return outcome;
    }

    // How many checks fail after `change` was applied to the published file.
    static std::size_t failures_after(const std::function<void(VectorFile&)>& change) {
        VectorFile file = published();
        change(file);
        return run(file).failed.size();
    }
};

TEST_P(Vectors, AllPassAndNoneIsSkipped) {
    ASSERT_EQ(published().vectors.size(), 54U);
    ASSERT_EQ(published().malformed.size(), 37U);
    const Outcome outcome = run(published());
    EXPECT_EQ(outcome.failed, std::vector<std::string>{});
    EXPECT_EQ(outcome.passed, 54 * 6 + 37 * 5 + 2);
}

TEST_P(Vectors, FailIfAStepDiffers) {
    EXPECT_EQ(failures_after([](VectorFile& file) { file.vectors[5].steps.key[0] ^= 1; }), 1U);
    EXPECT_EQ(failures_after([](VectorFile& file) { file.vectors[5].steps.base_iv[0] ^= 1; }), 1U);
    EXPECT_EQ(failures_after([](VectorFile& file) { file.vectors[5].steps.nonce[0] ^= 1; }), 1U);
    EXPECT_EQ(failures_after([](VectorFile& file) { file.vectors[5].steps.aad[0] ^= 1; }), 1U);
}

TEST_P(Vectors, FailIfAMessageDiffers) {
    EXPECT_EQ(failures_after([](VectorFile& file) { file.vectors[5].message.envelope.back() ^= 1; }), 2U);
    EXPECT_EQ(failures_after([](VectorFile& file) { file.vectors[5].message.plaintext.push_back(0); }), 2U);
    EXPECT_EQ(failures_after([](VectorFile& file) { file.rfc8613.id.push_back(0); }), 2U);
}

TEST_P(Vectors, FailIfAMalformedMessageIsValid) {
    EXPECT_GE(failures_after([](VectorFile& file) { file.malformed[3].envelope = file.valid.envelope; }), 3U);
}

INSTANTIATE_TEST_SUITE_P(AllBackends, Vectors, testing::ValuesIn(test::backends()),
                         [](const auto& each) { return std::string(each.param->name); });

TEST(VectorFile, IsRefusedIfAMemberIsMissingOrNotHexadecimal) {
    const nlohmann::json good = nlohmann::json::parse(*tools::read_whole_file(RESEAL_VECTORS));
    const auto refuses = [](const nlohmann::json& changed) { EXPECT_FALSE(read_vectors(changed.dump())); };
    for (const char* key : {"vectors", "malformed", "rfc8613_c1_1"}) {
        nlohmann::json changed = good;
        changed.erase(key);
        refuses(changed);
    }
    for (const char* text : {"0", "0x", "zz", "00112233445566778", "00"}) {
        nlohmann::json changed = good;
        changed["vectors"][0]["key_id"] = text;
        refuses(changed);
    }
}

}  // namespace
}  // namespace reseal::vectors
