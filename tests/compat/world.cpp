// SPDX-License-Identifier: Apache-2.0
#include "compat/world.h"

#include <filesystem>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <reseal/posix.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/broker.h"
#include "mqtt/client.h"

namespace compat {

namespace {

// The principals. `viewer` and `outsider` subscribe to the same topics, and only `viewer` receives anything.
constexpr const char* acl = R"(version: 1
roles:
  sensor: {publish: ["m/#", "b/#", "o/#", "$t/#"]}
  viewer: {subscribe: ["#", "$t/#", "$SYS/#"]}
  outsider: {subscribe: ["m/#"], deliver: []}
  both: {publish: ["m/#"], subscribe: ["m/#"]}
  bridge: {subscribe: ["b/#"], forward: ["b/#"]}
)";

// The same for a broker without the plugin: everyone but the outsider may do what the matrix needs.
constexpr const char* plain_acl =
    "topic readwrite #\ntopic read $SYS/#\nuser outsider\ntopic read nothing\nuser device\ntopic readwrite #\n"
    "topic write $t/#\nuser app\ntopic readwrite #\ntopic read $t/#\ntopic read $SYS/#\nuser both\n"
    "topic readwrite #\n";

std::string with_line(const std::string& yaml, const std::string& key, const std::string& value) {
    const std::size_t at = yaml.find("\n" + key + ":") + 1;
    std::string out = yaml;
    return out.replace(at, out.find('\n', at) - at, key + ": " + value);
}

}  // namespace

World::World(Plugin plugin) : plugin_(plugin) {
    site_.write_acl(acl);
    for (const auto& [id, role] : std::map<std::string, std::string>{{"device", "sensor"},
                                                                     {"app", "viewer"},
                                                                     {"outsider", "outsider"},
                                                                     {"both", "both"},
                                                                     {"bridge", "bridge"}}) {
        site_.add(id, role);
    }
    for (const At at : {At::main, At::websocket, At::bridged, At::bare}) {
        ports_[at] = harness::free_port();
    }
    tls_port_ = harness::free_port();
    const std::string websocket =
        "listener " + std::to_string(port(At::websocket)) + " 127.0.0.1\nsocket_domain ipv4\nprotocol websockets\n";
    const std::string tls = "listener " + std::to_string(tls_port_) + " 127.0.0.1\ncafile " + site_.ca() +
                            "\ncertfile " + site_.path("broker/broker.crt") + "\nkeyfile " +
                            site_.path("broker/broker.key") + "\nrequire_certificate true\n";
    bridged_ = std::make_unique<harness::Mosquitto>(site_.folder(), "bridged",
                                                    conf("bridged", port(At::bridged), tls + plugin_lines("bridged")),
                                                    std::vector{port(At::bridged), tls_port_});
    bare_ = std::make_unique<harness::Mosquitto>(site_.folder(), "bare",
                                                 "allow_anonymous true\n" + conf("bare", port(At::bare), ""),
                                                 std::vector{port(At::bare)});
    main_ = std::make_unique<harness::Mosquitto>(
        site_.folder(), "main", conf("main", port(At::main), websocket + plugin_lines("main") + bridges()),
        std::vector{port(At::main), port(At::websocket)});
    for (const char* name : {"to-bridged", "to-bare"}) {
        if (!main_->logs("Received CONNACK on connection " + std::string("local.main.") + name)) {
            throw std::runtime_error(std::string("no bridge ") + name + ": " + main_->log());
        }
    }
}

std::uint16_t World::port(At at) const {
    return ports_.at(at);
}

std::size_t World::departures(const std::string& client_id, At at) const {
    const harness::Mosquitto& broker = at == At::bridged ? *bridged_ : at == At::bare ? *bare_ : *main_;
    std::istringstream log(broker.log());
    std::size_t out = 0;
    for (std::string line; std::getline(log, line);) {
        const bool gone = line.find("closed its connection") != std::string::npos ||  // Mosquitto 2.0
                          line.find("disconnected") != std::string::npos;
        out += gone && line.find("Client " + client_id + " ") != std::string::npos ? 1 : 0;
    }
    return out;
}

std::string World::conf(const std::string& name, std::uint16_t port, const std::string& more) const {
    const std::string folder = site_.path(name);
    if (mkdir(folder.c_str(), 0700) != 0) {
        throw std::runtime_error("no folder " + folder);
    }
    return std::string(geteuid() == 0 ? "user root\n" : "") + "log_dest stderr\nlog_type all\n" +
           "persistence true\npersistence_location " + folder + "/\nautosave_interval 0\nsys_interval 1\n" +
           "max_queued_messages 100000\nset_tcp_nodelay true\nlistener " + std::to_string(port) + " 127.0.0.1\n" + more;
}

