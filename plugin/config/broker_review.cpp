// SPDX-License-Identifier: Apache-2.0
#include "config/broker_review.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

#include "base/quote.h"
#include "policy/topic.h"

namespace reseal::config {
namespace {

namespace fs = std::filesystem;

Fault fault_at(const BrokerLine& at, std::string problem, std::string remedy) {
    return {at.file, at.line, at.key, std::move(problem), std::move(remedy)};
}

template <class List, class Value>
bool holds(const List& list, const Value& value) {
    return std::ranges::find(list, value) != list.end();
}

class Review {
  public:
    Review(const BrokerSetup& setup, const Config& config, std::string_view plugin)
        : setup_(setup), config_(config), own_file_(plugin) {}

    BrokerReview run() {
        own_ = std::ranges::find_if(
            setup_.plugins, [&](const BrokerPlugin& each) { return fs::path(each.path).filename() == own_file_; });
        look_at_plugins();
        look_at_broker();
        for (const BrokerListener& listener : setup_.listeners) {
            look_at(listener);
        }
        look_for_named_ports();
        for (const BridgedTopic& topic : setup_.bridged) {
            look_at(topic);
        }
        return std::move(out_);
    }

  private:
    void problem(Fault fault) { out_.problems.push_back(std::move(fault)); }
    void note(Fault fault) { out_.notes.push_back(std::move(fault)); }

    void look_at_plugins() {
        if (own_ == setup_.plugins.end()) {
            problem({{},
                     0,
                     "plugin",
                     "the broker's configuration does not load " + own_file_,
                     "write plugin /PATH/" + own_file_ + " and, below it, plugin_opt_config " + config_.file});
            return;
        }
        if (own_->config.empty()) {
            problem(fault_at(own_->at, "no plugin_opt_config follows it",
                             "write plugin_opt_config " + config_.file + " below"));
        } else if (fs::path(own_->config).lexically_normal() != config_.file) {
            problem(fault_at(own_->at, "it reads " + quote(own_->config) + ", which is not the site that is checked",
                             "write plugin_opt_config " + config_.file));
        }
        for (auto other = setup_.plugins.begin(); other != own_; ++other) {
            if (!holds(config_.plugins_before, fs::path(other->path).filename().string())) {
                problem(fault_at(other->at,
                                 "the broker asks this plugin before Reseal, and it can let clients in past Reseal",
                                 own_->for_all ? "move its lines below those of " + own_file_
                                               : "load " + own_file_ + " with global_plugin"));
            }
        }
    }

    void look_at_broker() {
        if (setup_.per_listener) {
            problem(fault_at(*setup_.per_listener,
                             "a plugin is then asked about one listener only, and Mosquitto 2.0 "
                             "gives it no regular tick: it refuses every client",
                             "write per_listener_settings false"));
        }
        for (const BrokerLine& line : setup_.without_effect) {
            note(fault_at(line, "has no effect beside Reseal, which decides about every client",
                          "remove it once no client needs it"));
        }
        if (setup_.psk_file && !config_.psk_listeners.empty()) {
            problem(fault_at(*setup_.psk_file, "the broker takes a client's key from this file before it asks Reseal",
                             "remove it; keys of psk_listeners come from the registry"));
        }
        if (setup_.inflight_unlimited) {
            note(fault_at(*setup_.inflight_unlimited,
                          "is for Mosquitto 2.0.11 alone; 2.1 logs for every QoS 1 message that it exceeds a quota",
                          "remove it on a later release"));
        }
    }

    void look_at(const BrokerListener& listener) {
        if (listener.mount_point) {
            problem(fault_at(*listener.mount_point,
                             "the broker puts it before the topics of this listener's clients, but they seal for the "
                             "topic they send: nothing opens",
                             "remove it"));
        }
        if (listener.identity) {
            problem(fault_at(*listener.identity,
                             "the broker lets clients in by the name in their certificate, without "
                             "asking Reseal",
                             "write " + listener.identity->key + " false"));
        }
        if (own_ != setup_.plugins.end() && !own_->for_all && !setup_.per_listener &&
            !holds(listener.uses, own_->name)) {
            problem(fault_at(listener.at, "Reseal is not asked about this listener's clients",
                             "load the plugin with global_plugin, or write plugin_use " + own_->name));
        }
        say(listener, who_gets_in(listener));
    }

    void say(const BrokerListener& listener, const std::string& who) {
        const std::string name = listener.port == 0 ? listener.address : std::to_string(listener.port);
        out_.listeners.push_back("listener " + name + (listener.websockets ? " (WebSockets)" : "") + ": " + who);
    }

    std::string who_gets_in(const BrokerListener& listener) {
        const std::uint16_t port = listener.port;
        if (listener.tls) {
            return listener.certificate ? "principals, by their certificate"
                                        : "principals, by their certificate (require_certificate true would turn away "
                                          "anybody else sooner)";
        }
        if (holds(config_.psk_listeners, port)) {
            look_at_psk(listener);
            return "principals, by their pre-shared key";
        }
        if (holds(config_.sealed_listeners, port)) {
            return "principals, by a sealed CONNECT; topics, sizes and times can be seen on the network";
        }
        if (holds(config_.loopback_listeners, port)) {
            look_at_loopback(listener);
            return "principals on this machine, by a sealed CONNECT";
        }
        note(fault_at(listener.at, "it has no TLS, and reseal.yaml does not name it, so every client is refused",
                      "name it under loopback_listeners or sealed_listeners, or remove it"));
        return "nobody";
    }

    void look_at_psk(const BrokerListener& listener) {
        if (!listener.psk) {
            problem(fault_at(listener.at, "psk_listeners names it, but it has no psk_hint", "write psk_hint reseal"));
        }
    }

    void look_at_loopback(const BrokerListener& listener) {
        if (!listener.on_loopback()) {
            problem(fault_at(listener.at,
                             "loopback_listeners names it, but other machines can reach it, so nobody gets in there",
                             "write listener " + std::to_string(listener.port) + " 127.0.0.1"));
        }
    }

    void look_for_named_ports() {
        const std::array lists = {std::pair("loopback_listeners", &config_.loopback_listeners),
                                  std::pair("sealed_listeners", &config_.sealed_listeners),
                                  std::pair("psk_listeners", &config_.psk_listeners)};
        for (const auto& [name, ports] : lists) {
            for (const std::uint16_t port : *ports) {
                if (std::ranges::find(setup_.listeners, port, &BrokerListener::port) == setup_.listeners.end()) {
                    problem({config_.file, 0, name, "the broker has no listener " + std::to_string(port),
                             "write it in the broker's configuration, or remove it here"});
                }
            }
        }
    }

    void look_at(const BridgedTopic& topic) {
        const bool unsealed = std::ranges::any_of(config_.unsealed_topics, [&](const std::string& filter) {
            return policy::covers(filter, topic.local_prefix + topic.pattern);
        });
        if (topic.local_prefix != topic.remote_prefix && !unsealed) {
            problem(fault_at(topic.at,
                             "the bridge replaces the beginning of the topic, but a message is sealed for its whole "
                             "topic: it opens on one side only",
                             "write the same prefix for both sides, or none"));
        }
    }

    const BrokerSetup& setup_;
    const Config& config_;
    std::string own_file_;
    std::vector<BrokerPlugin>::const_iterator own_;
    BrokerReview out_;
};

}  // namespace

BrokerReview review(const BrokerSetup& setup, const Config& config, std::string_view plugin) {
    return Review(setup, config, plugin).run();
}

}  // namespace reseal::config
