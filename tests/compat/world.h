// SPDX-License-Identifier: Apache-2.0
// The same broker twice: with the plugin, its clients sealing, or without it. Each world has three brokers: the one
// that the clients use, one of the same kind that it bridges b/# with, and one without the plugin, for o/#.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "harness/mosquitto.h"
#include "harness/site.h"
#include "mqtt/packet.h"

namespace compat {

enum class Plugin : std::uint8_t { without, with };
enum class At : std::uint8_t { main, websocket, bridged, bare };  // where a client connects

class World {
  public:
    explicit World(Plugin plugin);
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    // Cleanly restarts the main broker.
    void restart();
    // A new key for the device; the broker knows it when this returns.
    void rotate_device_key();
    [[nodiscard]] std::uint16_t port(At at) const;

    // How often the broker there has seen a client with this id go.
    [[nodiscard]] std::size_t departures(const std::string& client_id, At at) const;

    // Whether a client at that place connects to a broker with the plugin.
    [[nodiscard]] bool seals(At at) const { return plugin_ == Plugin::with && at != At::bare; }
    // Fills in how `principal` proves itself.
    void sign_in(const std::string& principal, At at, mqtt::Connect& connect);
    // What `principal` puts into a message: sealed where there is a plugin.
    std::string seal(const std::string& principal, const std::string& topic, const std::string& text);
    // Opens what a bridge's other end, which has no plugin, holds: the device's own sealed message.
    std::string open_stored(const std::string& topic, const std::string& payload);
    // The principal's credentials, with its newest key; read from the site once.
    const reseal_credentials& credentials(const std::string& principal);

  private:
    harness::Device& device(const std::string& principal);
    [[nodiscard]] std::string conf(const std::string& name, std::uint16_t port, const std::string& more) const;
    [[nodiscard]] std::string plugin_lines(const std::string& name) const;
    [[nodiscard]] std::string bridges() const;

    Plugin plugin_;
    harness::Site site_;
    std::map<At, std::uint16_t> ports_;
    std::uint16_t tls_port_ = 0;  // of the bridged broker, for the bridge
    std::map<std::string, std::unique_ptr<harness::Device>> devices_;
    std::map<std::string, reseal_credentials> credentials_;
    std::unique_ptr<harness::Mosquitto> bridged_;
    std::unique_ptr<harness::Mosquitto> bare_;
    std::unique_ptr<harness::Mosquitto> main_;
};

}  // namespace compat
