// SPDX-License-Identifier: Apache-2.0
// A certificate authority in memory, for tests. It issues whatever the test asks for.
#pragma once

#include <ctime>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>

#include "identity/openssl.h"

namespace reseal::identity::test {

using Key = std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>>;

struct Request {
    std::vector<std::string> common_names = {};
    std::vector<std::string> uris = {};
    std::vector<std::string> hosts = {};
    long serial = 1;
    long ends_in = 3600;  // seconds from now
};

class TestCa {
  public:
    explicit TestCa(const std::string& name) : key_(EVP_EC_gen("P-256")), certificate_(make(name)) {}

    [[nodiscard]] std::string pem() const {
        const Bio bio(BIO_new(BIO_s_mem()));
        EXPECT_EQ(1, PEM_write_bio_X509(bio.get(), certificate_.get()));
        return contents(bio.get());
    }

    [[nodiscard]] Certificate issue(const Request& request) const {
        Certificate out = begin(key_.get(), request.serial, request.ends_in);
        for (const std::string& name : request.common_names) {
            add_name(out.get(), name);
        }
        const Names names(GENERAL_NAMES_new());
        for (const std::string& uri : request.uris) {
            add_alternative(names.get(), GEN_URI, uri);
        }
        for (const std::string& host : request.hosts) {
            add_alternative(names.get(), GEN_DNS, host);
        }
        if (sk_GENERAL_NAME_num(names.get()) > 0) {
            EXPECT_EQ(1, X509_add1_ext_i2d(out.get(), NID_subject_alt_name, names.get(), 0, 0));
        }
        X509_set_issuer_name(out.get(), X509_get_subject_name(certificate_.get()));
        EXPECT_GT(X509_sign(out.get(), key_.get(), EVP_sha256()), 0);
        return out;
    }

    // The revocation list of these serial numbers, in DER, issued an hour before `now`.
    [[nodiscard]] std::string list(const std::vector<long>& serials, std::time_t now, long lasts,
                                   int critical_extension = NID_undef) const {
        const CrlHandle crl(X509_CRL_new());
        X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2);
        X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(certificate_.get()));
        const std::unique_ptr<ASN1_TIME, FreeWith<ASN1_TIME_free>> from(ASN1_TIME_set(nullptr, now - 3600));
        const std::unique_ptr<ASN1_TIME, FreeWith<ASN1_TIME_free>> until(ASN1_TIME_set(nullptr, now + lasts));
        X509_CRL_set1_lastUpdate(crl.get(), from.get());
        X509_CRL_set1_nextUpdate(crl.get(), until.get());
        for (const long serial : serials) {
            X509_REVOKED* entry = X509_REVOKED_new();
            const std::unique_ptr<ASN1_INTEGER, FreeWith<ASN1_INTEGER_free>> number(ASN1_INTEGER_new());
            ASN1_INTEGER_set(number.get(), serial);
            X509_REVOKED_set_serialNumber(entry, number.get());
            X509_REVOKED_set_revocationDate(entry, from.get());
            X509_CRL_add0_revoked(crl.get(), entry);
        }
        if (critical_extension != NID_undef) {
            const std::unique_ptr<ASN1_INTEGER, FreeWith<ASN1_INTEGER_free>> base(ASN1_INTEGER_new());
            EXPECT_EQ(1, X509_CRL_add1_ext_i2d(crl.get(), critical_extension, base.get(), 1, 0));
        }
        EXPECT_GT(X509_CRL_sign(crl.get(), key_.get(), EVP_sha256()), 0);
        const Bio bio(BIO_new(BIO_s_mem()));
        EXPECT_EQ(1, i2d_X509_CRL_bio(bio.get(), crl.get()));
        return contents(bio.get());
    }

  private:
    static std::string contents(BIO* bio) {
        char* data = nullptr;
        const long size = BIO_get_mem_data(bio, &data);
        return {data, static_cast<std::size_t>(size)};
    }

    static Certificate begin(EVP_PKEY* key, long serial, long ends_in) {
        Certificate out(X509_new());
        X509_set_version(out.get(), X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(out.get()), serial);
        X509_gmtime_adj(X509_getm_notBefore(out.get()), -7200);
        X509_gmtime_adj(X509_getm_notAfter(out.get()), ends_in);
        X509_set_pubkey(out.get(), key);
        return out;
    }

    static void add_name(X509* certificate, const std::string& name) {
        X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName, MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(name.data()), static_cast<int>(name.size()),
                                   -1, 0);
    }

    static void add_alternative(GENERAL_NAMES* names, int kind, const std::string& text) {
        ASN1_STRING* value = ASN1_IA5STRING_new();
        ASN1_STRING_set(value, text.data(), static_cast<int>(text.size()));
        GENERAL_NAME* name = GENERAL_NAME_new();
        GENERAL_NAME_set0_value(name, kind, value);
        sk_GENERAL_NAME_push(names, name);
    }

    Certificate make(const std::string& name) const {
        Certificate out = begin(key_.get(), 1, 360000);
        add_name(out.get(), name);
        X509V3_CTX context;
        X509V3_set_ctx(&context, out.get(), out.get(), nullptr, nullptr, 0);
        using Extension = std::unique_ptr<X509_EXTENSION, FreeWith<X509_EXTENSION_free>>;
        for (const auto& [nid, value] : {std::pair{NID_basic_constraints, "critical,CA:TRUE"},
                                         std::pair{NID_key_usage, "critical,keyCertSign,cRLSign"}}) {
            const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
            X509_add_ext(out.get(), extension.get(), -1);
        }
        X509_set_issuer_name(out.get(), X509_get_subject_name(out.get()));
        EXPECT_GT(X509_sign(out.get(), key_.get(), EVP_sha256()), 0);
        return out;
    }

    Key key_;
    Certificate certificate_;
};

}  // namespace reseal::identity::test
