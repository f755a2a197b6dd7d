// SPDX-License-Identifier: Apache-2.0
#include <openssl/rand.h>
#include <reseal/pairing.h>

#include <array>

#include "admin/commands.h"
#include "admin/secret_output.h"

namespace reseal::admin {
namespace {

// A pairing code, as bytes and as printed. It wipes itself.
struct Pairing {
    reseal_pairing code{};
    std::array<char, RESEAL_PAIRING_TEXT_SIZE> text{};
    Pairing() = default;
    ~Pairing() {
        reseal_wipe(&code, sizeof code);
        reseal_wipe(text.data(), text.size());
    }
    Pairing(const Pairing&) = delete;
    Pairing& operator=(const Pairing&) = delete;
};

SecretText to_text(const Pairing& pairing) {
    SecretText out(enough_for_any_format);
    out.append(pairing.text.data()).append("\n");
    return out;
}

SecretText to_c_header(const Pairing& pairing) {
    SecretText out(enough_for_any_format);
    out.append("/*\n * Secret: the pairing code ").append(pairing.text.data());
    out.append(
        " of one device. Print it on its label, compile it into this\n"
        " * one device, and keep it out of version control. Hand &reseal_device_pairing to reseal_setup_open.\n */\n"
        "#ifndef RESEAL_DEVICE_PAIRING_H\n#define RESEAL_DEVICE_PAIRING_H\n\n#include <reseal/pairing.h>\n\n"
        "static const struct reseal_pairing reseal_device_pairing = {\n    .secret = ");
    append_c_bytes(out, pairing.code.secret);
    out.append("};\n\n#endif\n");
    return out;
}

}  // namespace

Checked<Done> export_pairing(const ExportRequest& request) {
    Pairing pairing;
    if (RAND_priv_bytes(pairing.code.secret, RESEAL_PAIRING_SIZE) != 1) {
        return Fault{{}, 0, {}, "no random numbers are available", "check whether OpenSSL works on this machine"};
    }
    reseal_pairing_write(&pairing.code, pairing.text.data());
    return hand_out(request.format == "c-header" ? to_c_header(pairing) : to_text(pairing), request.output);
}

}  // namespace reseal::admin
