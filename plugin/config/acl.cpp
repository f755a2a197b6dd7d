// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "base/nearest.h"
#include "base/principal_name.h"
#include "base/quote.h"
#include "config/config.h"
#include "config/parse_time.h"
#include "config/reader.h"
#include "policy/placeholder.h"
#include "policy/split_topic.h"
#include "policy/topic.h"

namespace reseal::config {
namespace {

// As few as two bytes of the file may become an Element, which takes some hundred bytes of memory.
constexpr std::size_t max_acl_size = std::size_t{8} << 20U;

constexpr std::array<std::string_view, 4> root_keys{"version", "roles", "principals", "wide_subscriptions"};
constexpr std::array<std::string_view, 6> role_keys{"publish", "subscribe", "deliver",
                                                    "forward", "deny",      "certificate_only"};
constexpr std::array<std::string_view, 7> principal_keys{"publish", "subscribe",  "deliver",         "forward",
                                                         "deny",    "attributes", "certificate_only"};
constexpr std::array<std::string_view, 3> deny_keys{"publish", "subscribe", "deliver"};
// The keys that a rule of each list may have.
constexpr std::array<std::string_view, 6> publish_keys{"topic", "clear", "qos", "retain", "max_payload", "expires"};
constexpr std::array<std::string_view, 5> subscribe_keys{"topic", "clear", "qos", "max_payload", "expires"};
constexpr std::array<std::string_view, 4> deliver_keys{"topic", "clear", "max_payload", "expires"};
constexpr std::array<std::string_view, 3> forward_keys{"topic", "realm", "expires"};
constexpr std::array<std::string_view, 1> denial_keys{"topic"};
constexpr std::array<std::string_view, 3> built_in{"id", "role", "cn"};
constexpr std::string_view rule_remedy = "write a topic filter, as in \"ward/{id}/#\"";

using Holders = std::map<std::string, policy::Grants, std::less<>>;

using Keys = std::span<const std::string_view>;
using Attributes = std::map<std::string, std::string>;

// What would make `pattern` a topic filter for every principal. Empty if it is one.
std::string pattern_remedy(std::string_view pattern) {
    if (!policy::pieces(pattern)) {
        return "write a placeholder as {id}, {role}, {cn} or {ATTRIBUTE}, and no other braces";
    }
    const std::string filter =
        policy::filled(pattern, [](std::string_view) { return std::string(policy::max_value, 'x'); });
    if (static_cast<std::size_t>(std::ranges::count(filter, '/')) >= policy::max_levels) {
        return "write at most " + std::to_string(policy::max_levels) + " levels";
    }
    return std::string(policy::filter_remedy(filter));
}

std::string read_filter(Reader& reader, const Place& place) {
    std::string pattern = reader.text(place, rule_remedy);
    if (std::string remedy = pattern_remedy(pattern); !remedy.empty()) {
        reader.refuse(place, quote(pattern) + " is not a topic filter", std::move(remedy));
    }
    return pattern;
}

UnixTime read_time(Reader& reader, const Place& place) {
    constexpr std::string_view remedy = "write date, time and zone, as in 2027-01-31T18:00:00Z";
    const std::string text = reader.text(place, remedy);
    const std::optional<UnixTime> time = parse_time(text);
    if (!time) {
        reader.refuse(place, quote(text) + " is not a time", std::string(remedy));
    }
    return time.value_or(0);
}

policy::Retain read_retain(Reader& reader, const Place& place) {
    constexpr std::string_view remedy = "write true, false, or always, without quotes";
    const std::string text = reader.text(place, remedy);
    if (text == "always") {
        return policy::Retain::always;
    }
    if (!text.empty() && (!place.element->plain || (text != "true" && text != "false"))) {
        reader.refuse(place, quote(text) + " is neither true, false nor always", std::string(remedy));
    }
    return text == "true" ? policy::Retain::guarded : policy::Retain::never;
}

void read_limits(Reader& reader, const Place& place, policy::Limits& limits) {
    if (const auto qos = Reader::find(place, "qos")) {
        limits.qos = static_cast<std::uint8_t>(reader.number(*qos, {0, 2}));
    }
    if (const auto retain = Reader::find(place, "retain")) {
        limits.retain = read_retain(reader, *retain);
    }
    if (const auto size = Reader::find(place, "max_payload")) {
        limits.max_payload = reader.number(*size, {0, (1U << 24U) - 1});
    }
    if (const auto expires = Reader::find(place, "expires")) {
        limits.expires = read_time(reader, *expires);
    }
}

std::string read_other_realm(Reader& reader, const Place& place) {
    constexpr std::string_view remedy = "write the realm of the other broker, as its reseal.yaml names it";
    std::string realm = reader.text(place, remedy);
    if (!realm.empty() && !valid_principal(realm)) {
        reader.refuse(place, quote(realm) + " is not a valid realm name", std::string(remedy));
    }
    return realm;
}

policy::Rule read_rule(Reader& reader, const Place& place, Keys keys) {
    policy::Rule rule;
    rule.origin = {place.element->line, place.key};
    if (place.element->kind != Kind::map) {
        rule.pattern = read_filter(reader, place);
        return rule;
    }
    if (!reader.is_map(place, keys)) {
        return rule;
    }
    if (const auto topic = reader.require(place, "topic", "write topic: with a topic filter")) {
        rule.pattern = read_filter(reader, *topic);
    }
    if (const auto clear = Reader::find(place, "clear")) {
        rule.clear = reader.truth(*clear);
    }
    if (const auto realm = Reader::find(place, "realm")) {
        rule.realm = read_other_realm(reader, *realm);
    }
    read_limits(reader, place, rule.limits);
    return rule;
}

std::vector<policy::Rule> read_rules(Reader& reader, const std::optional<Place>& place, Keys keys) {
    std::vector<policy::Rule> rules;
    if (place) {
        for (const Place& item : reader.items(*place, "write a list of topic filters, as in [\"ward/{id}/#\"]")) {
            rules.push_back(read_rule(reader, item, keys));
        }
    }
    return rules;
}

// If `deliver` is written, keys about delivery under `subscribe` have no effect, and would mislead the reader.
void refuse_delivery_keys(Reader& reader, const Place& subscribe) {
    for (const Place& item : reader.items(subscribe, "")) {
        const auto clear = Reader::find(item, "clear");
        if (clear && reader.truth(*clear)) {
            reader.refuse(*clear, "clear has no effect here, because deliver is given", "write it under deliver");
        }
        if (const auto size = Reader::find(item, "max_payload")) {
            reader.refuse(*size, "max_payload has no effect here, because deliver is given", "write it under deliver");
        }
    }
}

policy::Denials read_denials(Reader& reader, const std::optional<Place>& place) {
    policy::Denials denials;
    if (!place || !reader.is_map(*place, deny_keys)) {
        return denials;
    }
    const auto deliver = Reader::find(*place, "deliver");
    denials.publish = read_rules(reader, Reader::find(*place, "publish"), denial_keys);
    denials.subscribe = read_rules(reader, Reader::find(*place, "subscribe"), denial_keys);
    denials.deliver = deliver ? read_rules(reader, deliver, denial_keys) : denials.subscribe;
    return denials;
}

policy::Grants read_grants(Reader& reader, const Place& place, Keys keys) {
    policy::Grants grants;
    if (!reader.is_map(place, keys)) {
        return grants;
    }
    const auto subscribe = Reader::find(place, "subscribe");
    const auto deliver = Reader::find(place, "deliver");
    grants.publish = read_rules(reader, Reader::find(place, "publish"), publish_keys);
    grants.subscribe = read_rules(reader, subscribe, subscribe_keys);
    grants.deliver = deliver ? read_rules(reader, deliver, deliver_keys) : grants.subscribe;
    grants.forward = read_rules(reader, Reader::find(place, "forward"), forward_keys);
    grants.deny = read_denials(reader, Reader::find(place, "deny"));
    if (const auto only = Reader::find(place, "certificate_only")) {
        grants.certificate_only = reader.truth(*only);
    }
    if (deliver && subscribe && !reader.failed()) {
        refuse_delivery_keys(reader, *subscribe);
    }
    return grants;
}

std::string read_value(Reader& reader, const Place& place) {
    constexpr std::string_view remedy =
        "write 1 to 64 bytes without '/', '+', '#' or NUL, and without a leading '$': it replaces part of a level";
    std::string value = reader.text(place, remedy);
    if (!policy::usable_value(value)) {
        reader.refuse(place, quote(value) + " cannot be part of a topic", std::string(remedy));
    }
    return value;
}

Attributes read_attributes(Reader& reader, const std::optional<Place>& place) {
    Attributes attributes;
    if (!place || !reader.is(*place, Kind::map, "write NAME: VALUE")) {
        return attributes;
    }
    for (const Field& field : place->element->fields) {
        if (!valid_principal(field.name) || std::ranges::count(built_in, field.name) > 0) {
            reader.refuse_key(field.line, place->key, quote(field.name) + " is not a valid attribute name",
                              "write 1 to 64 of A-Z a-z 0-9 . _ -, but not id, role or cn, which are reserved");
        }
        attributes.emplace(field.name, read_value(reader, {&field.value, field_key(place->key, field.name)}));
    }
    return attributes;
}

// The roles or the principals. `what` is the word for one of them.
Holders read_holders(Reader& reader, const std::optional<Place>& place, const std::string& what, Keys keys) {
    Holders holders;
    if (!place || !reader.is(*place, Kind::map, "write the name of a " + what + " and under it what it is granted")) {
        return holders;
    }
    for (const Field& field : place->element->fields) {
        const Place holder{&field.value, field_key(place->key, field.name)};
        if (!valid_principal(field.name)) {
            reader.refuse_key(field.line, place->key, quote(field.name) + " is not a valid " + what + " name",
                              "write 1 to 64 of A-Z a-z 0-9 . _ -");
        }
        holders.emplace(field.name, read_grants(reader, holder, keys)).first->second.line = field.line;
        if (reader.failed()) {
            break;
        }
    }
    return holders;
}

void read_all_attributes(Reader& reader, const std::optional<Place>& principals, policy::Acl& acl) {
    if (!principals || reader.failed()) {
        return;
    }
    for (const Field& field : principals->element->fields) {
        const Place principal{&field.value, field_key(principals->key, field.name)};
        if (auto own = read_attributes(reader, Reader::find(principal, "attributes")); !own.empty()) {
            acl.attributes.emplace(field.name, std::move(own));
        }
    }
}

// Names of placeholders that can have a value.
using Names = std::vector<std::string_view>;

std::string name_remedy(std::string_view name, const Names& names) {
    const std::string_view meant = nearest(name, names);
    return meant.empty() ? "write it under attributes of the principals that need it"
                         : "did you mean {" + std::string(meant) + "}?";
}

void check_names(Reader& reader, const std::vector<policy::Rule>& rules, const Names& names) {
    for (const policy::Rule& rule : rules) {
        for (const policy::Piece& piece : policy::pieces(rule.pattern).value_or(std::vector<policy::Piece>())) {
            const std::string_view name = piece.placeholder;
            if (!name.empty() && std::ranges::find(names, name) == names.end()) {
                reader.refuse_key(rule.origin.line, rule.origin.key,
                                  quote(rule.pattern) + ": {" + printable(name) + "} has no value here",
                                  name_remedy(name, names));
            }
        }
    }
}

void check_names(Reader& reader, const policy::Grants& grants, const Names& names) {
    for (const auto* rules : {&grants.publish, &grants.subscribe, &grants.deliver, &grants.forward,
                              &grants.deny.publish, &grants.deny.subscribe, &grants.deny.deliver}) {
        check_names(reader, *rules, names);
    }
}

// A placeholder that has no value for anybody who may have the rule is a mistake.
void check_names(Reader& reader, const policy::Acl& acl) {
    Names anybodys(built_in.begin(), built_in.end());
    for (const auto& [principal, attributes] : acl.attributes) {
        for (const auto& [name, value] : attributes) {
            anybodys.push_back(name);
        }
    }
    for (const auto& [role, grants] : acl.roles) {
        check_names(reader, grants, anybodys);
    }
    for (const auto& [principal, grants] : acl.principals) {
        Names own{"id", "cn"};
        if (const auto attributes = acl.attributes.find(principal); attributes != acl.attributes.end()) {
            for (const auto& [name, value] : attributes->second) {
                own.push_back(name);
            }
        }
        check_names(reader, grants, own);
    }
}

bool read_narrow(Reader& reader, const std::optional<Place>& place) {
    constexpr std::string_view remedy = "write refuse or narrow";
    const std::string text = place ? reader.text(*place, remedy) : "refuse";
    if (text != "refuse" && text != "narrow") {
        reader.refuse(*place, quote(text) + " is neither refuse nor narrow", std::string(remedy));
    }
    return text == "narrow";
}

}  // namespace

Checked<policy::Acl> parse_acl(std::string_view yaml, std::string_view file) {
    const Checked<Element> document = parse_document(yaml, file, max_acl_size);
    if (!document) {
        return document.error();
    }
    Reader reader(file);
    const Place root{&*document, ""};
    policy::Acl acl;
    acl.file = file;
    if (reader.is_map(root, root_keys)) {
        const auto principals = Reader::find(root, "principals");
        reader.require_version(root);
        acl.narrow = read_narrow(reader, Reader::find(root, "wide_subscriptions"));
        acl.roles = read_holders(reader, Reader::find(root, "roles"), "role", role_keys);
        acl.principals = read_holders(reader, principals, "principal", principal_keys);
        read_all_attributes(reader, principals, acl);
        check_names(reader, acl);
    }
    if (acl.roles.empty() && acl.principals.empty()) {
        reader.refuse(root, "nobody is granted anything", "write at least one role or principal");
    }
    return reader.result(std::move(acl));
}

}  // namespace reseal::config
