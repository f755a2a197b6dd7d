// SPDX-License-Identifier: Apache-2.0
#include "fuzz/attacker/world.h"

#include <algorithm>
#include <filesystem>

#include "harness/broker.h"

namespace attacker {

namespace {

constexpr std::size_t most_captured = 400;
constexpr int no_matching_subscribers = 0x10;
constexpr const char* reading_topic = "ward/honest/pulse";
constexpr const char* acl = R"(version: 1
wide_subscriptions: refuse
roles:
  device: {publish: ["ward/{id}/#"], subscribe: ["commands/{id}/#"]}
  attacker: {publish: ["ward/{id}/#", "shared/#"], subscribe: ["ward/{id}/#", "shared/#"]}
  talker:
    certificate_only: true
    publish: ["shared/#", {topic: "legacy/{id}/#", clear: true}]
    subscribe: [{topic: "legacy/#", clear: true}, {topic: "shared/#", clear: true}]
  carrier: {subscribe: ["shared/#"], forward: [{topic: "ward/#", realm: main}, {topic: "shared/#", realm: main}]}
  observer: {publish: ["commands/#"], subscribe: ["ward/#", "legacy/#", "shared/#"]}
)";

void replace(std::string& in, const std::string& what, const std::string& with) {
    if (const std::size_t at = in.find(what); at != std::string::npos) {
        in.replace(at, what.size(), with);
    }
}

}  // namespace

void furnish(harness::Site& site) {
    site.add(honest_id, "device");
    site.add(observer_id, "observer");
    site.add(first_id, "attacker");
    site.add(second_id, "attacker", {"--algorithm", "ChaCha20/Poly1305"});
    site.add(talker_id, "talker");
    site.add(carrier_id, "carrier");
    site.write_acl(acl);
}

World::World(harness::Site& site, const Settings& settings, Dice& dice)
    : site_(&site),
      settings_(settings),
      dice_(&dice),
      ports_{harness::free_port(), harness::free_port(), harness::free_port(), harness::free_port()},
      honest_(site, honest_id),
      observing_(site, observer_id),
      observer_(site, observer_id) {
    for (const char* id : {first_id, second_id, talker_id, carrier_id}) {
        accounts.push_back(std::make_unique<Account>(site, id));
    }
    site.set("loopback_listeners",
             "[" + std::to_string(port(Door::loopback)) + ", " + std::to_string(port(Door::web_socket)) + "]");
    site.set("sealed_listeners", "[" + std::to_string(port(Door::sealed)) + "]");
    site.set("identity", std::string("{by: fingerprint, require_key: ") + (settings.require_key ? "true}" : "false}"));
    site.set("budgets", settings.budgets ? "{principal: {messages: 1000, subscriptions: 5, connects: 300}}" : "none");
    std::vector<std::uint16_t> served = ports_;
    served.resize(settings_.web_sockets ? ports_.size() : ports_.size() - 1);
    broker_ = std::make_unique<harness::Mosquitto>(site.folder(), "mosquitto", conf(), served);
    connect_honest();
}

std::uint16_t World::port(Door door) const {
    return ports_[static_cast<std::size_t>(door)];
}

mqtt::Tls World::tls(const std::string& id) const {
    return {.ca = site_->ca(), .certificate = site_->certificate(id), .key = site_->key(id)};
}

std::string World::conf() const {
    std::string out = harness::broker_conf(*site_, port(Door::tls), port(Door::loopback));
    replace(out, "log_type all\n", "log_type error\nlog_type warning\nlog_type notice\nlog_type information\n");
    if (!settings_.plugin) {
        out.resize(out.find("plugin "));
        replace(out, "allow_anonymous false", "allow_anonymous true");
    }
    out += "listener " + std::to_string(port(Door::sealed)) + " 127.0.0.1\n";
    if (settings_.web_sockets) {
        out += "listener " + std::to_string(port(Door::web_socket)) +
               " 127.0.0.1\nsocket_domain ipv4\nprotocol websockets\n";
    }
    return out;
}

bool World::may_read(const std::string& id, const std::string& topic) {
    if (topic.starts_with("shared/") || topic.starts_with("$reseal/" + id + "/")) {
        return true;
    }
    return id == talker_id ? topic.starts_with("legacy/")
                           : (id == first_id || id == second_id) && topic.starts_with("ward/" + id + "/");
}

bool World::may_be_clear(const std::string& topic) {
    return topic.starts_with("legacy/");
}

