// SPDX-License-Identifier: Apache-2.0
#include "identity/openssl.h"

namespace reseal::identity {

Bio bio_of(const Descriptor& file) {
    return Bio(BIO_new_fd(file.get(), BIO_NOCLOSE));
}

std::string bytes_of(const X509_NAME* name) {
    const unsigned char* data = nullptr;
    std::size_t size = 0;
    if (X509_NAME_get0_der(name, &data, &size) != 1) {
        return {};
    }
    return {reinterpret_cast<const char*>(data), size};
}

std::optional<std::time_t> time_of(const ASN1_TIME* time) {
    std::tm parts{};
    return time != nullptr && ASN1_TIME_to_tm(time, &parts) == 1 ? std::optional(timegm(&parts)) : std::nullopt;
}

}  // namespace reseal::identity
