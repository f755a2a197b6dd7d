#include "host/tls_files.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "tools/failure.h"

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

[[noreturn]] void fail(reseal_settings_field field) {
    throw tools::Failure(std::string("the settings cannot be used: ") + reseal_settings_field_text(field));
}

Bio pem_of(const reseal_certificate& certificate, reseal_settings_field field) {
    Bio text = new_text();
    if (certificate.size > 0) {
        const unsigned char* der = certificate.der;
        const Certificate read(d2i_X509(nullptr, &der, certificate.size), X509_free);
        if (!read || PEM_write_bio_X509(text.get(), read.get()) != 1) {
            fail(field);
        }
    }
    return text;
}

Bio pem_of(const reseal_private_key& key) {
    Bio text = new_text();
    if (key.size > 0) {
        const unsigned char* der = key.der;
        const Key read(d2i_AutoPrivateKey(nullptr, &der, key.size), EVP_PKEY_free);
        if (!read || PEM_write_bio_PrivateKey(text.get(), read.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
            fail(RESEAL_SETTINGS_PRIVATE_KEY);
        }
    }
    return text;
}

const reseal_certificate no_certificate{};
const reseal_private_key no_key{};

}  // namespace

MemoryFile::MemoryFile(const char* name, std::string_view text) {
    if (text.empty()) {
        return;
    }
    file_ = memfd_create(name, MFD_CLOEXEC);
    if (file_ < 0 || write(file_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        const std::string problem = std::strerror(errno);
        close(file_);
        throw tools::Failure(std::string(name) + ": no file in memory: " + problem);
    }
}

MemoryFile::~MemoryFile() {
    if (file_ >= 0) {
        close(file_);
    }
}

std::string MemoryFile::path() const {
    return file_ < 0 ? "" : "/proc/self/fd/" + std::to_string(file_);
}

TlsFiles::TlsFiles(const reseal_settings& settings)
    : ca_("ca", text_of(pem_of(settings.tls ? settings.ca : no_certificate, RESEAL_SETTINGS_CA))),
      certificate_("certificate",
                   text_of(pem_of(settings.tls ? settings.certificate : no_certificate, RESEAL_SETTINGS_CERTIFICATE))),
      key_("key", text_of(pem_of(settings.tls ? settings.private_key : no_key))) {}

}  // namespace reseal::vitals
