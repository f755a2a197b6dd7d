// SPDX-License-Identifier: Apache-2.0
#include "host/tls_files.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/mman.h>
#include <unistd.h>

#include <memory>

namespace reseal::vitals {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free_all)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

// In memory that OpenSSL wipes.
Bio new_text() {
    return {BIO_new(BIO_s_secmem()), BIO_free_all};
}

std::string_view text_of(const Bio& text) {
    const char* bytes = nullptr;
    const long size = BIO_get_mem_data(text.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

tools::Fault unusable(reseal_settings_field field) {
    return {"the settings cannot be used", reseal_settings_field_text(field)};
}

tools::Checked<MemoryFile> file_of(const char* name, const reseal_certificate& certificate,
                                   reseal_settings_field field) {
    const Bio text = new_text();
    if (certificate.size > 0) {
        const unsigned char* der = certificate.der;
        const Certificate read(d2i_X509(nullptr, &der, certificate.size), X509_free);
        if (!read || PEM_write_bio_X509(text.get(), read.get()) != 1) {
            return unusable(field);
        }
    }
    return MemoryFile::make(name, text_of(text));
}

tools::Checked<MemoryFile> file_of(const char* name, const reseal_private_key& key) {
    const Bio text = new_text();
    if (key.size > 0) {
        const unsigned char* der = key.der;
        const Key read(d2i_AutoPrivateKey(nullptr, &der, key.size), EVP_PKEY_free);
        if (!read || PEM_write_bio_PrivateKey(text.get(), read.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
            return unusable(RESEAL_SETTINGS_PRIVATE_KEY);
        }
    }
    return MemoryFile::make(name, text_of(text));
}

const reseal_certificate no_certificate{};
const reseal_private_key no_key{};

}  // namespace

tools::Checked<MemoryFile> MemoryFile::make(const char* name, std::string_view text) {
    if (text.empty()) {
        return MemoryFile(tools::Descriptor(-1));
    }
    tools::Descriptor file(memfd_create(name, MFD_CLOEXEC));
    if (file.get() < 0 || write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        return tools::system_fault(name, "no file in memory");
    }
    return MemoryFile(std::move(file));
}

std::string MemoryFile::path() const {
    return file_.get() < 0 ? "" : "/proc/self/fd/" + std::to_string(file_.get());
}

tools::Checked<TlsFiles> TlsFiles::make(const reseal_settings& settings) {
    auto ca = file_of("ca", settings.tls ? settings.ca : no_certificate, RESEAL_SETTINGS_CA);
    if (!ca) {
        return ca.error();
    }
    auto certificate =
        file_of("certificate", settings.tls ? settings.certificate : no_certificate, RESEAL_SETTINGS_CERTIFICATE);
    if (!certificate) {
        return certificate.error();
    }
    auto key = file_of("key", settings.tls ? settings.private_key : no_key);
    if (!key) {
        return key.error();
    }
    return TlsFiles(std::move(*ca), std::move(*certificate), std::move(*key));
}

}  // namespace reseal::vitals
