// SPDX-License-Identifier: Apache-2.0
// Any text from outside becomes one line of printable ASCII that reads back. No text is read as a line with other
// content.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "audit/line.h"
#include "base/hex.h"

namespace {

using namespace reseal::audit;

void write_and_read(std::string_view text) {
    static const Key key;
    Record record;
    record.event = Event::refused;
    record.client = text;
    record.topic = text;
    std::string line;
    const Position position = write_line(record, {}, key, line);
    const auto link = read_link(line);
    const bool printable = std::ranges::all_of(line, [](char c) { return ' ' <= c && c <= '~'; });
    if (!printable || line.size() >= line_most || !link || link->number != position.number ||
        link->mac != hmac(key, link->covered)) {
        std::abort();
    }
}

void read(std::string_view text) {
    const auto link = read_link(text);
    if (link && (link->number == 0 || !text.starts_with(link->covered) ||
                 text != std::string(link->covered) + ",\"mac\":\"" + reseal::hex(link->mac) + "\"}")) {
        std::abort();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    write_and_read(text);
    read(text);
    return 0;
}
