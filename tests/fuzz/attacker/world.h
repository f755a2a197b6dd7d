// The hospital that is attacked: a broker, those whose work must go on, and the accounts that the attacker has.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "fuzz/attacker/ledger.h"
#include "harness/mosquitto.h"
#include "harness/site.h"
#include "mqtt/client.h"

namespace attacker {

// What of a site's settings a round plays with.
struct Settings {
    bool plugin = true;
    bool checks = true;  // without them nothing is found but a broker that ends
    bool require_key = false;
    bool budgets = false;
    bool web_sockets = false;  // with them Mosquitto 2.0 serves everybody ten times a second
};

enum class Door : std::uint8_t { tls, loopback, sealed, web_socket };

// A principal that the attacker holds certificate and key of.
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
    std::vector<std::unique_ptr<Account>> accounts;

    // Seals a new text of `account`'s for `topic`, or something that cannot be right where it cannot be sealed.
    mqtt::Bytes seal(Account& account, const std::string& topic);
    // Remembers it among the last ones.
    void capture(const std::string& topic, const mqtt::Bytes& message);
    [[nodiscard]] const std::deque<Captured>& captured() const { return captured_; }

    // May `id` be delivered what is under `topic`, and in clear?
    [[nodiscard]] static bool may_read(const std::string& id, const std::string& topic);
    // Is it a topic under which anything may be published in clear?
    [[nodiscard]] static bool may_be_clear(const std::string& topic);
    [[nodiscard]] static bool may_read_clear(const std::string& id);

    // A reading of the honest device comes to the observer, as if nothing was. Throws Finding.
    void check_honest_work();
    // The broker ends in an orderly way, or is killed, and starts again; or reads its configuration again.
    void restart();
    void kill();
    void reload();
    // Ends it, and looks through what it leaves behind. Throws Finding.
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
inline constexpr const char* carrier_id = "carrier";  // brings, and is handed, what others have sealed
inline constexpr const char* first_id = "thief";
inline constexpr const char* second_id = "accomplice";

// A site in which they are registered.
void furnish(harness::Site& site);

}  // namespace attacker
