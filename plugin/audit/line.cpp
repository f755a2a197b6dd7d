// SPDX-License-Identifier: Apache-2.0
#include "audit/line.h"

#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "audit/json_text.h"
#include "base/hex.h"

namespace reseal::audit {
namespace {

constexpr std::string_view number_begin = R"({"seq":)";
constexpr std::string_view time_begin = R"(,"time":")";
constexpr std::string_view hash_begin = R"(,"prev":")";
constexpr std::string_view mac_begin = R"(,"mac":")";
constexpr std::string_view line_end = R"("})";
constexpr std::size_t digest_text = 2 * sizeof(Digest);

template <std::size_t Size>
void append_field(std::string& out, std::string_view field, const Text<Size>& text) {
    append_json(out, field, text.view(), text.cut());
}

void append_count(std::string& out, std::string_view field, std::uint64_t count) {
    out.append(",\"").append(field).append("\":").append(std::to_string(count));
}

void append_record(std::string& out, const Record& record) {
    append_json(out, "time", timestamp(record.time));
    append_json(out, "event", name_of(record.event));
    append_field(out, "action", record.action);
    append_field(out, "reason", record.reason);
    append_field(out, record.proven ? "principal" : "claims", record.principal);
    append_json(out, "certificate", record.has_certificate ? hex(record.certificate) : std::string());
    append_field(out, "address", record.address);
    append_field(out, "client", record.client);
    append_field(out, "topic", record.topic);
    append_field(out, "rule", record.rule);
    append_field(out, "detail", record.detail);
    if (record.count != 1) {
        append_count(out, "count", record.count);
    }
    if (record.event == Event::removed) {
        append_count(out, "through", record.through);
    }
}

// Takes `begin` and a digest off the end of `line`.
bool take_digest(std::string_view& line, std::string_view begin, Digest& out) {
    const std::size_t size = begin.size() + digest_text;
    if (line.size() < size || !line.substr(line.size() - size).starts_with(begin) ||
        !from_hex(line.substr(line.size() - digest_text), out)) {
        return false;
    }
    line.remove_suffix(size);
    return true;
}

}  // namespace

std::string_view name_of(Event event) {
    constexpr std::array<std::string_view, event_count> names{
        "started", "stopped",  "connected",     "reauthenticated", "disconnected", "refused", "revoked",
        "rotated", "reloaded", "reload_failed", "alert",           "dropped",      "removed", "omitted"};
    return names.at(static_cast<std::size_t>(event));
}

Position write_line(const Record& record, const Position& position, const Key& key, std::string& out) {
    const std::uint64_t number = position.number + 1;
    out.assign(number_begin).append(std::to_string(number));
    append_record(out, record);
    out.append(hash_begin).append(hex(position.hash)).append("\"");
    const Digest mac = hmac(key, out);
    out.append(mac_begin).append(hex(mac)).append(line_end);
    return {.number = number, .hash = sha256(out)};
}

std::optional<Link> read_link(std::string_view line) {
    Link out;
    if (!line.starts_with(number_begin) || !line.ends_with(line_end)) {
        return std::nullopt;
    }
    line.remove_suffix(line_end.size());
    if (!take_digest(line, mac_begin, out.mac)) {
        return std::nullopt;
    }
    out.covered = line;
    if (!line.ends_with('"')) {
        return std::nullopt;
    }
    line.remove_suffix(1);
    line.remove_prefix(number_begin.size());
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), out.number);
    if (error != std::errc{} || end == line.data() + line.size() || *end != ',' || out.number == 0 ||
        !take_digest(line, hash_begin, out.before)) {
        return std::nullopt;
    }
    line.remove_prefix(static_cast<std::size_t>(end - line.data()));
    if (line.starts_with(time_begin)) {
        line.remove_prefix(time_begin.size());
        out.time = line.substr(0, line.find('"'));
    }
    return out;
}

std::string timestamp(std::int64_t milliseconds) {
    const std::time_t seconds = milliseconds / 1000;
    std::tm parts{};
    (void)gmtime_r(&seconds, &parts);
    std::array<char, 64> out{};
    (void)std::snprintf(out.data(), out.size(), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.tm_year + 1900,
                        parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                        static_cast<int>(milliseconds % 1000));
    return out.data();
}

std::optional<std::int64_t> parse_timestamp(std::string_view text) {
    std::string digits(text);
    std::erase_if(digits, [](char c) { return c < '0' || c > '9'; });
    constexpr std::string_view shape = "20260131120000000";
    if (digits.size() != shape.size()) {
        return std::nullopt;
    }
    const auto number = [&digits](std::size_t at, std::size_t size) { return std::stoi(digits.substr(at, size)); };
    std::tm parts{};
    parts.tm_year = number(0, 4) - 1900;
    parts.tm_mon = number(4, 2) - 1;
    parts.tm_mday = number(6, 2);
    parts.tm_hour = number(8, 2);
    parts.tm_min = number(10, 2);
    parts.tm_sec = number(12, 2);
    return std::int64_t{::timegm(&parts)} * 1000 + number(14, 3);
}

std::int64_t now() {
    using std::chrono::system_clock;
    return std::chrono::duration_cast<std::chrono::milliseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace reseal::audit
