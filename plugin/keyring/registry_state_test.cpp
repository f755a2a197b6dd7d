// SPDX-License-Identifier: Apache-2.0
// What the registry knows of state folders and of its master key.
#include <gtest/gtest.h>

#include "base/temp_folder.h"
#include "keyring/admin_registry.h"
#include "keyring/raw_database.h"
#include "keyring/sample_principal.h"

namespace reseal::keyring {
namespace {

class RegistryStateTest : public testing::Test {
  protected:
    RegistryStateTest() { EXPECT_TRUE(AdminRegistry::create(path)); }
    AdminRegistry open() const { return std::move(*AdminRegistry::open(path, writer_patience)); }
    static StateRecord row(std::uint8_t id, std::uint64_t generation, std::uint32_t epoch) {
        return {.file = {id}, .generation = generation, .epoch = epoch};
    }
    // "ID GENERATION EPOCH" of each, in the order of their ids.
    [[nodiscard]] std::vector<std::string> rows() const {
        std::vector<std::string> out;
        const auto states = open().states();
        for (const StateRecord& each : states ? *states : std::vector<StateRecord>()) {
            out.push_back(std::to_string(each.file[0]) + " " + std::to_string(each.generation) + " " +
                          std::to_string(each.epoch));
        }
        return out;
    }

    TempFolder folder;
    std::string path = folder / "registry.db";
};

TEST_F(RegistryStateTest, HoldsARowForEachStateFolder) {
    EXPECT_TRUE(rows().empty());
    ASSERT_TRUE(open().put_state(row(1, 1, 4096)));
    ASSERT_TRUE(open().put_state(row(2, 7, 0)));
    ASSERT_TRUE(open().put_state(row(1, 2, 0xffffffff)));
    EXPECT_EQ(rows(), (std::vector<std::string>{"1 2 4294967295", "2 7 0"}));
    ASSERT_TRUE(open().put_only_state(row(3, 1, 1)));
    EXPECT_EQ(rows(), std::vector<std::string>{"3 1 1"});
}

TEST_F(RegistryStateTest, IsNotAChangeToAPrincipal) {
    AdminRegistry reader = open();
    std::int64_t since = 0;
    ASSERT_TRUE(reader.changes(since));
    ASSERT_TRUE(open().put_state(row(1, 1, 0)));
    EXPECT_TRUE(reader.changes(since)->empty());
}

class MasterKeyProof : public RegistryStateTest {
  protected:
    [[nodiscard]] Checked<Done> proof(const MasterKey& key) const {
        AdminRegistry registry = open();
        return prove_master_key(key, "master.key", registry);
    }
    static MasterKey with_bit_flipped(std::size_t bit) {
        MasterKey out = sample_master_key();
        out.expose()[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        return out;
    }
};

TEST_F(MasterKeyProof, UsesTheStorageKey) {
    ASSERT_TRUE(open().add(sample_principal("a", 1)));
    PrincipalRecord storage = sample_principal("broker-storage", 2);
    storage.storage = true;
    ASSERT_TRUE(open().add(storage));
    EXPECT_EQ((*open().key_holder())->id, "broker-storage");
    EXPECT_TRUE(proof(sample_master_key()));
    for (std::size_t bit = 0; bit < 256; ++bit) {
        const auto proven = proof(with_bit_flipped(bit));
        ASSERT_FALSE(proven) << bit;
        EXPECT_EQ(proven.error().text(), "master.key: does not open the key of broker-storage in " + path +
                                             "; restore both from the same backup: it is damaged, or belongs to "
                                             "another registry");
    }
}

TEST_F(MasterKeyProof, UsesAnyOtherKeyIfThereIsNoStorageKey) {
    EXPECT_TRUE(proof(sample_master_key())) << "nothing can be lost";
    ASSERT_TRUE(open().add(sample_principal("a", 1)));
    EXPECT_TRUE(proof(sample_master_key()));
    EXPECT_FALSE(proof(with_bit_flipped(0)));
}

TEST(DerivedKeys, DifferByPurposeAndMasterKey) {
    const auto key = derive_key(sample_master_key(), "a");
    EXPECT_TRUE(key == derive_key(sample_master_key(), "a"));
    EXPECT_FALSE(key == derive_key(sample_master_key(), "b"));
    EXPECT_FALSE(key == derive_key({}, "a"));
}

}  // namespace
}  // namespace reseal::keyring
