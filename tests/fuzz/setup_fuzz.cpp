// SPDX-License-Identifier: Apache-2.0
// Configuration mode, whatever the bytes are. The first byte chooses what the others are:
//   'h'  bytes from a connection; the second byte chooses how they are split. The answer is HTTP, and without the
//        pairing code nothing is stored and at most one try is used up;
//   's'  the sealed content of a request from whoever has the code: the answer opens, and what is stored is valid;
//   'f'  the byte form of settings: what is decoded is encoded to the same bytes.
#include <cstdlib>

#include "setup/test_page.h"

namespace {

using namespace reseal::test;

constexpr int kConnection = 0;

void require(bool property) {
    if (!property) {
        std::abort();
    }
}

void answers_with_http(std::string_view bytes) {
    SetupDevice device(settings());
    const std::size_t piece = bytes.empty() ? 1 : static_cast<std::uint8_t>(bytes[0]) + std::size_t{1};
    for (std::size_t at = 1; at < bytes.size(); at += piece) {
        const auto answer = device.feed(&kConnection, bytes.substr(at, piece));
        if (answer.has_value()) {
            require(status_of(*answer) >= 200 && answer->find("\r\n\r\n") != std::string::npos);
        }
    }
    require(!device.stored.has_value() && device.state() == RESEAL_SETUP_SERVING);
    require(device.setup->tries >= RESEAL_SETUP_TRIES - 1);
    reseal_setup_end(device.setup.get(), &kConnection);
    require(status_of(device.ask(get())) == 200);
}

void takes_what_is_right(std::string_view bytes) {
    SetupDevice device(settings());
    std::string content(bytes.substr(0, 4096));
    content.resize(std::max<std::size_t>(1, (content.size() + 511) / 512) * 512);
    const PageExchange exchange(challenge_of(device.ask(get())), pairing());
    const std::string said = exchange.open(body_of(device.ask(post(exchange.request_of(content))))).value_or("");
    require(!said.empty() && said[0] >= 1 && said[0] <= 3);
    require(device.stored.has_value() == (said[0] == 2));
    require((device.state() == RESEAL_SETUP_TAKEN) == (said[0] == 2));
    if (device.stored.has_value()) {
        reseal_settings stored{};
        require(reseal_settings_decode(view(*device.stored), &stored) == RESEAL_OK);
        require(encoded(stored) == *device.stored);
    }
}

void decodes_one_form_only(std::string_view bytes) {
    reseal_settings out{};
    if (reseal_settings_decode(view(bytes), &out) == RESEAL_OK) {
        const Bytes form = encoded(out);
        require(std::string_view(reinterpret_cast<const char*>(form.data()), form.size()) == bytes);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0]) {
        case 'h':
            answers_with_http(rest);
            break;
        case 's':
            takes_what_is_right(rest);
            break;
        case 'f':
            decodes_one_form_only(rest);
            break;
        default:
            break;
    }
    return 0;
}
