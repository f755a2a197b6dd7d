// SPDX-License-Identifier: Apache-2.0
#include "audit/folder.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "base/fault.h"
#include "base/hex.h"
#include "base/regular_file.h"

namespace reseal::audit {
namespace {

constexpr std::string_view name_begin = "audit-";
constexpr std::string_view name_end = ".jsonl";
constexpr std::size_t number_digits = 12;
constexpr std::size_t mark_size = 20 + 1 + 64 + 1;  // NUMBER, a blank, HASH, a line break

// "20260131T120000000Z"
std::string compact(std::string time) {
    std::erase_if(time, [](char c) { return c == '-' || c == ':' || c == '.'; });
    return time;
}

Checked<std::string> read_end(const std::string& path, std::uint64_t& size) {
    const auto file = open_own(path, O_RDONLY);
    struct stat status {};
    if (!file) {
        return file.error();
    }
    if (::fstat(file->get(), &status) != 0) {
        return system_fault(path, "reading its size", "check the disk");
    }
    size = static_cast<std::uint64_t>(status.st_size);
    std::string out(std::min<std::uint64_t>(size, 2 * line_most), '\0');
    const auto begin = static_cast<off_t>(size - out.size());
    if (::pread(file->get(), out.data(), out.size(), begin) != static_cast<ssize_t>(out.size())) {
        return system_fault(path, "reading it", "check the disk");
    }
    return out;
}

Checked<std::optional<Position>> parse_mark(const std::string& path, std::string_view text) {
    if (text.empty()) {
        return std::optional<Position>();
    }
    Position out;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out.number);
    const auto digits = static_cast<std::size_t>(end - text.data());
    if (error != std::errc{} || text.size() != mark_size || digits != 20 || text[digits] != ' ' ||
        text.back() != '\n' || !from_hex(text.substr(digits + 1, 64), out.hash)) {
        return file_fault(path, "is not the mark of an audit trail", "check the audit trail, then remove this file");
    }
    return std::optional<Position>(out);
}

Checked<std::optional<Position>> read_open_mark(const std::string& path, int file) {
    std::array<char, mark_size + 1> text{};
    const ssize_t size = ::pread(file, text.data(), text.size(), 0);
    if (size < 0) {
        return system_fault(path, "reading it", "check the disk");
    }
    return parse_mark(path, {text.data(), static_cast<std::size_t>(size)});
}

// After a crash of the broker, the process that writes the trail may still work for a moment.
bool lock(int file) {
    constexpr std::chrono::milliseconds patience(3000);
    constexpr std::chrono::milliseconds pause(20);
    const auto limit = std::chrono::steady_clock::now() + patience;
    while (::flock(file, LOCK_EX | LOCK_NB) != 0) {
        if (std::chrono::steady_clock::now() > limit) {
            return false;
        }
        std::this_thread::sleep_for(pause);
    }
    return true;
}

}  // namespace

std::string file_name(std::uint64_t number, std::int64_t time) {
    std::array<char, 32> text{};
    (void)std::snprintf(text.data(), text.size(), "%012llu", static_cast<unsigned long long>(number));
    return std::string(name_begin) + text.data() + "-" + compact(timestamp(time)) + std::string(name_end);
}

std::optional<std::uint64_t> first_number(std::string_view name) {
    if (!name.starts_with(name_begin) || !name.ends_with(name_end)) {
        return std::nullopt;
    }
    std::uint64_t out = 0;
    const char* begin = name.data() + name_begin.size();
    const auto [end, error] = std::from_chars(begin, name.data() + name.size(), out);
    const bool right = error == std::errc{} && end - begin >= static_cast<std::ptrdiff_t>(number_digits) && *end == '-';
    return right && out > 0 ? std::optional(out) : std::nullopt;
}

std::optional<std::int64_t> first_time(std::string_view name) {
    if (!first_number(name)) {
        return std::nullopt;
    }
    name.remove_suffix(name_end.size());
    return parse_timestamp(name.substr(name.rfind('-') + 1));
}

Checked<std::vector<std::string>> trail_files(const std::string& folder) {
    std::vector<std::string> out;
    std::error_code error;
    for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        if (first_number(at->path().filename().string())) {
            out.push_back(at->path().string());
        }
    }
    if (error) {
        return file_fault(folder, "the folder cannot be read: " + error.message(), "name the folder of an audit trail");
    }
    std::ranges::sort(out);
    return out;
}

Checked<Tail> read_tail(const std::string& path) {
    Tail out;
    const auto text = read_end(path, out.size);
    if (!text) {
        return text.error();
    }
    const std::size_t end = text->rfind('\n');
    out.half_line = end == std::string::npos ? !text->empty() : end + 1 != text->size();
    if (end != std::string::npos) {
        const std::size_t before = end == 0 ? std::string::npos : text->rfind('\n', end - 1);
        const std::size_t begin = before == std::string::npos ? 0 : before + 1;
        out.line = text->substr(begin, end - begin);
    }
    return out;
}

std::string mark_path(const std::string& state) {
    return state + "/audit";
}

Checked<Mark> Mark::open(const std::string& path) {
    auto file = open_own(path, O_RDWR | O_CREAT);
    if (!file) {
        return file.error();
    }
    if (!lock(file->get())) {
        return file_fault(path, "another broker writes this audit trail",
                          "give each broker its own state and audit folder; if one has crashed, check whether its "
                          "reseal-audit is still waiting for the disk (ps -e)");
    }
    return Mark(path, std::move(*file));
}

Checked<std::optional<Position>> Mark::read() const {
    return read_open_mark(path_, file_.get());
}

// The mark lies within one sector of the disk, so it is never half-written.
bool Mark::write(const Position& position) const {
    std::array<char, 32> number{};
    (void)std::snprintf(number.data(), number.size(), "%020llu ", static_cast<unsigned long long>(position.number));
    const std::string text = number.data() + hex(position.hash) + "\n";
    return ::pwrite(file_.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

Checked<std::optional<Position>> read_mark(const std::string& path) {
    const auto file = open_own_if_there(path, O_RDONLY);
    if (!file) {
        return file.error();
    }
    return *file ? read_open_mark(path, file->get()) : Checked<std::optional<Position>>(std::optional<Position>());
}

}  // namespace reseal::audit
