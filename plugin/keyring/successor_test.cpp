// SPDX-License-Identifier: Apache-2.0
// Which registry may take the place of another one.
#include "keyring/successor.h"

#include <gtest/gtest.h>

#include <functional>

#include "keyring/sample_principal.h"

namespace reseal::keyring {
namespace {

class Succession : public testing::Test {
  protected:
    static Keyring keyring_of(const std::vector<PrincipalRecord>& principals) {
        Keyring out(sample_master_key());
        for (const PrincipalRecord& principal : principals) {
            out.put(principal);
        }
        return out;
    }

    // The text of the Fault for a registry that differs in this from the known one; "" if it may take over.
    [[nodiscard]] std::string answer(const std::function<void(std::vector<PrincipalRecord>&)>& change) const {
        std::vector<PrincipalRecord> other = known;
        change(other);
        const auto fits = check_successor(keyring_of(known), keyring_of(other), "registry.db");
        return fits ? std::string() : fits.error().text();
    }
    static bool is_older(const std::string& answer) {
        return answer.find("registry.db: is older than the one that was read before: 'dev'") != std::string::npos;
    }

    static std::vector<PrincipalRecord> site() {
        PrincipalRecord broker = sample_principal("broker", 1);
        broker.storage = true;
        PrincipalRecord dev = sample_principal("dev", 2);
        Key older = sample_key("dev", 3);
        older.retired = true;
        dev.keys.front().generation = 2;
        dev.keys.push_back(older);
        return {broker, dev};
    }

    std::vector<PrincipalRecord> known = site();
};

TEST_F(Succession, AcceptsARegistryThatIsTheSameOrHasMore) {
    EXPECT_EQ(answer([](auto&) {}), "");
    EXPECT_EQ(answer([](auto& all) { all.push_back(sample_principal("other", 9)); }), "");
    EXPECT_EQ(answer([](auto& all) { all[1].revoked = all[1].certificates[0].revoked = true; }), "");
    EXPECT_EQ(answer([](auto& all) { all[1].keys.pop_back(); }), "") << "wiped at the end of its overlap";
    EXPECT_EQ(answer([](auto& all) {
                  all[1].revoked = all[1].decommissioned = all[1].certificates[0].revoked = true;
                  all[1].keys.clear();
              }),
              "");
    EXPECT_EQ(answer([](auto& all) {
                  all[1].keys.insert(all[1].keys.begin(), sample_key("dev", 7));
                  all[1].keys[0].generation = 3;
              }),
              "");
}

TEST_F(Succession, RefusesARegistryInWhichSomethingIsMissing) {
    EXPECT_TRUE(is_older(answer([](auto& all) { all.pop_back(); })));
    EXPECT_TRUE(is_older(answer([](auto& all) { all[1].certificates.clear(); })));
    EXPECT_TRUE(is_older(answer([](auto& all) { all[1].keys.clear(); })));
    EXPECT_TRUE(is_older(answer([](auto& all) { all[1].keys.erase(all[1].keys.begin()); })));
    EXPECT_TRUE(is_older(answer([](auto& all) { all[1].keys[0].id = sample_key_id(8); }))) << "rotated elsewhere";
    EXPECT_TRUE(is_older(answer([](auto& all) { all[1].keys[1].retired = false; })));
}

TEST_F(Succession, RefusesARegistryThatReadmitsSomebody) {
    known[1].revoked = known[1].certificates[0].revoked = true;
    EXPECT_TRUE(is_older(answer([](auto& all) { all[1].revoked = false; })));
    EXPECT_TRUE(is_older(answer([](auto& all) { all[1].certificates[0].revoked = false; })));
    known[1].decommissioned = true;
    EXPECT_TRUE(is_older(answer([](auto& all) { all[1].decommissioned = false; })));
}

TEST_F(Succession, RefusesARegistryOfAnotherSite) {
    const std::string another = "belongs to another site";
    EXPECT_NE(answer([](auto& all) { all[0].keys[0].secret.back() ^= 1; }).find(another), std::string::npos);
    EXPECT_NE(answer([](auto& all) { all[0].keys.clear(); }).find(another), std::string::npos);
    EXPECT_NE(answer([](auto& all) { all.clear(); }).find(another), std::string::npos);
}

}  // namespace
}  // namespace reseal::keyring
