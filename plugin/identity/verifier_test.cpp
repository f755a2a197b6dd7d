// SPDX-License-Identifier: Apache-2.0
#include "identity/verifier.h"

#include <map>

#include "base/temp_folder.h"
#include "identity/test_ca.h"

namespace reseal::identity {
namespace {

using config::Identity;

constexpr std::time_t day = 24 * 3600;

class VerifierTest : public testing::Test {
  protected:
    VerifierTest() {
        folder.write("ca.crt", ca.pem());
        write_list({}, 3600);
    }

    void write_list(const std::vector<long>& serials, long lasts) {
        folder.write("ca.crl", ca.list(serials, now, lasts));
    }

    [[nodiscard]] Identity settings(std::uint32_t warn_days = 0) const {
        return {.by = Identity::By::common_name,
                .pattern = "{id}",
                .ca = folder / "ca.crt",
                .crl = {folder / "ca.crl"},
                .warn_days = warn_days};
    }
    [[nodiscard]] Verifier open(std::uint32_t warn_days = 0) const {
        auto verifier = Verifier::open(settings(warn_days), now);
        EXPECT_TRUE(verifier) << verifier.error().text();
        return std::move(*verifier);
    }
    // All notices of enough looks to detect a changed file.
    static std::string looks(Verifier& verifier, std::time_t at) {
        std::string out;
        for (int i = 0; i < 3; ++i) {
            for (const Notice& notice : verifier.look(at)) {
                out += notice.text + "\n";
            }
        }
        return out;
    }

