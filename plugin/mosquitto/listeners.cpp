#include "mosquitto/listeners.h"

#include <algorithm>
#include <fstream>

#include <dlfcn.h>

#include "mosquitto/identity.h"
#include "mosquitto/socket_table.h"

namespace reseal::broker {

namespace {

// The broker of 2.1 and later tells the port of a client's listener; 2.0 lacks the function.
int listener_port(const mosquitto* client) {
    using Function = int (*)(const mosquitto*);
    static const auto function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, "mosquitto_client_port"));
    return function == nullptr ? 0 : function(client);
}

}  // namespace

bool NamedListeners::include(const mosquitto* client) const {
    if (ports_.empty() || !from_loopback(client)) {
        return false;
    }
    const int port = listener_port(client);
    return (port == 0 || std::ranges::find(ports_, port) != ports_.end()) && exposed().empty();
}

const std::vector<std::uint16_t>& NamedListeners::exposed() const {
    if (exposed_) {
        return *exposed_;
    }
    auto& out = exposed_.emplace();
    std::ranges::copy_if(ports_, std::back_inserter(out), [](std::uint16_t port) {
        std::ifstream v4("/proc/self/net/tcp");
        std::ifstream v6("/proc/self/net/tcp6");
        return listens_beyond_loopback(v4, port) || listens_beyond_loopback(v6, port);
    });
    return out;
}

}  // namespace reseal::broker
