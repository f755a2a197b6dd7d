// SPDX-License-Identifier: Apache-2.0
#include "harness/broker.h"

#include <cstdlib>

#include <unistd.h>

namespace harness {

// The one that was built, unless another one is under test, such as that of a package.
std::string plugin() {
    const char* const other = std::getenv("RESEAL_TEST_PLUGIN");
    return other == nullptr ? RESEAL_PLUGIN : other;
}

std::string broker_conf(const Site& site, std::uint16_t port, std::uint16_t plain_port) {
    const std::string user = geteuid() == 0 ? "user root\n" : "";
    return user + "per_listener_settings false\nallow_anonymous false\nlog_dest stderr\nlog_type all\n" +
           "persistence true\npersistence_location " + site.folder() + "/\nautosave_interval 0\n" +
           "max_queued_messages 100000\nlistener " + std::to_string(port) + " 127.0.0.1\ncafile " + site.ca() +
           "\ncertfile " + site.path("broker/broker.crt") + "\nkeyfile " + site.path("broker/broker.key") +
           "\nrequire_certificate true\nlistener " + std::to_string(plain_port) + " 127.0.0.1\nplugin " + plugin() +
           "\nplugin_opt_config " + site.path("reseal.yaml") + "\n";
}

Broker::Broker(const Site& site, const std::string& extra, const WallClock* clock)
    : Broker(site, extra, clock, free_port(), free_port()) {}

Broker::Broker(const Site& site, const std::string& extra, const WallClock* clock, std::uint16_t port,
               std::uint16_t plain_port)
    : Mosquitto(site.folder(), "mosquitto", broker_conf(site, port, plain_port) + extra, {port, plain_port}, {}, clock),
      port_(port),
      plain_port_(plain_port) {}

std::string refused_start(const Site& site) {
    const std::string conf = site.path("refused.conf");
    write_all(conf, broker_conf(site, free_port(), free_port()));
    return refused_start(conf);
}

}  // namespace harness
