// SPDX-License-Identifier: Apache-2.0
// The real Mosquitto with the plugin, on free loopback ports.
#pragma once

#include <cstdint>
#include <string>

#include "harness/mosquitto.h"
#include "harness/site.h"

namespace harness {

class Broker : public Mosquitto {
  public:
    // Starts it with mutual TLS on port(). `extra` is added to mosquitto.conf. `clock`: see Mosquitto.
    explicit Broker(const Site& site, const std::string& extra = {}, const WallClock* clock = nullptr);

    [[nodiscard]] std::uint16_t port() const { return port_; }
    // A listener without TLS on loopback.
    [[nodiscard]] std::uint16_t plain_port() const { return plain_port_; }

  private:
    Broker(const Site& site, const std::string& extra, const WallClock* clock, std::uint16_t port,
           std::uint16_t plain_port);

    std::uint16_t port_;
    std::uint16_t plain_port_;
};

// The plugin's file.
std::string plugin();

// mosquitto.conf for `site`: mutual TLS on `port`, no TLS on `plain_port`.
std::string broker_conf(const Site& site, std::uint16_t port, std::uint16_t plain_port);

// Starts a broker that is expected not to come up; returns its output.
std::string refused_start(const Site& site);

}  // namespace harness