    std::time_t now = std::time(nullptr);
    TempFolder folder;
    test::TestCa ca{"Test CA"};
};

TEST_F(VerifierTest, NamesThePrincipalOfACertificateOfItsOwnAuthority) {
    const Examined examined = open().examine(ca.issue({.common_names = {"pico1"}}).get(), now);
    EXPECT_EQ(examined.refusal, Refusal::none);
    EXPECT_EQ(examined.principal, "pico1");
}

TEST_F(VerifierTest, GivesTheSerialNumberIfTheRegistryIdentifiesByIt) {
    Identity by_serial = settings();
    by_serial.by = Identity::By::serial_number;
    by_serial.pattern.clear();
    const auto verifier = Verifier::open(by_serial, now);
    ASSERT_TRUE(verifier);
    const auto serial_of = [&](long serial) {
        return verifier->examine(ca.issue({.common_names = {"pico1"}, .serial = serial}).get(), now);
    };
    EXPECT_EQ(serial_of(0x0100FF).number, (std::vector<std::uint8_t>{1, 0, 0xFF}));
    EXPECT_TRUE(serial_of(0x0100FF).principal.empty());
    EXPECT_EQ(serial_of(128).number, (std::vector<std::uint8_t>{128})) << "DER writes 0080";
    EXPECT_EQ(serial_of(0).refusal, Refusal::certificate_name_malformed);
    EXPECT_EQ(serial_of(-5).refusal, Refusal::certificate_name_malformed);
    const test::TestCa other("Test CA");
    EXPECT_EQ(verifier->examine(other.issue({.serial = 1}).get(), now).refusal, Refusal::certificate_not_of_ca);
}

TEST_F(VerifierTest, RequiresASingleAuthorityForSerialNumbers) {
    folder.write("ca.crt", ca.pem() + test::TestCa("Another CA").pem());
    Identity by_serial = settings();
    by_serial.by = Identity::By::serial_number;
    const auto verifier = Verifier::open(by_serial, now);
    ASSERT_FALSE(verifier);
    EXPECT_NE(verifier.error().text().find("more than one authority"), std::string::npos) << verifier.error().text();
}

TEST_F(VerifierTest, KeepsItsListWhenTheNewFileIsOlder) {
    auto verifier = open();
    write_list({7}, 3600);
    EXPECT_NE(looks(verifier, now).find("loaded"), std::string::npos);
    folder.write("ca.crl", ca.list({}, now - 600, 4200));
    EXPECT_NE(looks(verifier, now).find("the new one is older"), std::string::npos);
    EXPECT_EQ(verifier.examine(ca.issue({.common_names = {"pico1"}, .serial = 7}).get(), now).refusal,
              Refusal::certificate_revoked);
}

TEST_F(VerifierTest, RemembersTheNewestListAcrossARestart) {
    std::map<std::string, std::time_t, std::less<>> known;
    const ListDates dates{
        .newest = [&](std::string_view issuer) -> Checked<std::time_t> {
            const auto found = known.find(issuer);
            return found == known.end() ? 0 : found->second;
        },
        .note = [&](std::string_view issuer, std::time_t issued) { known[std::string(issuer)] = issued; }};
    folder.write("ca.crl", ca.list({}, now - 600, 4200));
    {
        auto verifier = open();
        ASSERT_TRUE(verifier.keep_dates(dates));
        write_list({7}, 3600);
        EXPECT_NE(looks(verifier, now).find("loaded"), std::string::npos);
    }
    ASSERT_TRUE(open().keep_dates(dates)) << "the same list again";
    folder.write("ca.crl", ca.list({}, now - 600, 4200));
    const auto refused = open().keep_dates(dates);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().text().find("ca.crl: the list was issued on "), std::string::npos)
        << refused.error().text();
    EXPECT_NE(refused.error().text().find("was in force here before; put the newest list"), std::string::npos)
        << refused.error().text();
}

TEST_F(VerifierTest, RefusesACertificateFromAnotherAuthorityOfTheSameName) {
    const test::TestCa other("Test CA");
    EXPECT_EQ(open().examine(other.issue({.common_names = {"pico1"}}).get(), now).refusal,
              Refusal::certificate_not_of_ca);
}

TEST_F(VerifierTest, SaysWhenACertificateHasExpired) {
    EXPECT_EQ(open().examine(ca.issue({.common_names = {"pico1"}, .ends_in = -60}).get(), now).refusal,
              Refusal::certificate_expired);
}

TEST_F(VerifierTest, RefusesARevokedCertificateAndAcceptsTheRenewedOne) {
    write_list({7}, 3600);
    const Verifier verifier = open();
    EXPECT_EQ(verifier.examine(ca.issue({.common_names = {"pico1"}, .serial = 7}).get(), now).refusal,
              Refusal::certificate_revoked);
    EXPECT_EQ(verifier.examine(ca.issue({.common_names = {"pico1"}, .serial = 8}).get(), now).principal, "pico1");
}

TEST_F(VerifierTest, RefusesACertificateFromAnAuthorityWithoutAList) {
    const test::TestCa second("Second CA");
    folder.write("ca.crt", ca.pem() + second.pem());
    EXPECT_EQ(open().examine(second.issue({.common_names = {"pico1"}}).get(), now).refusal,
              Refusal::revocation_unknown);
}

TEST_F(VerifierTest, AppliesAChangedList) {
    Verifier verifier = open();
    const std::string serial = verifier.examine(ca.issue({.common_names = {"pico1"}, .serial = 7}).get(), now).serial;
    EXPECT_EQ(verifier.status(serial, now), Refusal::none);
    write_list({7}, 3600);
    EXPECT_NE(looks(verifier, now).find("loaded the revocation list"), std::string::npos);
    EXPECT_EQ(verifier.status(serial, now), Refusal::certificate_revoked);
    EXPECT_EQ(looks(verifier, now), "") << "said once";
}

TEST_F(VerifierTest, KeepsTheFormerListWhenTheNewOneIsUnusable) {
    write_list({7}, 3600);
    Verifier verifier = open();
    const std::string serial = serial_key(*ca.issue({.serial = 7}));
    folder.write("ca.crl", "half a lis");
    EXPECT_NE(looks(verifier, now).find("the former revocation list stays in force"), std::string::npos);
    EXPECT_EQ(verifier.status(serial, now), Refusal::certificate_revoked);
    folder.write("ca.crl", test::TestCa("Test CA").list({}, now, 3600));
    EXPECT_NE(looks(verifier, now).find("has signed it"), std::string::npos);
    EXPECT_EQ(verifier.status(serial, now), Refusal::certificate_revoked);
}

TEST_F(VerifierTest, RefusesPastNextUpdateAndSaysSoOnceADay) {
    Verifier verifier = open();
    const std::string serial = serial_key(*ca.issue({.serial = 7}));
    EXPECT_EQ(verifier.status(serial, now + 3600), Refusal::none);
    EXPECT_EQ(verifier.status(serial, now + 3601), Refusal::revocation_stale);
    EXPECT_NE(looks(verifier, now + 3601).find("are refused"), std::string::npos);
    EXPECT_EQ(looks(verifier, now + 3602), "");
    EXPECT_NE(looks(verifier, now + 3601 + day).find("are refused"), std::string::npos);
}

TEST_F(VerifierTest, AcceptsAStaleListForTheConfiguredDaysAndSaysSo) {
    Verifier verifier = open(2);
    const std::string serial = serial_key(*ca.issue({.serial = 7}));
    EXPECT_EQ(verifier.status(serial, now + 3600 + 2 * day), Refusal::none);
    EXPECT_EQ(verifier.status(serial, now + 3601 + 2 * day), Refusal::revocation_stale);
    EXPECT_NE(looks(verifier, now + 3601).find("counts until"), std::string::npos);
    EXPECT_NE(looks(verifier, now + 3601 + 2 * day).find("are refused"), std::string::npos);
}

TEST_F(VerifierTest, DoesNotStartWithAListThatItCannotUse) {
    folder.write("ca.crl", test::TestCa("Test CA").list({}, now, 3600));
    EXPECT_FALSE(Verifier::open(settings(), now));
    Identity missing = settings();
    missing.crl = {folder / "none.crl"};
    EXPECT_FALSE(Verifier::open(missing, now));
    Identity twice = settings();
    write_list({}, 3600);
    twice.crl.push_back(twice.crl.front());
    EXPECT_FALSE(Verifier::open(twice, now));
}

}  // namespace
}  // namespace reseal::identity
