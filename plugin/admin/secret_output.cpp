// SPDX-License-Identifier: Apache-2.0
#include "admin/secret_output.h"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "admin/with_rights.h"
#include "base/hex.h"
#include "base/private_file.h"

namespace reseal::admin {
namespace {

Checked<Done> write_to_standard_output(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
        if (written < 0 && errno != EINTR) {
            return system_fault({}, "writing to standard output", {});
        }
        text.remove_prefix(written < 0 ? 0 : static_cast<std::size_t>(written));
    }
    return Done{};
}

}  // namespace

void append_hex(SecretText& out, std::span<const std::uint8_t> bytes) {
    for (const std::uint8_t byte : bytes) {
        const std::array<char, 2> digits = hex_of(byte);
        out.append({digits.data(), digits.size()});
    }
}

void append_c_bytes(SecretText& out, std::span<const std::uint8_t> bytes) {
    out.append("{");
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        out.append(at == 0 ? "0x" : at % 8 == 0 ? ",\n               0x" : ", 0x");
        append_hex(out, bytes.subspan(at, 1));
    }
    out.append("}");
}

Checked<Done> hand_out(const SecretText& text, const std::string& output) {
    const WithRights caller(Whose::caller);
    return output.empty() ? write_to_standard_output(text.expose()) : replace_file(output, as_bytes(text.expose()));
}

}  // namespace reseal::admin
