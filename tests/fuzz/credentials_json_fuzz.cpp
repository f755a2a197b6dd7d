// SPDX-License-Identifier: Apache-2.0
// Whatever a credentials file contains: it is refused with a sentence and gives out nothing, or what it says is valid
// and written again in a form that reads as the same.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "python/credentials_json.h"

namespace {

void require(bool property) {
    if (!property) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    reseal_credentials credentials;
    std::memset(&credentials, 0xFF, sizeof credentials);
    const char* problem = reseal_credentials_json_read({data, size}, &credentials);
    const reseal_credentials zeroed{};
    if (problem != nullptr) {
        require(*problem != '\0' && std::memcmp(&credentials, &zeroed, sizeof zeroed) == 0);
        return 0;
    }
    require(reseal_credentials_check(&credentials) == RESEAL_OK);
    std::array<char, RESEAL_CREDENTIALS_JSON_MAX> written{};
    const std::size_t length = reseal_credentials_json_write(&credentials, written.data());
    require(length < written.size() && std::strlen(written.data()) == length);
    reseal_credentials again;
    const auto* text = reinterpret_cast<const std::uint8_t*>(written.data());
    require(reseal_credentials_json_read({text, length}, &again) == nullptr);
    require(std::memcmp(&again, &credentials, sizeof again) == 0);
    return 0;
}
