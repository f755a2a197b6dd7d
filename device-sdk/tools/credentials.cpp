// SPDX-License-Identifier: Apache-2.0
#include "tools/credentials.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <vector>

#include "tools/file.h"
#include "tools/flat_json.h"
#include "tools/hex.h"

namespace reseal::tools {
namespace {

constexpr std::string_view credentials_format = "reseal-credentials/2";
constexpr std::array<std::string_view, 6> keys = {"format",    "principal", "realm",
                                                  "algorithm", "key_id",    "master_secret"};

constexpr std::string_view name_characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

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

Checked<Done> check_file(int descriptor, const std::string& path) {
    struct stat about {};
    if (fstat(descriptor, &about) != 0) {
        return system_fault(path, "cannot be examined");
    }
    if (!S_ISREG(about.st_mode)) {
        return Fault{path, "is not a regular file", "name the credentials file itself"};
    }
    if ((about.st_mode & 07177U) != 0) {
        return Fault{path, "has mode " + octal(about.st_mode) + ", but it holds a master secret and must have 0600",
                     "run: chmod 600 " + path};
    }
    return Done{};
}

Checked<Done> read_text(const std::string& path, WipedText& text) {
    // O_NONBLOCK: refuse a pipe of that name instead of waiting for it.
    const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.get() < 0) {
        return system_fault(path, "cannot be opened");
    }
    if (auto checked = check_file(file.get(), path); !checked) {
        return checked;
    }
    while (text.size < text.bytes.size()) {
        const ssize_t got = ::read(file.get(), text.bytes.data() + text.size, text.bytes.size() - text.size);
        if (got < 0) {
            return system_fault(path, "cannot be read");
        }
        if (got == 0) {
            return Done{};
        }
        text.size += static_cast<std::size_t>(got);
    }
    return Fault{path, "is longer than " + std::to_string(file_size_max) + " bytes", "this is not a credentials file"};
}

// Reads members into places. Keeps the first fault; after it, what is read is worth nothing.
class MemberReader {
  public:
    MemberReader(const std::vector<JsonMember>& members, const std::string& path) : members_(members), path_(path) {
        for (const JsonMember& member : members) {
            check_key(member);
        }
    }

    [[nodiscard]] const std::optional<Fault>& fault() const { return fault_; }

    void format() {
        const JsonMember* member = text("format");
        if (member != nullptr && member->value != credentials_format) {
            fail(*member, "must be \"" + std::string(credentials_format) + "\"");
        }
    }

    void algorithm(std::uint8_t& out) {
        const JsonMember* member = find("algorithm");
        if (member == nullptr) {
            return;
        }
        int value = 0;
        const char* end = member->value.data() + member->value.size();
        if (member->is_string || std::from_chars(member->value.data(), end, value).ec != std::errc()) {
            fail(*member, "must be a whole number without quotes");
        } else if (reseal_algorithm_sizes(value).key == 0) {
            fail(*member, std::to_string(value) + " is not one of 1, 3, 24, 30, 31");
        } else {
            out = static_cast<std::uint8_t>(value);
        }
    }

    // Never quotes the value: it may be the secret.
    void hex(std::string_view key, std::span<std::uint8_t> out) {
        const JsonMember* member = text(key);
        if (member == nullptr) {
            return;
        }
        const std::string due = "must be " + std::to_string(2 * out.size()) + " digits of 0-9 and a-f";
        if (member->value.size() != 2 * out.size()) {
            fail(*member, due + ", but is " + std::to_string(member->value.size()) + " long");
        } else if (!from_hex(member->value, out)) {
            fail(*member, due);
        }
    }

    // `out` is zeroed.
    void name(std::string_view key, std::span<char, RESEAL_PRINCIPAL_MAX + 1> out) {
        const JsonMember* member = text(key);
        if (member == nullptr) {
            return;
        }
        if (member->value.empty() || member->value.size() >= out.size()) {
            fail(*member, "must have 1 to 64 characters");
        } else if (member->value.find_first_not_of(name_characters) != std::string_view::npos) {
            fail(*member, "may contain only A-Z a-z 0-9 . _ -");
        } else {
            std::copy(member->value.begin(), member->value.end(), out.begin());
        }
    }

  private:
    void fail(Fault fault) {
        if (!fault_) {
            fault_ = std::move(fault);
        }
    }

    void fail(const JsonMember& member, const std::string& problem) {
        fail(Fault{line_of(member) + ": " + std::string(member.key), problem});
    }

    [[nodiscard]] std::string line_of(const JsonMember& member) const {
        return path_ + ":" + std::to_string(member.line);
    }

    // Null if it is missing.
    const JsonMember* find(std::string_view key) {
        const auto found = std::ranges::find(members_, key, &JsonMember::key);
        if (found == members_.end()) {
            fail(Fault{path_, std::string(key) + " is missing"});
            return nullptr;
        }
        return &*found;
    }

    // Null if it is missing or no string.
    const JsonMember* text(std::string_view key) {
        const JsonMember* member = find(key);
        if (member != nullptr && !member->is_string) {
            fail(*member, "must be a string in double quotes");
            return nullptr;
        }
        return member;
    }

    void check_key(const JsonMember& member) {
        if (std::ranges::find(keys, member.key) == keys.end()) {
            fail(Fault{line_of(member), "unknown key",
                       "a credentials file has format, principal, realm, algorithm, key_id, master_secret"});
        } else if (std::ranges::count(members_, member.key, &JsonMember::key) > 1) {
            fail(member, "is there twice");
        }
    }

    const std::vector<JsonMember>& members_;
    const std::string& path_;
    std::optional<Fault> fault_;
};

}  // namespace

Checked<Credentials> Credentials::read(const std::string& path) {
    WipedText text;
    if (const auto read = read_text(path, text); !read) {
        return read.error();
    }
    return parse(std::string_view(text.bytes.data(), text.size), path);
}

Checked<Credentials> Credentials::parse(std::string_view text, const std::string& path) {
    const auto members = read_flat_json(text);
    if (!members) {
        return Fault{path + ":" + std::to_string(members.error().line), members.error().problem};
    }
    Credentials credentials;
    reseal_credentials& value = credentials.value_;
    MemberReader reader(*members, path);
    reader.format();
    reader.name("principal", value.principal);
    reader.name("realm", value.realm);
    reader.algorithm(value.algorithm);
    reader.hex("key_id", value.key_id);
    reader.hex("master_secret", value.master);
    if (reader.fault()) {
        return *reader.fault();
    }
    return credentials;
}

Credentials::~Credentials() {
    reseal_wipe(&value_, sizeof(value_));
}

Credentials::Credentials(Credentials&& other) noexcept : value_(other.value_) {
    reseal_wipe(&other.value_, sizeof(other.value_));
}

}  // namespace reseal::tools
