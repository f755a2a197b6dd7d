// SPDX-License-Identifier: Apache-2.0
// A device in configuration mode on a port of 127.0.0.1, for the tests in a browser.
// setup_device PAIRING_CODE [SETTINGS] SETTINGS: its byte form in hex; omitted: never set up Prints "port N" and, once
// settings are stored, "stored" and their byte form in hex. Ends then, or when its input ends.
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <reseal/posix.h>
#include <reseal/setup_posix.h>

#include "base/hex.h"

namespace {

int failed(const std::string& what) {
    std::fprintf(stderr, "setup_device: %s\n", what.c_str());
    return 1;
}

bool print_stored(void*, reseal_bytes form) {
    std::printf("stored %s\n", reseal::hex({form.data, form.size}).c_str());
    return std::fflush(stdout) == 0;
}

int serve(reseal_setup* setup) {
    std::uint16_t port = 0;
    const int listener = reseal_setup_posix_listen(&port);
    if (listener < 0) {
        return failed("cannot listen");
    }
    std::printf("port %d\n", port);
    std::fflush(stdout);
    const reseal_setup_posix_end end = reseal_setup_posix_serve(setup, listener, STDIN_FILENO);
    close(listener);
    return end == RESEAL_SETUP_POSIX_FAILED ? failed("cannot serve") : 0;
}

}  // namespace

int main(int count, char** arguments) {
    reseal_pairing pairing{};
    reseal_settings settings{};
    if (count < 2 || reseal_pairing_read(arguments[1], &pairing) != RESEAL_OK) {
        return failed("the first argument must be a pairing code");
    }
    if (count > 2) {
        const std::string_view text = arguments[2];
        std::vector<std::uint8_t> form(text.size() / 2);
        if (!reseal::from_hex(text, form) ||
            reseal_settings_decode({form.data(), form.size()}, &settings) != RESEAL_OK) {
            return failed("the second argument must be settings' byte form in hex");
        }
    }
    const auto setup = std::make_unique<reseal_setup>();
    const reseal_setup_port port{reseal_crypto_mbedtls(), reseal_posix_random(), &reseal_page, nullptr, print_stored};
    if (reseal_setup_open(setup.get(), &pairing, &settings, &port) != RESEAL_OK) {
        return failed("cannot open configuration mode");
    }
    const int status = serve(setup.get());
    reseal_setup_close(setup.get());
    return status;
}
