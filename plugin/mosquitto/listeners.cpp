#include "mosquitto/listeners.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

#include <dlfcn.h>

#include "mosquitto/identity.h"

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

// The broker of 2.1 and later tells the port of a client's listener; 2.0 lacks the function.
int listener_port(const mosquitto* client) {
    using Function = int (*)(const mosquitto*);
    static const auto function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, "mosquitto_client_port"));
    return function == nullptr ? 0 : function(client);
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

bool NamedListeners::include(const mosquitto* client) const {
    if (ports_.empty() || !from_loopback(client)) {
        return false;
    }
    const int port = listener_port(client);
    return (port == 0 || std::ranges::find(ports_, port) != ports_.end()) && exposed().empty();
}

std::vector<std::uint16_t> NamedListeners::exposed() const {
    std::vector<std::uint16_t> out;
    std::ranges::copy_if(ports_, std::back_inserter(out), [](std::uint16_t port) {
        std::ifstream v4("/proc/self/net/tcp");
        std::ifstream v6("/proc/self/net/tcp6");
        return listens_beyond_loopback(v4, port) || listens_beyond_loopback(v6, port);
    });
    return out;
}

}  // namespace reseal::broker
