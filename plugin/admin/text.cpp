// SPDX-License-Identifier: Apache-2.0
#include "admin/text.h"

#include <pwd.h>
#include <reseal/crypto.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <iomanip>
#include <sstream>
#include <utility>
#include <vector>

#include "base/fault.h"
#include "base/hex.h"
#include "base/quote.h"
#include "base/serial_number.h"

namespace reseal::admin {
namespace {

constexpr std::array<std::uint8_t, 5> algorithms{RESEAL_AES_CCM_16_128_128, RESEAL_AES_CCM_16_128_256, RESEAL_A128GCM,
                                                 RESEAL_A256GCM, RESEAL_CHACHA20_POLY1305};

// OpenSSL writes upper case, and colons between bytes.
std::string plain_hex(std::string text) {
    std::erase(text, ':');
    std::ranges::transform(text, text.begin(),
                           [](char c) { return 'A' <= c && c <= 'F' ? static_cast<char>(c + 32) : c; });
    return text;
}

std::string format_time(std::time_t when, const char* format) {
    std::tm parts{};
    (void)::gmtime_r(&when, &parts);
    std::ostringstream out;
    out << std::put_time(&parts, format);
    return out.str();
}

}  // namespace

std::string date(std::time_t when) {
    return format_time(when, "%Y-%m-%d");
}

std::optional<keyring::Fingerprint> parse_sha256(const std::string& text) {
    keyring::Fingerprint out{};
    return from_hex(plain_hex(text), out) && !keyring::is_serial(out) ? std::optional(out) : std::nullopt;
}

std::optional<keyring::Fingerprint> parse_serial(const std::string& text) {
    const std::string digits = plain_hex(text);
    std::vector<std::uint8_t> bytes(digits.size() / 2);
    const bool fits = from_hex(digits, bytes) && bytes.size() <= serial_number_most;
    const keyring::Fingerprint out = fits ? keyring::serial_id(bytes) : keyring::Fingerprint{};
    return out != keyring::Fingerprint{} ? std::optional(out) : std::nullopt;
}

std::string date_and_time(std::time_t when) {
    return format_time(when, "%Y-%m-%d %H:%M:%S UTC");
}

std::string algorithm_text(std::uint8_t algorithm) {
    const char* name = reseal_algorithm_name(algorithm);
    return std::string(name == nullptr ? "unknown" : name) + " (" + std::to_string(algorithm) + ")";
}

Checked<std::uint8_t> parse_algorithm(const std::string& text) {
    std::string all;
    for (const std::uint8_t algorithm : algorithms) {
        if (text == reseal_algorithm_name(algorithm) || text == std::to_string(algorithm)) {
            return algorithm;
        }
        all.append(all.empty() ? "" : ", ").append(algorithm_text(algorithm));
    }
    return Fault{{}, 0, "--algorithm", quote(text) + " is not an algorithm", all};
}

Checked<std::int64_t> parse_duration(const std::string& option, const std::string& text) {
    constexpr std::int64_t most = std::int64_t{3650} * 24 * 3600;
    constexpr std::array<std::pair<char, std::int64_t>, 4> units{{{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}}};
    std::int64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [digits_end, error] = std::from_chars(text.data(), end, number);
    for (const auto& [letter, seconds] : units) {
        const bool shaped = error == std::errc() && digits_end + 1 == end && *digits_end == letter;
        if (shaped && number > 0 && number <= most / seconds) {
            return number * seconds;
        }
    }
    return Fault{{}, 0, option, quote(text) + " is not a length of time", "such as 7d, 12h, 30m or 90s, at most 3650d"};
}

Checked<Done> check_one_line(const std::string& option, const std::string& text) {
    if (has_control_character(text)) {
        return Fault{{}, 0, option, "it has control characters", "one line of text"};
    }
    return Done{};
}

std::string name_of_user(const std::string& who) {
    if (!who.empty()) {
        return who;
    }
    const char* caller = ::getuid() == 0 ? std::getenv("SUDO_USER") : nullptr;  // NOLINT(concurrency-mt-unsafe)
    if (caller != nullptr && check_one_line({}, caller)) {
        return caller;
    }
    const passwd* user = ::getpwuid(::getuid());  // NOLINT(concurrency-mt-unsafe): this program has one thread
    return user != nullptr ? std::string(user->pw_name) : "uid " + std::to_string(::getuid());
}

}  // namespace reseal::admin
