// SPDX-License-Identifier: Apache-2.0
#include "identity/revocation.h"

#include "identity/test_ca.h"

namespace reseal::identity {
namespace {

class Revocation : public testing::Test {
  protected:
    // The Fault of a list; empty if it has none.
    [[nodiscard]] std::string fault(const std::string& bytes) const {
        const auto list = parse_list(bytes, "x.crl", *Authority::parse(ca.pem(), "ca.crt"), now);
        return list ? "" : list.error().text();
    }

    std::time_t now = std::time(nullptr);
    test::TestCa ca{"Test CA"};
};

TEST_F(Revocation, NamesCertificatesByIssuerAndSerialNumber) {
    const auto list = parse_list(ca.list({7, 9}, now, 3600), "x.crl", *Authority::parse(ca.pem(), "ca.crt"), now);
    ASSERT_TRUE(list) << list.error().text();
    EXPECT_EQ(list->next_update, now + 3600);
    EXPECT_TRUE(list->revoked.contains(serial_key(*ca.issue({.serial = 7}))));
    EXPECT_FALSE(list->revoked.contains(serial_key(*ca.issue({.serial = 8}))));
    EXPECT_FALSE(list->revoked.contains(serial_key(*test::TestCa("Other CA").issue({.serial = 7}))));
}

TEST_F(Revocation, RefusesAListSignedByAnotherAuthorityOfTheSameName) {
    EXPECT_NE(fault(test::TestCa("Test CA").list({}, now, 3600)).find("has signed it"), std::string::npos);
}

TEST_F(Revocation, RefusesAChangedListAndOtherData) {
    std::string changed = ca.list({7}, now, 3600);
    EXPECT_EQ(fault(changed), "");
    changed.back() = static_cast<char>(changed.back() ^ 1);
    EXPECT_NE(fault(changed), "");
    for (const std::string& other :
         {std::string(), std::string("-----BEGIN X509 CRL-----\n"), ca.pem(), ca.list({7}, now, 3600) + "x"}) {
        EXPECT_NE(fault(other).find("not a certificate revocation list"), std::string::npos);
    }
}

TEST_F(Revocation, RefusesAPartialList) {
    EXPECT_NE(fault(ca.list({7}, now, 3600, NID_delta_crl)).find("does not cover all"), std::string::npos);
}

TEST_F(Revocation, RefusesAListFromTheFuture) {
    EXPECT_NE(fault(ca.list({7}, now + 7200, 3600)).find("dated in the future"), std::string::npos);
}

}  // namespace
}  // namespace reseal::identity
