// SPDX-License-Identifier: Apache-2.0
#include "config/config.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "base/principal_name.h"
#include "base/quote.h"
#include "config/read_budgets.h"
#include "config/read_tokens.h"
#include "config/reader.h"
#include "policy/topic.h"

namespace reseal::config {
namespace {

constexpr std::size_t max_config_size = std::size_t{1} << 20U;
constexpr Range window_range{32, 4096, 32};
constexpr Range payload_range{1, (1U << 24U) - 1};
constexpr Range port_range{1, 65535};
constexpr Range port_or_unix_range{0, 65535};  // mosquitto.conf calls a Unix socket listener 0

constexpr Range audit_file_range{4096, 1U << 30U};
constexpr Range audit_keep_range{2, 100000};
constexpr Range audit_days_range{1, 3650};
constexpr Range interval_range{0, 3600};
constexpr Range warn_range{1, 365};

constexpr std::array<std::string_view, 22> known_of_config{
    "version",         "realm",          "registry",           "master_key",       "state",         "acl",
    "replay_window",   "max_payload",    "loopback_listeners", "sealed_listeners", "psk_listeners", "bridged_realms",
    "unsealed_topics", "plugins_before", "queue_clear",        "identity",         "tokens",        "audit",
    "budgets",         "alerts_topic",   "metrics_port",       "metrics_interval"};
constexpr std::array<std::string_view, 6> known_of_identity{"by", "pattern", "ca", "crl", "crl_expired", "require_key"};
constexpr std::array<std::string_view, 1> known_of_crl_expired{"warn_days"};
constexpr std::array<std::string_view, 5> ways{"fingerprint", "san_uri", "san_dns", "common_name", "serial_number"};
constexpr std::array<std::string_view, 4> known_of_audit{"folder", "max_file", "keep", "keep_days"};

// The path under `name`, which is required.
std::string read_path(Reader& reader, const Place& root, std::string_view name, std::string_view remedy) {
    const std::optional<Place> place = reader.require(root, name, remedy);
    return place ? reader.path(*place, remedy) : std::string();
}

std::string checked_realm(Reader& reader, const Place& place, std::string_view remedy) {
    std::string realm = reader.text(place, remedy);
    if (!realm.empty() && !valid_principal(realm)) {
        reader.refuse(place, quote(realm) + " is not a valid realm name", std::string(remedy));
    }
    return realm;
}

std::vector<std::string> read_bridged_realms(Reader& reader, const Place& place) {
    constexpr std::string_view remedy = "write a list of the other brokers' realms, as in [wing-b]";
    std::vector<std::string> realms;
    for (const Place& item : reader.items(place, remedy)) {
        realms.push_back(checked_realm(reader, item, remedy));
    }
    return realms;
}

std::string read_realm(Reader& reader, const Place& root) {
    constexpr std::string_view remedy =
        "name this broker with 1 to 64 of A-Z a-z 0-9 . _ - as in realm: main; brokers with replay windows of their "
        "own need names of their own";
    const std::optional<Place> place = reader.require(root, "realm", remedy);
    return place ? checked_realm(reader, *place, remedy) : std::string();
}

std::vector<std::uint16_t> read_ports(Reader& reader, const Place& place, const Range& range) {
    std::vector<std::uint16_t> ports;
    for (const Place& item : reader.items(place, "write a list of ports, as in [1883]")) {
        ports.push_back(static_cast<std::uint16_t>(reader.number(item, range)));
    }
    return ports;
}

std::string_view unsealed_remedy(std::string_view filter) {
    return filter.find("{id}") == std::string_view::npos ? policy::filter_remedy(filter)
                                                         : "{id} has no meaning here: write '+' instead";
}

std::vector<std::string> read_filters(Reader& reader, const Place& place) {
    std::vector<std::string> filters;
    for (const Place& item : reader.items(place, "write a list of topic filters, as in [\"$SYS/#\"]")) {
        filters.push_back(reader.text(item, "write a topic filter, as in \"$SYS/#\""));
        if (const std::string_view remedy = unsealed_remedy(filters.back()); !remedy.empty()) {
            reader.refuse(item, quote(filters.back()) + " is not a topic filter", std::string(remedy));
        }
    }
    return filters;
}

std::vector<std::string> read_file_names(Reader& reader, const Place& place) {
    constexpr std::string_view remedy = "write a list of file names, as in [my_statistics.so]";
    std::vector<std::string> names;
    for (const Place& item : reader.items(place, remedy)) {
        names.push_back(reader.text(item, remedy));
        if (names.back().find('/') != std::string::npos) {
            reader.refuse(item, quote(names.back()) + " is a path", "write the file name alone");
        }
    }
    return names;
}

void read_files(Reader& reader, const Place& root, Config& config) {
    const auto path = [&](std::string_view name, std::string_view remedy) {
        return read_path(reader, root, name, remedy);
    };
    config.registry = path("registry", "name the file of principals and keys, as in registry: registry.db");
    config.master_key = path("master_key", "name the file of the master key, as in master_key: master.key");
    config.state = path("state", "name the folder of replay windows and epochs, as in state: state");
    config.acl = path("acl", "name the ACL file, as in acl: acl.yaml");
}

// A port may be in one list at most.
void read_listeners(Reader& reader, const Place& root, Config& config) {
    struct List {
        std::string_view name;
        std::vector<std::uint16_t>& ports;
        const Range& range;
    };
    const std::array lists = {List{"loopback_listeners", config.loopback_listeners, port_or_unix_range},
                              List{"sealed_listeners", config.sealed_listeners, port_range},
                              List{"psk_listeners", config.psk_listeners, port_range}};
    std::map<std::uint16_t, std::string_view> named;
    for (const List& list : lists) {
        const auto place = Reader::find(root, list.name);
        if (!place) {
            continue;
        }
        list.ports = read_ports(reader, *place, list.range);
        for (const std::uint16_t port : list.ports) {
            if (const auto [first, fresh] = named.emplace(port, list.name); !fresh && first->second != list.name) {
                reader.refuse(*place, std::to_string(port) + " is also under " + std::string(first->second),
                              "name a port in only one of the lists");
            }
        }
    }
}

void read_settings(Reader& reader, const Place& root, Config& config) {
    if (const auto place = Reader::find(root, "replay_window")) {
        config.replay_window = reader.number(*place, window_range);
    }
    if (const auto place = Reader::find(root, "max_payload")) {
        config.max_payload = reader.number(*place, payload_range);
    }
    read_listeners(reader, root, config);
    if (const auto place = Reader::find(root, "bridged_realms")) {
        config.bridged_realms = read_bridged_realms(reader, *place);
    }
    if (const auto place = Reader::find(root, "unsealed_topics")) {
        config.unsealed_topics = read_filters(reader, *place);
    }
    if (const auto place = Reader::find(root, "plugins_before")) {
        config.plugins_before = read_file_names(reader, *place);
    }
    if (const auto place = Reader::find(root, "queue_clear")) {
        config.queue_clear = reader.truth(*place);
    }
}

constexpr std::string_view ca_remedy = "name the PEM file of your CA, as in ca: ca/ca.crt";

Identity::By read_way(Reader& reader, const Place& place) {
    constexpr std::string_view remedy = "write fingerprint, san_uri, san_dns, common_name or serial_number";
    const std::string word = reader.text(place, remedy);
    const auto* const found = std::ranges::find(ways, word);
    if (found == ways.end()) {
        if (!word.empty()) {
            reader.refuse(place, quote(word) + " is not a way to name a principal", std::string(remedy));
        }
        return Identity::By::fingerprint;
    }
    return static_cast<Identity::By>(found - ways.begin());
}

std::string read_pattern(Reader& reader, const Place& place) {
    constexpr std::string_view remedy = "write {id} once, where the principal's name goes, as in \"urn:reseal:{id}\"";
    std::string pattern = reader.text(place, remedy);
    const std::size_t at = pattern.find("{id}");
    const std::string rest = at == std::string::npos ? "{" : std::string(pattern).erase(at, 4);
    if (!pattern.empty() && (rest.find_first_of("{}*") != std::string::npos || has_control_character(rest))) {
        reader.refuse(place, quote(pattern) + " is not a valid pattern", std::string(remedy));
    }
    return pattern;
}

std::vector<std::string> read_lists(Reader& reader, const Place& place) {
    constexpr std::string_view remedy = "write a list of files, as in [\"ca/ca.crl\"]";
    std::vector<std::string> paths;
    for (const Place& item : reader.items(place, remedy)) {
        paths.push_back(reader.path(item, remedy));
    }
    return paths;
}

// The word refuse, or how many days a list past its nextUpdate still counts.
std::uint32_t read_crl_expired(Reader& reader, const Place& place) {
    constexpr std::string_view remedy = "write refuse, or below it warn_days: with a number from 1 to 365";
    if (place.element->kind == Kind::map) {
        const auto days =
            reader.is_map(place, known_of_crl_expired) ? reader.require(place, "warn_days", remedy) : std::nullopt;
        return days ? reader.number(*days, warn_range) : 0;
    }
    const std::string word = reader.text(place, remedy);
    if (!word.empty() && word != "refuse") {
        reader.refuse(place, quote(word) + " is not a rule for an expired list", std::string(remedy));
    }
    return 0;
}

void check_identity(Reader& reader, const Place& place, const Identity& identity) {
    if (identity.ca.empty() && (identity.by != Identity::By::fingerprint || Reader::find(place, "crl"))) {
        (void)reader.require(place, "ca", ca_remedy);
    }
    if (identity.named() && identity.pattern.empty()) {
        (void)reader.require(place, "pattern", "say what the name looks like, as in pattern: \"urn:reseal:{id}\"");
    }
    if (const auto pattern = Reader::find(place, "pattern"); pattern && !identity.named()) {
        reader.refuse(*pattern, "neither a fingerprint nor a serial number has a pattern",
                      "leave it out, or write another way under by");
    }
    if (const auto expired = Reader::find(place, "crl_expired"); expired && identity.crl.empty()) {
        reader.refuse(*expired, "there is no revocation list under crl", "name one, or leave it out");
    }
}

void read_identity(Reader& reader, const Place& place, Config& config) {
    if (!reader.is_map(place, known_of_identity)) {
        return;
    }
    Identity& identity = config.identity;
    if (const auto by = Reader::find(place, "by")) {
        identity.by = read_way(reader, *by);
    }
    if (const auto pattern = Reader::find(place, "pattern")) {
        identity.pattern = read_pattern(reader, *pattern);
    }
    if (const auto ca = Reader::find(place, "ca")) {
        identity.ca = reader.path(*ca, ca_remedy);
    }
    if (const auto crl = Reader::find(place, "crl")) {
        identity.crl = read_lists(reader, *crl);
    }
    if (const auto expired = Reader::find(place, "crl_expired")) {
        identity.warn_days = read_crl_expired(reader, *expired);
    }
    if (const auto required = Reader::find(place, "require_key")) {
        identity.require_key = reader.truth(*required);
    }
    check_identity(reader, place, identity);
}

void read_audit(Reader& reader, const Place& place, Config& config) {
    if (!reader.is_map(place, known_of_audit)) {
        return;
    }
    Audit audit;
    audit.folder = read_path(reader, place, "folder", "name the folder of the audit trail, as in folder: audit");
    if (const auto most = Reader::find(place, "max_file")) {
        audit.max_file = reader.number(*most, audit_file_range);
    }
    if (const auto keep = Reader::find(place, "keep")) {
        audit.keep = reader.number(*keep, audit_keep_range);
    }
    if (const auto days = Reader::find(place, "keep_days")) {
        audit.keep_days = reader.number(*days, audit_days_range);
    }
    config.audit = audit;
}

std::string read_topic(Reader& reader, const Place& place) {
    constexpr std::string_view remedy = "write a topic name, as in \"reseal/alerts\"";
    std::string topic = reader.text(place, remedy);
    if (!topic.empty() && !policy::valid_topic(topic)) {
        reader.refuse(place, quote(topic) + " is not a topic name", std::string(remedy));
    }
    return topic;
}

void read_observation(Reader& reader, const Place& root, Config& config) {
    if (const auto place = Reader::find(root, "audit")) {
        read_audit(reader, *place, config);
    }
    if (const auto place = Reader::find(root, "alerts_topic")) {
        config.alerts_topic = read_topic(reader, *place);
        for (const std::string& filter : config.unsealed_topics) {
            if (!reader.failed() && policy::matches(filter, config.alerts_topic)) {
                reader.refuse(
                    *place,
                    quote(config.alerts_topic) + " is not sealed: " + quote(filter) + " is under unsealed_topics",
                    "name a topic that is sealed");
            }
        }
    }
    if (const auto place = Reader::find(root, "metrics_port")) {
        config.metrics_port = static_cast<std::uint16_t>(reader.number(*place, port_range));
    }
    if (const auto place = Reader::find(root, "metrics_interval")) {
        config.metrics_interval = reader.number(*place, interval_range);
    }
}

}  // namespace

Checked<Config> parse_config(std::string_view yaml, std::string_view file) {
    const Checked<Element> document = parse_document(yaml, file, max_config_size);
    if (!document) {
        return document.error();
    }
    Reader reader(file);
    const Place root{&*document, ""};
    Config config;
    config.file = file;
    if (reader.is_map(root, known_of_config)) {
        reader.require_version(root);
        config.realm = read_realm(reader, root);
        read_files(reader, root, config);
        read_settings(reader, root, config);
        if (const auto place = Reader::find(root, "identity")) {
            read_identity(reader, *place, config);
        }
        if (const auto place = Reader::find(root, "tokens")) {
            config.tokens = read_tokens(reader, *place);
        }
        if (const auto place = Reader::find(root, "budgets")) {
            config.budgets = read_budgets(reader, *place);
        }
        read_observation(reader, root, config);
    }
    return reader.result(std::move(config));
}

}  // namespace reseal::config