std::string World::plugin_lines(const std::string& name) const {
    if (plugin_ == Plugin::without) {
        const std::string file = site_.path(name + ".acl");
        harness::write_all(file, plain_acl);
        return "allow_anonymous true\nacl_file " + file + "\n";
    }
    const bool is_main = name == "main";
    const std::string ports = is_main ? std::to_string(port(At::main)) + ", " + std::to_string(port(At::websocket))
                                      : std::to_string(port(At::bridged));
    site_.set("budgets", "none");  // one application connects unusually often here
    std::string yaml = harness::read_all(site_.path("reseal.yaml"));
    yaml = with_line(yaml, "loopback_listeners", "[" + ports + "]");
    yaml = with_line(yaml, "state", "state-" + name);
    const std::string state = site_.path("state-" + name);
    if (mkdir(state.c_str(), 0700) != 0) {
        throw std::runtime_error("no folder " + state);
    }
    if (!is_main) {  // a registry records its brokers' state folders, so copy it before the first start
        const std::string copy = "registry-" + name + ".db";
        std::filesystem::copy_file(site_.path("registry.db"), site_.path(copy));
        yaml = with_line(yaml, "registry", copy);
    }
    harness::write_all(site_.path(name + ".yaml"), yaml);
    return "allow_anonymous false\nplugin " + harness::plugin() + "\nplugin_opt_config " + site_.path(name + ".yaml") +
           "\n";
}

std::string World::bridges() const {
    const std::string common = "cleansession false\nnotifications false\ntry_private true\nrestart_timeout 1\n";
    const auto connection = [&](const std::string& name, std::uint16_t port, const std::string& filter) {
        return "connection " + name + "\naddress 127.0.0.1:" + std::to_string(port) + "\ntopic " + filter +
               " both 2\nlocal_clientid local.main." + name + "\n" + common;
    };
    return connection("to-bridged", tls_port_, "b/#") + "remote_clientid bridge\nbridge_cafile " + site_.ca() +
           "\nbridge_certfile " + site_.certificate("bridge") + "\nbridge_keyfile " + site_.key("bridge") +
           "\nbridge_insecure true\n" + connection("to-bare", port(At::bare), "o/#") + "remote_clientid main-broker\n";
}

void World::restart() {
    main_->stop();
    main_->start();
}

void World::rotate_device_key() {
    if (plugin_ == Plugin::without) {
        return;
    }
    site_.provision({"rotate", "device"});
    devices_.erase("device");
    credentials_.erase("device");
    for (int tries = 0; tries < 100; ++tries) {
        mqtt::Client client(port(At::main), mqtt::v5);
        mqtt::Connect connect{.client_id = "device/rotated"};
        sign_in("device", At::main, connect);
        if (client.connect(connect).reason == 0) {
            return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    throw std::runtime_error("the broker does not know the new key");
}

harness::Device& World::device(const std::string& principal) {
    auto& known = devices_[principal];
    if (!known) {
        known = std::make_unique<harness::Device>(site_, principal);
    }
    return *known;
}

const reseal_credentials& World::credentials(const std::string& principal) {
    const auto known = credentials_.find(principal);
    return known != credentials_.end() ? known->second
                                       : credentials_.emplace(principal, site_.credentials(principal)).first->second;
}

void World::sign_in(const std::string& principal, At at, mqtt::Connect& connect) {
    connect.username = principal;
    if (seals(at)) {
        connect.password = device(principal).proof(connect.client_id);
    }
}

std::string World::seal(const std::string& principal, const std::string& topic, const std::string& text) {
    if (plugin_ == Plugin::without) {
        return text;
    }
    const harness::Bytes sealed = device(principal).seal(topic, text);
    return {sealed.begin(), sealed.end()};
}

std::string World::open_stored(const std::string& topic, const std::string& payload) {
    if (plugin_ == Plugin::without) {
        return payload;
    }
    std::vector<std::uint32_t> words(RESEAL_WINDOW_WORDS(RESEAL_WINDOW_DEFAULT));
    reseal_receiver receiver{};
    if (reseal_receiver_open(&receiver, &credentials("device"), RESEAL_UPLINK, reseal_crypto_openssl(), words.data(),
                             RESEAL_WINDOW_DEFAULT, nullptr) != RESEAL_OK) {
        throw std::runtime_error("no receiver");
    }
    std::string out(payload.size() + 1, '\0');
    reseal_buffer buffer{reinterpret_cast<std::uint8_t*>(out.data()), out.size(), 0};
    const reseal_status status =
        reseal_receiver_accept(&receiver, {reinterpret_cast<const std::uint8_t*>(topic.data()), topic.size()},
                               {reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size()}, &buffer);
    reseal_receiver_close(&receiver);
    out.resize(status == RESEAL_OK ? buffer.size : 0);
    return status == RESEAL_OK ? out : "!" + std::string(reseal_status_text(status));
}

}  // namespace compat
