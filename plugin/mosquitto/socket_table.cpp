#include "mosquitto/socket_table.h"

#include <sstream>
#include <string>
#include <string_view>

namespace reseal::broker {

namespace {

// "0100007F:1F90": hexadecimal, each 32-bit word of the address in host order.
bool is_loopback(const std::string& address) {
    constexpr std::string_view v6_loopback = "00000000000000000000000001000000";
    constexpr std::string_view v4_mapped = "0000000000000000FFFF0000";
    if (address == v6_loopback) {
        return true;
    }
    const bool v4 = address.size() == 8 || (address.size() == 32 && address.starts_with(v4_mapped));
    return v4 && address.ends_with("7F");
}

}  // namespace

bool listens_beyond_loopback(std::istream& table, std::uint16_t port) {
    std::string line;
    std::getline(table, line);  // the heading
    while (std::getline(table, line)) {
        std::istringstream fields(line);
        std::string number;
        std::string local;
        std::string remote;
        std::string state;
        fields >> number >> local >> remote >> state;
        const std::size_t colon = local.find(':');
        if (state != "0A" || colon == std::string::npos) {
            continue;
        }
        if (std::stoul(local.substr(colon + 1), nullptr, 16) == port && !is_loopback(local.substr(0, colon))) {
            return true;
        }
    }
    return false;
}

}  // namespace reseal::broker
