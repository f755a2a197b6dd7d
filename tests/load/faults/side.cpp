// SPDX-License-Identifier: Apache-2.0
#include "load/faults/side.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <stdexcept>

#include <sys/stat.h>
#include <unistd.h>

#include "harness/broker.h"

namespace faults {

namespace {

constexpr std::uint32_t session_seconds = 3600;
constexpr std::size_t words_shown = 1000;  // of the end of a log
constexpr std::size_t disk_bytes = 64UL << 20U;

void make_folder(const std::string& path) {
    if (mkdir(path.c_str(), 0700) != 0) {
        throw std::runtime_error("cannot make the folder " + path);
    }
}

std::string with_line(const std::string& yaml, const std::string& key, const std::string& value) {
    const std::size_t at = yaml.find("\n" + key + ":") + 1;
    std::string out = yaml;
    return out.replace(at, out.find('\n', at) - at, key + ": " + value);
}

}  // namespace

std::string publisher_id(std::size_t number) {
    return "pub" + std::to_string(number);
}

std::string subscriber_id(std::size_t number) {
    return "screen" + std::to_string(number);
}

std::string topic_of(std::size_t publisher) {
    return "ward/" + publisher_id(publisher) + "/serial";
}

// In memory: a killed process's writes survive there, and waiting for a disk would only take time.
Hospital::Hospital(std::string plugin) : plugin_(std::move(plugin)), site_("/dev/shm") {
    for (std::size_t i = 0; i < publishers; ++i) {
        site_.add(publisher_id(i), "wearable");
    }
    for (std::size_t i = 0; i < subscribers; ++i) {
        site_.add(subscriber_id(i), "clinician");
    }
}

harness::Device& Hospital::device(const std::string& principal) {
    auto& known = devices_[principal];
    if (!known) {
        known = std::make_unique<harness::Device>(site_, principal);
    }
    return *known;
}

const reseal_credentials& Hospital::credentials(const std::string& principal) {
    const auto known = credentials_.find(principal);
    return known != credentials_.end() ? known->second
                                       : credentials_.emplace(principal, site_.credentials(principal)).first->second;
}

std::string Hospital::new_folder() {
    std::string out = site_.path("trial-" + std::to_string(folders_++));
    make_folder(out);
    return out;
}

Side::Side(Hospital& hospital, const Terms& terms)
    : hospital_(&hospital), terms_(terms), folder_(hospital.new_folder()), port_(harness::free_port()) {
    make_store();
    if (terms_.false_clock) {
        clock_ = std::make_unique<harness::WallClock>(folder_ + "/clock");
    }
    broker_ = std::make_unique<harness::Mosquitto>(folder_, "mosquitto", conf(), std::vector{port_},
                                                   std::vector<std::string>(), clock_.get());
}

void Side::make_store() {
    make_folder(store());
    if (terms_.small_disk) {
        disk_ = std::make_unique<SmallDisk>(store(), disk_bytes);
    }
    // Each broker has its own, because a registry records its broker's state folder.
    std::filesystem::copy_file(hospital_->site().path("registry.db"), folder_ + "/registry.db");
    make_folder(store() + "/state");
    make_folder(store() + "/audit");
}

// Nothing limits what is in flight to a client, so no message waits in a queue: with a clean session a queue is gone
// when the broker is, and 2.0.11 lets new messages overtake those in it (docs/install.md). With `max_queued_messages 0`
// Mosquitto 2.0 drops every client whose message is refused.
std::string Side::conf() const {
    const std::string persistence = terms_.store == Store::none
                                        ? "persistence false\n"
                                        : "persistence true\npersistence_location " + store() +
                                              "/\nautosave_interval 1\nautosave_on_changes true\n";
    return std::string(geteuid() == 0 ? "user root\n" : "") +
           "log_dest stderr\nlog_type error\nlog_type warning\nlog_type notice\n" + persistence +
           "max_inflight_messages 0\nmax_queued_messages 100000\nset_tcp_nodelay true\nlistener " +
           std::to_string(port_) + " 127.0.0.1\n" + plugin_lines();
}

std::string Side::plugin_lines() const {
    if (terms_.plugin == Plugin::without) {
        return "allow_anonymous true\n";
    }
    const harness::Site& site = hospital_->site();
    const std::string name = folder_.substr(site.folder().size() + 1);
    std::string yaml = harness::read_all(site.path("reseal.yaml"));
    yaml = with_line(yaml, "loopback_listeners", "[" + std::to_string(port_) + "]");
    yaml = with_line(yaml, "registry", name + "/registry.db");
    yaml = with_line(yaml, "state", name + "/store/state");
    yaml = with_line(yaml, "  folder", name + "/store/audit");
    harness::write_all(site.path(name + ".yaml"), yaml);
    return "allow_anonymous false\nplugin " + hospital_->plugin() + "\nplugin_opt_config " + site.path(name + ".yaml") +
           "\n";
}

std::string Side::last_words() const {
    const std::string log = broker_->log();
    return log.substr(log.size() - std::min(log.size(), words_shown));
}

bool Side::start() {
    try {
        broker_->start();
        return true;
    } catch (const std::runtime_error&) {
        if (std::remove((store() + "/mosquitto.db").c_str()) != 0) {
            throw;
        }
        broker_->start();
        return false;
    }
}

std::size_t Side::departures(const std::string& client_id) const {
    std::istringstream log(broker_->log());
    std::size_t out = 0;
    for (std::string line; std::getline(log, line);) {
        const bool gone = line.find("closed its connection") != std::string::npos ||  // Mosquitto 2.0
                          line.find("disconnected") != std::string::npos;
        out += gone && line.find("Client " + client_id + " ") != std::string::npos ? 1 : 0;
    }
    return out;
}

mqtt::Connect Side::sign_in(const std::string& principal, const Manner& manner) {
    mqtt::Connect out{.version = manner.version, .client_id = principal, .clean = !manner.lasting};
    out.username = principal;
    if (terms_.plugin == Plugin::with) {
        out.password = hospital_->device(principal).proof(principal);
    }
    if (manner.version == mqtt::v5) {
        out.properties = {{.id = mqtt::Id::session_expiry, .number = manner.lasting ? session_seconds : 0}};
    }
    return out;
}

std::string Side::seal(const std::string& principal, const std::string& topic, const std::string& text) {
    if (terms_.plugin == Plugin::without) {
        return text;
    }
    const harness::Bytes sealed = hospital_->device(principal).seal(topic, text);
    return {sealed.begin(), sealed.end()};
}

std::unique_ptr<harness::Application> Side::receiver(const std::string& principal) {
    return terms_.plugin == Plugin::without ? nullptr
                                            : std::make_unique<harness::Application>(hospital_->credentials(principal));
}

}  // namespace faults
