// SPDX-License-Identifier: Apache-2.0
// The hospital under attack: a broker, the clients whose work must continue, and the attacker's accounts.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "fuzz/attacker/ledger.h"
#include "fuzz/attacker/trace.h"
#include "harness/mosquitto.h"
#include "harness/site.h"
#include "mqtt/client.h"

namespace attacker {

// The site settings that a round varies.
struct Settings {
    bool plugin = true;
    bool checks = true;  // without them only a broker that ends is found
    bool require_key = false;
    bool budgets = false;
    bool web_sockets = false;  // with them Mosquitto 2.0 serves clients only ten times a second
};

enum class Door : std::uint8_t { tls, loopback, sealed, web_socket };

// A principal whose certificate and key the attacker has.
struct Account {
    Account(const harness::Site& site, std::string name)
        : id(std::move(name)), credentials(site.credentials(id)), device(site, id) {}

    std::string id;
    reseal_credentials credentials;
    harness::Device device;
};

// A sealed message as it can be captured.
struct Captured {
    std::string topic;
    mqtt::Bytes message;
};

class World {
  public:
    World(harness::Site& site, const Settings& settings, Dice& dice);

    [[nodiscard]] std::uint16_t port(Door door) const;
    [[nodiscard]] const Settings& settings() const { return settings_; }
    [[nodiscard]] mqtt::Tls tls(const std::string& id) const;

    Ledger ledger;
    Trace trace;
    std::vector<std::unique_ptr<Account>> accounts;

    // Seals a new text from `account` for `topic`, or returns something invalid if it cannot be sealed.
    mqtt::Bytes seal(Account& account, const std::string& topic);
    // Remembers it among the last ones.
    void capture(const std::string& topic, const mqtt::Bytes& message);
    [[nodiscard]] const std::deque<Captured>& captured() const { return captured_; }

    // Whether `id` may receive messages under `topic`, and in clear.
    [[nodiscard]] static bool may_read(const std::string& id, const std::string& topic);
    // Whether anything may be published in clear under this topic.
    [[nodiscard]] static bool may_be_clear(const std::string& topic);
    [[nodiscard]] static bool may_read_clear(const std::string& id);

    // A reading from the honest device reaches the observer, as if nothing had happened. Throws Finding.
    void check_honest_work();
    // The broker ends cleanly or is killed, and restarts; or it reads its configuration again.
    void restart();
    void kill();
    void reload();
    // Ends it and searches what it leaves behind. Throws Finding.
    void end();

    [[nodiscard]] harness::Mosquitto& broker() { return *broker_; }

  private:
    struct Connected {
        std::unique_ptr<mqtt::Client> client;
        bool session_present = false;
    };
    [[nodiscard]] std::string conf() const;
    void connect_honest();
    Connected connect(const std::string& id, harness::Device& device);
    void check_files() const;

    harness::Site* site_;
    Settings settings_;
    Dice* dice_;
    std::vector<std::uint16_t> ports_;
    std::deque<Captured> captured_;
    std::unique_ptr<harness::Mosquitto> broker_;
    harness::Device honest_;
    harness::Device observing_;
    harness::Application observer_;
    std::unique_ptr<mqtt::Client> device_;
    std::unique_ptr<mqtt::Client> subscriber_;
    bool heard_ = false;
};

// Who the accounts are.
inline constexpr const char* honest_id = "honest";
inline constexpr const char* observer_id = "observer";
inline constexpr const char* talker_id = "talker";    // publishes and is delivered to in clear
inline constexpr const char* carrier_id = "carrier";  // brings and receives what others have sealed
inline constexpr const char* first_id = "thief";
inline constexpr const char* second_id = "accomplice";

// A site in which they are registered.
void furnish(harness::Site& site);

}  // namespace attacker