bool World::may_read_clear(const std::string& id) {
    return id == talker_id;
}

mqtt::Bytes World::seal(Account& account, const std::string& topic) {
    const std::string text = ledger.new_text(*dice_);
    try {
        mqtt::Bytes out = account.device.seal(topic, text);
        ledger.sealed(topic, text);
        trace.add(text.substr(0, text.find('.')), out);
        capture(topic, out);
        return out;
    } catch (const std::runtime_error&) {  // not a topic, or too much for the algorithm
        return dice_->bytes(40);
    }
}

void World::capture(const std::string& topic, const mqtt::Bytes& message) {
    captured_.push_back({.topic = topic, .message = message});
    if (captured_.size() > most_captured) {
        captured_.erase(captured_.begin() + static_cast<std::ptrdiff_t>(dice_->below(most_captured)));
    }
}

World::Connected World::connect(const std::string& id, harness::Device& device) {
    auto out = std::make_unique<mqtt::Client>(port(Door::tls), mqtt::v5, tls(id));
    mqtt::Connect connect{
        .client_id = id, .clean = false, .properties = {{.id = mqtt::Id::session_expiry, .number = 3600}}};
    connect.username = id;
    connect.password = device.proof(id, RESEAL_LISTENER_TLS);
    const mqtt::ConnAck answer = out->connect(connect);
    if (answer.reason != 0) {
        throw Finding(id + " is not let in: " + std::to_string(answer.reason));
    }
    return {.client = std::move(out), .session_present = answer.session_present};
}

// The subscriber keeps its session; a killed broker has forgotten it.
void World::connect_honest() {
    if (!settings_.checks) {
        return;
    }
    Connected observer = connect(observer_id, observing_);
    subscriber_ = std::move(observer.client);
    subscriber_->on_message([this](const mqtt::Publish& message) {
        const std::string text = observer_.open(message.topic, harness::bytes(message.payload));
        if (text == "!" + std::to_string(RESEAL_STALE_EPOCH) || text == "!" + std::to_string(RESEAL_REPLAY)) {
            return;  // queued before the broker was started again
        }
        if (text.starts_with("!")) {
            throw Finding("the observer is handed what it cannot open under " + message.topic + ": " + text);
        }
        if (message.retain || text.empty() || may_be_clear(message.topic)) {
            return;  // retained from before it subscribed, or clears a topic
        }
        trace.note("arrived " + text.substr(0, text.find('.')));
        ledger.arrived(message.topic, text, message.dup);
        heard_ = heard_ || message.topic == reading_topic;
    });
    if (!observer.session_present) {
        for (const char* filter : {"ward/#", "legacy/#", "shared/#"}) {
            if (subscriber_->subscribe({.filter = filter, .qos = 1}) > 2) {
                throw Finding("the observer may not subscribe");
            }
        }
    }
    device_ = connect(honest_id, honest_).client;
}

void World::check_honest_work() {
    if (!settings_.checks) {
        mqtt::Client(port(Door::loopback), mqtt::v5).connect({.client_id = "probe"});
        return;
    }
    const std::string text = ledger.new_text(*dice_);
    const mqtt::Bytes message = honest_.seal(reading_topic, text);
    ledger.sealed(reading_topic, text);
    heard_ = false;
    const int reason = device_->publish({.topic = reading_topic, .payload = harness::text(message), .qos = 1});
    if (reason != 0 && reason != no_matching_subscribers) {
        throw Finding("an honest reading is refused: " + std::to_string(reason));
    }
    for (int tries = 0; !heard_; ++tries) {
        if (!subscriber_->ping() || tries > 500) {
            throw Finding(subscriber_->connected() ? "an honest reading does not arrive: " + std::to_string(reason)
                                                   : "the observer is cut off");
        }
    }
    capture(reading_topic, message);
}

void World::restart() {
    broker_->stop();
    broker_->start();
    connect_honest();
}

void World::kill() {
    broker_->kill();
    ledger.killed();
    broker_->start();
    connect_honest();
}

void World::reload() {
    broker_->reload();
}

void World::end() {
    broker_->stop();
    if (settings_.checks) {
        check_files();
    }
}

// Sealed texts are not in clear in anything the broker stores. (Its log names topics, which may be anything.)
void World::check_files() const {
    const std::string store = site_->path("mosquitto.db");
    if (std::filesystem::exists(store) && harness::read_all(store).find(Ledger::marker) != std::string::npos) {
        throw Finding("a text lies in clear in the broker's store");
    }
}

}  // namespace attacker
