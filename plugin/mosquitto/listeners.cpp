#include "mosquitto/listeners.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

#include <dlfcn.h>

#include "mosquitto/identity.h"
#include "mosquitto/socket_table.h"

namespace reseal::broker {

namespace {

// The broker of 2.1 and later tells the port of a client's listener; 2.0 lacks the function, and the answer is 0.
int listener_port(const mosquitto* client) {
    using Function = int (*)(const mosquitto*);
    static const auto function = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, "mosquitto_client_port"));
    return function == nullptr ? 0 : function(client);
}

bool contains(const std::vector<std::uint16_t>& ports, int port) {
    return std::ranges::find(ports, port) != ports.end();
}

// What `of` answers for both tables, together.
template <typename Of>
std::set<std::uint16_t> in_both_tables(Of of) {
    std::ifstream v4("/proc/self/net/tcp");
    std::ifstream v6("/proc/self/net/tcp6");
    std::set<std::uint16_t> out = of(v4);
    out.merge(of(v6));
    return out;
}

// The numbers of this process's sockets: its open files that are links to "socket:[NUMBER]".
std::set<std::uint64_t> own_sockets() {
    constexpr std::string_view prefix = "socket:[";
    std::set<std::uint64_t> out;
    std::error_code ignored;
    for (const auto& file : std::filesystem::directory_iterator("/proc/self/fd", ignored)) {
        const std::string target = std::filesystem::read_symlink(file, ignored).string();
        std::uint64_t number = 0;
        if (target.starts_with(prefix) &&
            std::from_chars(target.data() + prefix.size(), target.data() + target.size(), number).ec == std::errc()) {
            out.insert(number);
        }
    }
    return out;
}

}  // namespace

gateway::Listener NamedListeners::of(const mosquitto* client) const {
    const int port = listener_port(client);
    const auto& named = ports_.loopback;
    const bool loopback = !named.empty() && from_loopback(client) && (port == 0 || contains(named, port));
    if (loopback && exposed().empty()) {
        return gateway::Listener::loopback;
    }
    const bool some = !ports_.sealed.empty() || !ports_.psk.empty();
    return port == 0 && some ? by_connections(client) : by_port(port);
}

gateway::Listener NamedListeners::by_port(int port) const {
    if (contains(ports_.sealed, port)) {
        return gateway::Listener::sealed;
    }
    return contains(ports_.psk, port) ? gateway::Listener::psk : gateway::Listener::other;
}

gateway::Listener NamedListeners::by_connections(const mosquitto* client) const {
    const auto address = parse_address(text(mosquitto_client_address(client)));
    if (!address) {
        return gateway::Listener::other;
    }
    std::set<gateway::Listener> found;
    for (const std::uint16_t port :
         in_both_tables([&](std::istream& table) { return connected_ports(table, *address); })) {
        if (listening().contains(port)) {
            found.insert(by_port(port));
        }
    }
    if (found.size() > 1 && found.contains(gateway::Listener::other)) {
        return gateway::Listener::unsure;
    }
    const bool sealed = found.contains(gateway::Listener::sealed);
    return found.empty() ? gateway::Listener::other : sealed ? gateway::Listener::sealed : *found.begin();
}

const std::set<std::uint16_t>& NamedListeners::listening() const {
    if (!listening_) {
        listening_ = in_both_tables([own = own_sockets()](std::istream& table) { return listening_ports(table, own); });
    }
    return *listening_;
}

std::vector<std::string> NamedListeners::absent() const {
    std::vector<std::string> out;
    for (const auto& [key, ports] : {std::pair("loopback_listeners", &ports_.loopback),
                                     {"sealed_listeners", &ports_.sealed},
                                     {"psk_listeners", &ports_.psk}}) {
        for (const std::uint16_t port : *ports) {
            if (!listening().contains(port)) {
                const std::string number = std::to_string(port);
                out.emplace_back(key)
                    .append(": the broker does not listen on port ")
                    .append(number)
                    .append("; write listener ")
                    .append(number)
                    .append(" in mosquitto.conf, or name another port here");
            }
        }
    }
    return out;
}

const std::vector<std::uint16_t>& NamedListeners::exposed() const {
    if (exposed_) {
        return *exposed_;
    }
    auto& out = exposed_.emplace();
    std::ranges::copy_if(ports_.loopback, std::back_inserter(out), [](std::uint16_t port) {
        std::ifstream v4("/proc/self/net/tcp");
        std::ifstream v6("/proc/self/net/tcp6");
        return listens_beyond_loopback(v4, port) || listens_beyond_loopback(v6, port);
    });
    return out;
}

}  // namespace reseal::broker
