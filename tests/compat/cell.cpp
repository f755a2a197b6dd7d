// SPDX-License-Identifier: Apache-2.0
#include "compat/cell.h"

#include <chrono>
#include <stdexcept>

#include "harness/wait.h"

namespace compat {

namespace {

constexpr const char* sealed_type = R"(application/cose; cose-type="cose-encrypt0")";
constexpr std::size_t shown_most = 40;

// Times differ between runs: the rest of an interval is rounded up to hundreds of seconds.
std::string in_words(const mqtt::Property& property) {
    switch (property.id) {
        case mqtt::Id::payload_format:
            return " format=" + std::to_string(property.number);
        case mqtt::Id::message_expiry:
            return " expiry~" + std::to_string((property.number + 99) / 100 * 100);
        case mqtt::Id::content_type:
            return " type=" + property.text;
        case mqtt::Id::response_topic:
            return " response=" + property.text;
        case mqtt::Id::correlation_data:
            return " correlation=" + std::to_string(property.text.size()) + ":" + property.text;
        case mqtt::Id::subscription_id:
            return " subscription=" + std::to_string(property.number);
        case mqtt::Id::topic_alias:
            return " alias=" + std::to_string(property.number);
        case mqtt::Id::user_property:
            return " user(" + property.name + "=" + property.text + ")";
        default:
            return " property-" + std::to_string(static_cast<int>(property.id));
    }
}

std::string shortened(const std::string& text) {
    return text.size() <= shown_most ? text
                                     : text.substr(0, shown_most) + "...(" + std::to_string(text.size()) + " bytes)";
}

}  // namespace

Peer::Peer(Cell& cell, std::string name, std::string principal)
    : cell_(&cell), name_(std::move(name)), principal_(std::move(principal)) {}
Peer::~Peer() = default;

void Peer::note(const std::string& what) {
    cell_->note(name_ + ": " + what);
}

void Peer::connect(const Session& session) {
    at_ = session.at;
    client_id_ = principal_ + "/" + cell_->key() + "-" + (session.client_id.empty() ? name_ : session.client_id);
    version_ = session.version == 0 ? cell_->version : session.version;
    client_ = std::make_unique<mqtt::Client>(cell_->world().port(at_), version_,
                                             at_ == At::websocket ? mqtt::Transport::websocket : mqtt::Transport::tcp);
    mqtt::Connect connect{.version = version_,
                          .client_id = client_id_,
                          .clean = session.clean,
                          .properties = session.properties,
                          .will = session.will};
    if (version_ == mqtt::v5 && session.seconds > 0) {
        connect.properties.push_back({.id = mqtt::Id::session_expiry, .number = session.seconds});
    }
    cell_->world().sign_in(principal_, at_, connect);
    if (connect.will) {
        connect.will->topic = cell_->topic(connect.will->topic);
        connect.will->payload = cell_->world().seal(principal_, connect.will->topic, connect.will->payload);
    }
    const mqtt::ConnAck answer = client_->connect(connect);
    note("connected, reason " + std::to_string(answer.reason) + (answer.session_present ? ", session present" : ""));
}

void Peer::subscribe(mqtt::Subscription subscription) {
    const std::string filter = subscription.filter;
    subscription.filter = cell_->topic(filter);
    note("subscribed to " + filter + ", reason " + std::to_string(client_->subscribe(subscription)));
}

void Peer::subscribe_to(const std::string& filter) {
    subscribe({.filter = filter, .qos = cell_->in_qos});
}

void Peer::unsubscribe(const std::string& filter) {
    note("unsubscribed from " + filter + ", reason " + std::to_string(client_->unsubscribe(cell_->topic(filter))));
}

mqtt::Publish Peer::packet(const Message& message) {
    const std::string topic = cell_->topic(message.topic);
    return {.topic = topic,
            .payload = cell_->world().seal(principal_, topic, message.text),
            .qos = cell_->out_qos,
            .retain = message.retain,
            .properties = version_ == mqtt::v5 ? message.properties : mqtt::Properties{}};
}

void Peer::publish(const Message& message) {
    note("published " + message.topic + ", reason " + std::to_string(client_->publish(packet(message))));
}

bool Peer::drain() {
    if (!connected() || !client_->ping()) {
        return false;
    }
    const std::vector<mqtt::Publish> messages = client_->take();
    for (const mqtt::Publish& message : messages) {
        note(line(message));
    }
    received_ += messages.size();
    return !messages.empty();
}

void Peer::wait_for(std::size_t count) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (received_ < count && std::chrono::steady_clock::now() < end) {
        if (!drain()) {
            client_->poll(std::chrono::milliseconds(20));
        }
    }
}

void Peer::crash() {
    const std::size_t before = cell_->world().departures(client_id_, at_);
    client_->crash();
    if (!harness::eventually([&] { return cell_->world().departures(client_id_, at_) > before; })) {
        throw std::runtime_error("the broker does not notice that " + client_id_ + " is gone");
    }
}

void Peer::disconnect(int reason, const mqtt::Properties& properties) {
    client_->disconnect(reason, properties);
}

std::string Peer::open(const mqtt::Publish& message) {
    if (message.topic.starts_with("$SYS/")) {
        return message.topic.ends_with("/version") ? message.payload : "(a figure)";
    }
    if (!cell_->world().seals(at_)) {
        return at_ == At::bare ? cell_->world().open_stored(message.topic, message.payload) : message.payload;
    }
    if (!receiver_) {
        receiver_ = std::make_unique<harness::Application>(cell_->world().credentials(principal_));
    }
    const std::string out = receiver_->open(message.topic, {message.payload.begin(), message.payload.end()});
    return out == "!" + std::to_string(RESEAL_REPLAY) ? "(a copy)" : out;
}

std::string Peer::line(const mqtt::Publish& message) {
    std::string out = cell_->without_key(message.topic) + " '" + shortened(open(message)) + "' q" +
                      std::to_string(message.qos) + (message.dup ? " dup" : "") + (message.retain ? " retained" : "");
    for (const mqtt::Property& property : message.properties) {
        const bool says_sealed = property.id == mqtt::Id::content_type && property.text == sealed_type;
        out += says_sealed ? "" : in_words(property);
    }
    return out;
}

Peer& Cell::peer(const std::string& name) {
    auto& known = peers_[name];
    if (!known) {
        known = std::make_unique<Peer>(*this, name, name.substr(0, name.find('.')));
        order_.push_back(name);
    }
    return *known;
}

void Cell::settle() {
    for (int quiet = 0; quiet < 2;) {
        bool any = false;
        for (const std::string& name : order_) {
            any = peers_.at(name)->drain() || any;
        }
        quiet = any ? 0 : quiet + 1;
    }
}

std::string Cell::topic(const std::string& name) const {
    if (name.starts_with("$SYS")) {
        return name;
    }
    if (name.starts_with("$share/")) {
        const std::size_t filter = name.find('/', 7) + 1;
        return name.substr(0, filter - 1) + "-" + key_ + "/" + topic(name.substr(filter));
    }
    if (name.starts_with("$t/")) {
        return "$t/" + key_ + "/" + name.substr(3);
    }
    if (name.starts_with("b/") || name.starts_with("o/")) {
        return name.substr(0, 2) + key_ + "/" + name.substr(2);
    }
    return "m/" + key_ + "/" + name;
}

std::string Cell::without_key(const std::string& topic) const {
    const std::size_t at = topic.find(key_ + "/");
    return at == std::string::npos ? topic : topic.substr(at + key_.size() + 1);
}

}  // namespace compat
