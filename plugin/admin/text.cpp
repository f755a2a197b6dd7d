#include "admin/text.h"

#include <fcntl.h>
#include <reseal/crypto.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <iomanip>
#include <sstream>

#include "base/private_file.h"

namespace reseal::admin {
namespace {

constexpr std::array<std::uint8_t, 5> algorithms{RESEAL_AES_CCM_16_128_128, RESEAL_AES_CCM_16_128_256, RESEAL_A128GCM,
                                                 RESEAL_A256GCM, RESEAL_CHACHA20_POLY1305};

std::string format_time(std::time_t when, const char* format) {
    std::tm parts{};
    (void)::gmtime_r(&when, &parts);
    std::ostringstream out;
    out << std::put_time(&parts, format);
    return out.str();
}

}  // namespace

std::string hex(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(2 * bytes.size());
    for (const std::uint8_t byte : bytes) {
        out += digits[byte >> 4U];
        out += digits[byte & 15U];
    }
    return out;
}

std::string date(std::time_t when) {
    return format_time(when, "%Y-%m-%d");
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
    return Fault{{}, 0, "--algorithm", in_quotes(text) + " is no algorithm", all};
}

Checked<std::string> read_text(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));  // NOLINT(*-vararg)
    std::string out;
    std::array<char, 4096> part{};
    ssize_t size = file ? 1 : -1;
    while (size > 0 || (size < 0 && file && errno == EINTR)) {
        size = ::read(file.get(), part.data(), part.size());
        out.append(part.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
    }
    if (size < 0) {
        return system_fault(path, "reading it", "it must be a file that this user can read");
    }
    return out;
}

}  // namespace reseal::admin
