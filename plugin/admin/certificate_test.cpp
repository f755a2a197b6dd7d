// SPDX-License-Identifier: Apache-2.0
#include "admin/certificate.h"

#include <gtest/gtest.h>

#include <ctime>

#include "base/temp_folder.h"

namespace reseal::admin {
namespace {

class CertificateTest : public testing::Test {
  protected:
    CertificateTest() { write("ca", *Authority::create(3650)); }

    void write(const std::string& name, const Issued& issued) {
        folder.write(name + ".crt", issued.certificate);
        folder.write(name + ".key", std::string(issued.key.expose()));
    }
    [[nodiscard]] Checked<Authority> open() const { return Authority::open(folder / "ca.crt", folder / "ca.key"); }

    TempFolder folder;
};

TEST_F(CertificateTest, IssuesACertificateWithTheFingerprintAndDatesItReports) {
    auto issued = open()->issue({"iot_dev_01", CertificateRequest::Usage::client, 10, {}, "urn:reseal:principal:x"});
    ASSERT_TRUE(issued);
    write("dev", *issued);
    const auto file = read_certificate(folder / "dev.crt");
    ASSERT_TRUE(file);
    EXPECT_EQ(file->fingerprint, issued->fingerprint);
    EXPECT_LT(file->not_before, std::time(nullptr));
    EXPECT_EQ(file->not_after - file->not_before, 10 * 24 * 3600 + 300);
}

TEST_F(CertificateTest, IssuesNothingThatOutlivesTheAuthority) {
    const auto issued = open()->issue({"dev", CertificateRequest::Usage::client, 3651, {}, {}});
    ASSERT_FALSE(issued);
    EXPECT_EQ(issued.error().key, "--days");
}

TEST_F(CertificateTest, IssuesForHostsOnly) {
    for (const char* host : {"broker.example", "10.0.0.1", "fe80::1", "a-b_c"}) {
        EXPECT_TRUE(open()->issue({"b", CertificateRequest::Usage::server, 1, {host}, {}})) << host;
    }
    for (const char* host : {"", "a b", "a,DNS:b", "a/b", "a:b", "ä"}) {
        EXPECT_FALSE(open()->issue({"b", CertificateRequest::Usage::server, 1, {host}, {}})) << host;
    }
}

TEST_F(CertificateTest, RefusesAKeyThatOthersMayReadOrOfAnotherCertificate) {
    folder.mode("ca.key", 0644);
    EXPECT_EQ(open().error().remedy, "chmod 600 " + folder / "ca.key");
    folder.write("ca.key", std::string(Authority::create(10)->key.expose()));
    const auto opened = open();
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().problem.find("does not belong to"), std::string::npos);
    folder.write("ca.key", "nonsense");
    EXPECT_FALSE(open());
}

TEST_F(CertificateTest, SaysThatAFileIsNotACertificate) {
    const auto file = read_certificate(folder.write("x", "nonsense"));
    ASSERT_FALSE(file);
    EXPECT_NE(file.error().remedy.find("PEM certificate"), std::string::npos);
}

}  // namespace
}  // namespace reseal::admin
