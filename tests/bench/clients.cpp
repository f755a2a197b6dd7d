// SPDX-License-Identifier: Apache-2.0
#include "bench/clients.h"

#include <algorithm>
#include <filesystem>

#include "bench/failure.h"
#include "tools/credentials.h"
#include "tools/option_parts.h"

namespace bench {

using reseal::tools::Credentials;
using reseal::tools::filled;
using reseal::tools::Sender;

Name name_of(const std::string& pattern, std::size_t number) {
    const std::string which = std::to_string(number + 1);
    if (pattern.find("{n}") == std::string::npos) {
        return {pattern, pattern + "/" + which};
    }
    const std::string principal = filled(pattern, "{n}", which);
    return {principal, principal};
}

Clients::Clients(const Options& options) : options_(options) {
    address_ = resolve(options.host, options.port);
    if (options.login == LoginKind::certificate) {
        tls_.emplace(options.site + "/ca/ca.crt");
    }
    prepare_publishers();
    prepare_subscribers();
}

void Clients::prepare_publishers() {
    for (std::size_t i = 0; i < options_.publishers; ++i) {
        const Name name = bench::name_of(options_.publisher, i);
        senders_.push_back(sender_for(name.principal));
        publishers_.push_back({name, connect_for(name, senders_.back().get())});
        topics_.push_back(filled(options_.topic, "{id}", name.principal));
    }
}

std::unique_ptr<Supply> Clients::supply(const Load& load, std::uint64_t messages) const {
    const Kind kind{.version = options_.version, .qos = load.qos, .payload = load.payload, .topics = topics_};
    if (!options_.seal) {
        return clear_supply(kind);
    }
    std::vector<Sender*> senders;
    std::ranges::transform(senders_, std::back_inserter(senders), &std::unique_ptr<Sender>::get);
    return sealed_supply(kind, messages, senders);
}

// One sender for all clients of one principal, which come consecutively.
void Clients::prepare_subscribers() {
    std::unique_ptr<Sender> sender;
    for (std::size_t i = 0; i < options_.subscribers; ++i) {
        const Name name = bench::name_of(options_.subscriber, i);
        if (subscribers_.empty() || subscribers_.back().name.principal != name.principal) {
            sender.reset();
            sender = options_.login == LoginKind::sealed ? sender_for(name.principal) : nullptr;
        }
        subscribers_.push_back({name, connect_for(name, sender.get())});
    }
}

std::unique_ptr<Sender> Clients::sender_for(const std::string& principal) const {
    if (!options_.seal && options_.login != LoginKind::sealed) {
        return nullptr;
    }
    const std::string file = file_of(principal, ".json");
    return value_of(Sender::make(value_of(Credentials::read(file)), file + ".epoch"));
}

mqtt::Connect Clients::connect_for(const Name& name, Sender* sender) const {
    mqtt::Connect out{.version = options_.version, .client_id = name.client_id, .keepalive = 0};
    if (options_.login == LoginKind::user) {
        out.username = name.principal;
    } else if (options_.login == LoginKind::sealed) {
        const auto login = value_of(sender->login(RESEAL_LISTENER_LOOPBACK, name.client_id));
        out.username = login.user_name;
        out.password = login.password;
    }
    return out;
}

std::unique_ptr<Publisher> Clients::publisher(std::size_t number) {
    const Prepared& one = publishers_.at(number);
    return std::make_unique<Publisher>(link_for(one.name), one.connect);
}

std::unique_ptr<Subscriber> Clients::subscriber(std::size_t number, const TakeDelivery& take) {
    const Prepared& one = subscribers_.at(number);
    return std::make_unique<Subscriber>(link_for(one.name), one.connect, options_.filter, highest_qos(options_), number,
                                        take);
}

Link Clients::link_for(const Name& name) const {
    if (!tls_) {
        return Link(*address_);
    }
    return {*address_, *tls_, {file_of(name.principal, ".crt"), file_of(name.principal, ".key")}};
}

std::string Clients::file_of(const std::string& principal, const std::string& extension) const {
    std::string out = options_.site + "/principals/" + principal + "/" + principal + extension;
    if (!std::filesystem::exists(out)) {
        throw Failure(out + ": not found; reseal-bench --help says how scripts/provision makes it");
    }
    return out;
}

}  // namespace bench
