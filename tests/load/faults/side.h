// SPDX-License-Identifier: Apache-2.0
// One side of a comparison: a broker with the plugin, or the same one without it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "harness/mosquitto.h"
#include "harness/site.h"
#include "load/faults/small_disk.h"
#include "mqtt/packet.h"

namespace faults {

// How a client takes part: MQTT's version, its QoS, and whether its session outlives the connection.
struct Manner {
    int version = mqtt::v5;
    int qos = 1;
    bool lasting = false;
};

// The principals of all trials, with what each needs to seal and open.
class Hospital {
  public:
    static constexpr std::size_t publishers = 32;
    static constexpr std::size_t subscribers = 4;

    // `plugin`: the file that brokers with the plugin load.
    explicit Hospital(std::string plugin);

    [[nodiscard]] const harness::Site& site() const { return site_; }
    [[nodiscard]] const std::string& plugin() const { return plugin_; }
    harness::Device& device(const std::string& principal);
    const reseal_credentials& credentials(const std::string& principal);
    // A folder for one trial.
    std::string new_folder();

  private:
    std::string plugin_;
    harness::Site site_;
    std::map<std::string, std::unique_ptr<harness::Device>> devices_;
    std::map<std::string, reseal_credentials> credentials_;
    int folders_ = 0;
};

enum class Plugin : std::uint8_t { without, with };
// The broker's persistence file: none, or written in each loop round in which something has changed.
enum class Store : std::uint8_t { none, each_change };

struct Terms {
    Plugin plugin = Plugin::without;
    Store store = Store::none;
    bool false_clock = false;  // its wall clock can be set
    bool small_disk = false;   // its state is on a disk that can be filled up
};

class Side {
  public:
    Side(Hospital& hospital, const Terms& terms);

    [[nodiscard]] harness::Mosquitto& broker() { return *broker_; }
    // Starts it again. If it does not come up, removes its persistence file, as an operator would, and returns false.
    bool start();
    // The end of its log.
    [[nodiscard]] std::string last_words() const;
    [[nodiscard]] std::uint16_t port() const { return port_; }
    // Only with the terms of that name.
    [[nodiscard]] const harness::WallClock& clock() const { return *clock_; }
    [[nodiscard]] const SmallDisk& disk() const { return *disk_; }
    // How often the broker has seen a client with this id go.
    [[nodiscard]] std::size_t departures(const std::string& client_id) const;

    // A CONNECT of that principal, whose name is its client id.
    mqtt::Connect sign_in(const std::string& principal, const Manner& manner);
    // What `principal` puts into a message: sealed where there is a plugin.
    std::string seal(const std::string& principal, const std::string& topic, const std::string& text);
    // Null if nothing is sealed.
    std::unique_ptr<harness::Application> receiver(const std::string& principal);

  private:
    void make_store();
    [[nodiscard]] std::string store() const { return folder_ + "/store"; }
    [[nodiscard]] std::string conf() const;
    [[nodiscard]] std::string plugin_lines() const;

    Hospital* hospital_;
    Terms terms_;
    std::string folder_;
    std::uint16_t port_;
    std::unique_ptr<harness::WallClock> clock_;
    std::unique_ptr<SmallDisk> disk_;
    std::unique_ptr<harness::Mosquitto> broker_;
};

// Names of principals, and the topic that a publisher sends under.
std::string publisher_id(std::size_t number);
std::string subscriber_id(std::size_t number);
std::string topic_of(std::size_t publisher);

}  // namespace faults
