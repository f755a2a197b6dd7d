// SPDX-License-Identifier: Apache-2.0
// Owning handles for OpenSSL's objects.
#pragma once

#include <ctime>
#include <memory>
#include <optional>
#include <string>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/descriptor.h"
#include "base/free_with.h"

namespace reseal::identity {

using Certificate = std::unique_ptr<X509, FreeWith<X509_free>>;
using CrlHandle = std::unique_ptr<X509_CRL, FreeWith<X509_CRL_free>>;
using Store = std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, FreeWith<X509_STORE_CTX_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, FreeWith<GENERAL_NAMES_free>>;
using Bio = std::unique_ptr<BIO, FreeWith<BIO_free_all>>;

// Reads `file`, which must outlive the result.
Bio bio_of(const Descriptor& file);

// The DER bytes of a name, as a lookup key.
std::string bytes_of(const X509_NAME* name);

// Nothing if `time` is null or cannot be read.
std::optional<std::time_t> time_of(const ASN1_TIME* time);

}  // namespace reseal::identity
