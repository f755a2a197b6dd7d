// SPDX-License-Identifier: Apache-2.0
#include "fuzz/attacker/trace.h"

#include <algorithm>
#include <iomanip>
#include <sstream>

namespace attacker {

namespace {
constexpr std::size_t traced = 3000;       // packets
constexpr std::size_t traced_bytes = 120;  // of each
}  // namespace

void Trace::add(const std::string& who, const mqtt::Bytes& packet) {
    std::ostringstream line;
    line << who << " " << packet.size() << ":" << std::hex << std::setfill('0');
    for (std::size_t i = 0; i < std::min(packet.size(), traced_bytes); ++i) {
        line << std::setw(2) << static_cast<int>(packet[i]);
    }
    note(line.str());
}

void Trace::note(const std::string& what) {
    lines_.push_back(what);
    if (lines_.size() > traced) {
        lines_.pop_front();
    }
}

std::string Trace::text() const {
    std::string out;
    for (const std::string& line : lines_) {
        out += line + "\n";
    }
    return out;
}

}  // namespace attacker
