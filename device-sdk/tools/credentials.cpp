#include "tools/credentials.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <span>
#include <vector>

#include "tools/failure.h"
#include "tools/file.h"
#include "tools/flat_json.h"
#include "tools/hex.h"

namespace reseal::tools {
namespace {

constexpr std::string_view format = "reseal-credentials/2";
constexpr std::array<std::string_view, 6> keys = {"format",    "principal", "realm",
                                                  "algorithm", "key_id",    "master_secret"};

// Longer than any credentials file.
constexpr std::size_t file_size_max = 4096;

struct WipedText {
    std::array<char, file_size_max + 1> bytes{};
    std::size_t size = 0;

    WipedText() = default;
    WipedText(const WipedText&) = delete;
    WipedText& operator=(const WipedText&) = delete;
    ~WipedText() { reseal_wipe(bytes.data(), bytes.size()); }
};

std::string octal(mode_t mode) {
    std::array<char, 8> digits{};
    const char* end = std::to_chars(digits.data(), digits.data() + digits.size(), mode & 07777U, 8).ptr;
    const std::string text(static_cast<const char*>(digits.data()), end);
    return std::string(4 - std::min<std::size_t>(4, text.size()), '0') + text;
}

void check_file(int descriptor, const std::string& path) {
    struct stat about {};
    if (fstat(descriptor, &about) != 0) {
        throw Failure(path + ": cannot be examined: " + std::strerror(errno));
    }
    if (!S_ISREG(about.st_mode)) {
        throw Failure(path + ": is no regular file; name the credentials file itself");
    }
    if ((about.st_mode & 07177U) != 0) {
        throw Failure(path + ": has mode " + octal(about.st_mode) +
                      ", but it holds a master secret and must have 0600; run: chmod 600 " + path);
    }
}

void read_text(const std::string& path, WipedText& text) {
    // O_NONBLOCK: refuse a pipe of that name instead of waiting for it.
    const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.get() < 0) {
        throw Failure(path + ": cannot be opened: " + std::strerror(errno));
    }
    check_file(file.get(), path);
    while (text.size < text.bytes.size()) {
        const ssize_t got = ::read(file.get(), text.bytes.data() + text.size, text.bytes.size() - text.size);
        if (got < 0) {
            throw Failure(path + ": cannot be read: " + std::strerror(errno));
        }
        if (got == 0) {
            return;
        }
        text.size += static_cast<std::size_t>(got);
    }
    throw Failure(path + ": is longer than " + std::to_string(file_size_max) + " bytes; this is no credentials file");
}

class MemberReader {
  public:
    MemberReader(const std::vector<JsonMember>& members, const std::string& path) : members_(members), path_(path) {
        for (const JsonMember& member : members) {
            check_key(member);
        }
    }

    [[nodiscard]] std::string_view text(std::string_view key) const {
        const JsonMember& member = find(key);
        if (!member.is_string) {
            fail(member, "must be a string in double quotes");
        }
        return member.value;
    }

    [[nodiscard]] int number(std::string_view key) const {
        const JsonMember& member = find(key);
        int value = 0;
        const char* end = member.value.data() + member.value.size();
        if (member.is_string || std::from_chars(member.value.data(), end, value).ec != std::errc()) {
            fail(member, "must be a whole number without quotes");
        }
        return value;
    }

    // Never quotes the value: it may be the secret.
    void hex(std::string_view key, std::span<std::uint8_t> out) const {
        const std::string_view digits = text(key);
        const std::string due = "must be " + std::to_string(2 * out.size()) + " digits of 0-9 and a-f";
        if (digits.size() != 2 * out.size()) {
            fail(find(key), due + ", but is " + std::to_string(digits.size()) + " long");
        }
        if (!from_hex(digits, out)) {
            fail(find(key), due);
        }
    }

    // `out` is zeroed.
    void name(std::string_view key, std::span<char, RESEAL_PRINCIPAL_MAX + 1> out) const {
        const std::string_view found = text(key);
        if (found.empty() || found.size() >= out.size()) {
            fail(find(key), "must have 1 to 64 characters");
        }
        if (found.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") !=
            std::string_view::npos) {
            fail(find(key), "may have A-Z a-z 0-9 . _ - only");
        }
        std::copy(found.begin(), found.end(), out.begin());
    }

    [[noreturn]] void fail(std::string_view key, const std::string& problem) const { fail(find(key), problem); }

  private:
    [[noreturn]] void fail(const JsonMember& member, const std::string& problem) const {
        throw Failure(path_ + ":" + std::to_string(member.line) + ": " + std::string(member.key) + ": " + problem);
    }

    [[nodiscard]] const JsonMember& find(std::string_view key) const {
        const auto found =
            std::find_if(members_.begin(), members_.end(), [&](const JsonMember& m) { return m.key == key; });
        if (found == members_.end()) {
            throw Failure(path_ + ": " + std::string(key) + " is missing");
        }
        return *found;
    }

    void check_key(const JsonMember& member) const {
        if (std::find(keys.begin(), keys.end(), member.key) == keys.end()) {
            throw Failure(
                path_ + ":" + std::to_string(member.line) +
                ": unknown key; a credentials file has format, principal, realm, algorithm, key_id, master_secret");
        }
        const auto same = [&](const JsonMember& other) { return other.key == member.key; };
        if (std::count_if(members_.begin(), members_.end(), same) > 1) {
            fail(member, "stands there twice");
        }
    }

    const std::vector<JsonMember>& members_;
    const std::string& path_;
};

}  // namespace

Credentials Credentials::read(const std::string& path) {
    WipedText text;
    read_text(path, text);
    return parse(std::string_view(text.bytes.data(), text.size), path);
}

Credentials Credentials::parse(std::string_view text, const std::string& path) {
    std::vector<JsonMember> members;
    JsonError error;
    if (!read_flat_json(text, members, error)) {
        throw Failure(path + ":" + std::to_string(error.line) + ": " + error.problem);
    }
    const MemberReader reader(members, path);
    if (reader.text("format") != format) {
        reader.fail("format", "must be \"" + std::string(format) + "\"");
    }
    Credentials credentials;
    reseal_credentials& value = credentials.value_;
    reader.name("principal", value.principal);
    reader.name("realm", value.realm);
    const int algorithm = reader.number("algorithm");
    if (reseal_algorithm_sizes(algorithm).key == 0) {
        reader.fail("algorithm", std::to_string(algorithm) + " is none of 1, 3, 24, 30, 31");
    }
    value.algorithm = static_cast<std::uint8_t>(algorithm);
    reader.hex("key_id", value.key_id);
    reader.hex("master_secret", value.master);
    return credentials;
}

Credentials::~Credentials() {
    reseal_wipe(&value_, sizeof(value_));
}

Credentials::Credentials(Credentials&& other) noexcept : value_(other.value_) {
    reseal_wipe(&other.value_, sizeof(other.value_));
}

}  // namespace reseal::tools
