// SPDX-License-Identifier: Apache-2.0
#include "keyring/seal.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/private_file.h"
#include "base/temp_folder.h"

namespace reseal::keyring {
namespace {

constexpr KeyId key_id{1, 2, 3, 4, 5, 6, 7};
constexpr std::uint8_t algorithm = RESEAL_AES_CCM_16_128_128;

template <std::size_t N>
Secret<N> filled(std::uint8_t value) {
    Secret<N> out;
    std::fill(out.expose().begin(), out.expose().end(), value);
    return out;
}

bool is_zero(const MasterSecret& secret) {
    return secret == MasterSecret();
}

TEST(Seal, OpensWithTheSameArguments) {
    const MasterKey master = filled<32>(1);
    const MasterSecret secret = filled<32>(2);
    const SealedSecret sealed = seal(master, "iot_dev_01", key_id, algorithm, secret);
    MasterSecret opened;
    ASSERT_TRUE(unseal(master, "iot_dev_01", key_id, algorithm, sealed, opened));
    EXPECT_TRUE(opened == secret);
}

TEST(Seal, DrawsAFreshNonceEachTime) {
    const MasterKey master = filled<32>(1);
    const MasterSecret secret = filled<32>(2);
    EXPECT_NE(seal(master, "a", key_id, algorithm, secret), seal(master, "a", key_id, algorithm, secret));
}

TEST(Seal, OpensForNoOtherPrincipalKeyIdAlgorithmOrMasterKey) {
    const MasterKey master = filled<32>(1);
    const SealedSecret sealed = seal(master, "iot_dev_01", key_id, algorithm, filled<32>(2));
    KeyId other_id = key_id;
    other_id[6] ^= 1;
    MasterSecret out = filled<32>(9);
    EXPECT_FALSE(unseal(master, "iot_dev_02", key_id, algorithm, sealed, out));
    EXPECT_TRUE(is_zero(out));
    EXPECT_FALSE(unseal(master, "iot_dev_01", other_id, algorithm, sealed, out));
    EXPECT_FALSE(unseal(master, "iot_dev_01", key_id, RESEAL_A128GCM, sealed, out));
    EXPECT_FALSE(unseal(filled<32>(3), "iot_dev_01", key_id, algorithm, sealed, out));
}

TEST(Seal, RefusesEveryChangedByteAndWipesTheOutput) {
    const MasterKey master = filled<32>(1);
    const SealedSecret sealed = seal(master, "a", key_id, algorithm, filled<32>(2));
    for (std::size_t at = 0; at < sealed.size(); ++at) {
        SealedSecret changed = sealed;
        changed[at] ^= 0x80;
        MasterSecret out = filled<32>(9);
        EXPECT_FALSE(unseal(master, "a", key_id, algorithm, changed, out)) << at;
        EXPECT_TRUE(is_zero(out)) << at;
    }
}

TEST(Seal, MakesKeysThatDifferAndOpenForTheirPrincipal) {
    const MasterKey master = filled<32>(1);
    const Key first = make_key(master, "a", RESEAL_A256GCM, 3);
    const Key second = make_key(master, "a", RESEAL_A256GCM, 3);
    MasterSecret first_secret;
    MasterSecret second_secret;
    ASSERT_TRUE(unseal(master, "a", first.id, RESEAL_A256GCM, first.secret, first_secret));
    ASSERT_TRUE(unseal(master, "a", second.id, RESEAL_A256GCM, second.secret, second_secret));
    EXPECT_EQ(first.generation, 3U);
    EXPECT_FALSE(first.retired);
    EXPECT_NE(first.id, second.id);
    EXPECT_FALSE(first_secret == second_secret);
    EXPECT_FALSE(is_zero(first_secret));
}

TEST(MasterKeyFile, IsMadeOnceWithMode0600AndReadBack) {
    const TempFolder folder;
    ASSERT_TRUE(create_master_key(folder / "master.key"));
    EXPECT_EQ(folder.mode("master.key"), 0600U);
    const std::string bytes = folder.read("master.key");
    const auto key = read_master_key(folder / "master.key");
    ASSERT_TRUE(key);
    EXPECT_TRUE(std::equal(key->expose().begin(), key->expose().end(), as_bytes(bytes).begin()));
    EXPECT_FALSE(create_master_key(folder / "master.key"));
    EXPECT_EQ(folder.read("master.key"), bytes);
}

TEST(MasterKeyFile, HasExactly32Bytes) {
    const TempFolder folder;
    for (const std::size_t size : {0U, 31U, 33U, 100U}) {
        EXPECT_FALSE(read_master_key(folder.write("master.key", std::string(size, 'k')))) << size;
    }
    EXPECT_NE(read_master_key(folder.write("master.key", "short")).error().problem.find("has 5"), std::string::npos);
    EXPECT_TRUE(read_master_key(folder.write("master.key", std::string(32, 'k'))));
}

TEST(MasterKeyFile, IsRefusedIfOthersMayReadIt) {
    const TempFolder folder;
    const std::string path = folder.write("master.key", std::string(32, 'k'));
    folder.mode("master.key", 0644);
    EXPECT_EQ(read_master_key(path).error().remedy, "chmod 600 " + path);
}

}  // namespace
}  // namespace reseal::keyring
